"""TagLibrary and Tag: the allowed tags, with aliases and groups."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from ml_backend.contract import library_file
from ml_backend.errors import BadRequest


def require_folder_name(key: str) -> None:
    """Refuse a key that can be no folder's name, as a slug still may; raises ValidationError."""
    try:
        library_file(Path(), key)
    except BadRequest as e:
        raise ValidationError(str(e)) from e


class TagLibrary(models.Model):
    """The tags that catalogs choose from.

    revision grows with every change of an active tag; it stands in the version that Label Studio is told, so that
    open tasks get new drafts.
    """

    key = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    language = models.CharField(max_length=10, default="en")
    promotes_by_hand = models.BooleanField(
        default=False, help_text="A tagger that passes the gate waits for an admin's click."
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    searched_at = models.DateTimeField(
        null=True, editable=False, help_text="When products and suggestions were last searched for new tags."
    )

    class Meta:
        verbose_name_plural = "tag libraries"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a key that can be no folder's name."""
        require_folder_name(self.key)


class Tag(models.Model):
    """One allowed tag; or a word that was proposed, or by which another tag was once known.

    Decisions and trained taggers keep the names of their day: a row of state MOVED holds such a name and points at the
    tag that carries it now, so that a former name is never given to another tag.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACTIVE = "active"
        RETIRED = "retired"
        REFUSED = "refused", "refused: a proposed phrase that is no tag"
        MOVED = "moved", "moved: a former name of another tag"

    library = models.ForeignKey(TagLibrary, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=100)
    group = models.CharField(max_length=100, blank=True)
    aliases = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    moved_to = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="former", null=True, blank=True, editable=False
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["library", "group", "name"]
        constraints = [
            models.UniqueConstraint(fields=["library", "name"], name="a_tag_stands_once_in_its_library"),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_tag_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(state="moved", moved_to__isnull=False)
                | (~models.Q(state="moved") & models.Q(moved_to=None)),
                name="a_moved_tag_tells_where_to",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TagProposal(models.Model):
    """What speaks for a proposed tag, as of the last search.

    examples are [sku, the words around the phrase], nearest are [tag, likeness in [0, 1]], the likest first; score
    orders proposals, higher is better.
    """

    tag = models.OneToOneField(Tag, on_delete=models.CASCADE, related_name="proposal")
    n_products = models.PositiveIntegerField(help_text="How many products say it.")
    n_suggestions = models.PositiveIntegerField(help_text="How often annotators missed it.")
    score = models.FloatField()
    examples = models.JSONField(default=list)
    nearest = models.JSONField(default=list)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["-n_suggestions", "-score"]

    def __str__(self) -> str:
        return str(self.tag)
