"""What a place where titles are published demands, as dated data, and the phrases that no title of it may hold."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext as _
from simple_history.models import HistoricalRecords

from titlelab.languages.sentences import said


class Channel(models.Model):
    """A place where titles are published, such as Amazon; its demands stand in its policies."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def policy_on(self, day: dt.date) -> "ChannelPolicy | None":
        """Return the policy in force on a day: the latest that is valid by then."""
        return self.policies.filter(valid_from__lte=day).order_by("-valid_from").first()


class ChannelPolicy(models.Model):
    """What a channel demands of a title from a day on."""

    class LengthUnit(models.TextChoices):
        CHARACTERS = "characters", "characters"
        GBK_BYTES = "gbk_bytes", "GBK bytes (a Han character counts two)"

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="policies")
    valid_from = models.DateField()
    max_length = models.PositiveIntegerField()
    length_unit = models.CharField(max_length=20, choices=LengthUnit, default=LengthUnit.CHARACTERS)
    banned_words = models.JSONField(default=list, blank=True)
    banned_characters = models.CharField(max_length=100, blank=True)
    max_repeats = models.PositiveIntegerField(
        null=True, blank=True, help_text="How often one word may stand in a title; empty: any number."
    )
    bans_shouting = models.BooleanField(
        default=False,
        help_text="Words in CAPITALS break the rule, but for acronyms and the brand as the shop spells it.",
    )
    source = models.CharField(max_length=300, blank=True, help_text="Where the rule is published.")
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "channel policies"
        ordering = ["channel", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "valid_from"], name="a_channel_has_one_policy_from_a_day"),
            models.CheckConstraint(condition=models.Q(max_length__gt=0), name="a_title_may_have_a_length"),
        ]

    def __str__(self) -> str:
        told = {"channel": self.channel, "n": self.max_length, "unit": said(self.length_unit), "day": self.valid_from}
        return _("%(channel)s: %(n)s %(unit)s from %(day)s") % told


class _HistoryOfLists(HistoricalRecords):  # type: ignore[misc] # the library is untyped
    """Calls the history of a list's channels by words; the library would by the name of its class."""

    def get_meta_options_m2m(self, through_model: type[models.Model]) -> dict[str, str]:
        names = {
            "verbose_name": "historical channel of a phrase list",
            "verbose_name_plural": "historical channels of phrase lists",
        }
        return {**super().get_meta_options_m2m(through_model), **names}


class PhraseList(models.Model):
    """Phrases that no title of its channels may hold, such as promotional claims; a change counts at once."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    channels = models.ManyToManyField(Channel, related_name="phrase_lists", blank=True)
    phrases = models.JSONField(default=list, blank=True)
    exceptions = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=300, blank=True, help_text="Where the rule is published.")
    history = _HistoryOfLists(m2m_fields=[channels])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
