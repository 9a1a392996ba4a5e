"""What people are asked, what they were shown, and what they decided."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from simple_history.models import HistoricalRecords

from titlelab.catalog.models import Catalog, Product
from titlelab.languages.sentences import said
from titlelab.review.querysets import DecisionQuerySet, DueLookQuerySet, ReviewItemQuerySet, ReviewQueueQuerySet


class ReviewQueue(models.Model):
    """A stream of products that people are asked about; one Label Studio project each."""

    class State(models.TextChoices):
        OPEN = "open"
        PAUSED = "paused"

    name = models.CharField(max_length=50, unique=True, help_text="Also the project's title.")
    catalog = models.ForeignKey(Catalog, on_delete=models.PROTECT, related_name="queues")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    working_set = models.PositiveIntegerField(
        default=40, help_text="How many open tasks Label Studio holds; refilled as they are decided."
    )
    random_share = models.FloatField(
        default=0.2,
        help_text="Share of items drawn at random: they make the golden set. At least 0.1.",
    )
    blind_share = models.FloatField(
        default=0.5,
        help_text="Share of the random items that show no drafted title: what people type then is led by no draft.",
    )
    patience_days = models.FloatField(
        default=30, help_text="A product that has waited longer is asked whatever its score."
    )
    asks_about_good_titles = models.BooleanField(
        default=False, help_text="Also ask about products whose present title is good."
    )
    reserved_skus = models.JSONField(
        default=list,
        blank=True,
        help_text="Products of the catalog that no queue asks about and no model learns from: they measure.",
    )
    asked_twice_share = models.FloatField(
        default=0.25,
        help_text=_(
            "Share of the random items that are asked once more after they were decided, to see how far people agree. "
            "Only while several people decide."
        ),
    )
    second_look_share = models.FloatField(
        default=0.05,
        help_text=_("Share of the Decisions that chance chooses for a reviewer's second look."),
    )
    page_language = models.CharField(
        max_length=10,
        blank=True,
        choices=[("en", "English"), ("zh-hans", "简体中文")],
        help_text="Of the annotators' page in Label Studio. Empty: Chinese for a Chinese catalog, else English.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    objects = ReviewQueueQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(random_share__gte=0.1) & Q(random_share__lte=1.0),
                name="at_least_a_tenth_is_drawn_at_random",
            ),
            models.CheckConstraint(condition=Q(working_set__gt=0), name="a_queue_holds_something"),
            models.CheckConstraint(
                condition=Q(blind_share__gte=0.0) & Q(blind_share__lte=1.0),
                name="blind_items_are_a_share_of_the_random_ones",
            ),
            models.CheckConstraint(
                condition=Q(asked_twice_share__gte=0.0) & Q(asked_twice_share__lte=1.0),
                name="what_is_asked_twice_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(second_look_share__gte=0.0) & Q(second_look_share__lte=1.0),
                name="what_is_looked_at_twice_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def language(self) -> str:
        """The language of the annotators' page, as Django calls it."""
        return self.page_language or ("zh-hans" if self.catalog.language.startswith("zh") else "en")


class QueueFilling(models.Model):
    """Until when a worker fills a queue; see holding.py."""

    queue = models.OneToOneField(ReviewQueue, on_delete=models.CASCADE, related_name="filling", primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return _("%(queue)s until %(time)s") % {"queue": self.queue, "time": self.until}


class Draft(models.Model):
    """What a model pair proposed for a product, stored before anybody is shown it; never changed.

    brief is the Brief as JSON; candidates, tags and categories as in ml_backend.contract.Draft.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="drafts")
    version = models.CharField(max_length=60, help_text="The pair as Label Studio is told it.")
    titler_version = models.PositiveIntegerField()
    tagger_version = models.PositiveIntegerField()
    categorizer_version = models.PositiveIntegerField(default=0)
    brief_hash = models.CharField(max_length=32)
    brief = models.JSONField()
    title = models.CharField(max_length=1000)
    candidates = models.JSONField()
    tags = models.JSONField()
    categories = models.JSONField(default=list)
    title_uncertainty = models.FloatField()
    tag_uncertainty = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "version", "brief_hash"],
                name="a_version_drafts_a_brief_once",
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="draft_by_moment")]

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    @property
    def proposed_tags(self) -> list[str]:
        return proposed(self.tags)

    @property
    def category(self) -> list[str]:
        """The category path that is pre-filled, [] for none."""
        return first_path(self.categories)


def proposed(tags: Iterable[Any]) -> list[str]:
    """Return which of a draft's tags are pre-chosen, by name."""
    return [tag["name"] for tag in tags if tag["proba"] >= tag["threshold"]]


def first_path(categories: Sequence[Any]) -> list[str]:
    """Return the likeliest of a draft's categories, [] for none."""
    return list(categories[0]["path"]) if categories else []


class ReviewItem(models.Model):
    """One product asked about in one queue.

    rank decides the order in Label Studio, lowest first; why says in words what made the item worth asking. A blind
    item shows no drafted title: the person types it from the sources, so that a draft can't lead the answer. again_of
    is the item that this one asks about once more: a reviewer sent its answer back, or a second person is to say.
    """

    class State(models.TextChoices):
        CHOSEN = "chosen", "chosen, not yet sent"
        OPEN = "open", "waiting for an annotator"
        DECIDED = "decided"
        WITHDRAWN = "withdrawn", "withdrawn: its product changed or its task is gone"

    class Arm(models.TextChoices):
        UNCERTAIN = "uncertain", "least certain"
        RANDOM = "random", "drawn at random"
        OVERDUE = "overdue", "waited too long"

    queue = models.ForeignKey(ReviewQueue, on_delete=models.PROTECT, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="items")
    state = models.CharField(max_length=10, choices=State, default=State.CHOSEN)
    arm = models.CharField(max_length=10, choices=Arm)
    is_blind = models.BooleanField(default=False, help_text="Shown without a drafted title.")
    rank = models.FloatField()
    why = models.CharField(max_length=300, blank=True)
    content_hash = models.CharField(max_length=32, help_text="The product's when it was chosen.")
    drafts = models.ManyToManyField(Draft, through="Showing", related_name="items")
    again_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="asked_again", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewItemQuerySet.as_manager()

    class Meta:
        ordering = ["queue", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state__in=["chosen", "open"]),
                name="a_product_is_asked_in_one_place_at_a_time",
            ),
            models.CheckConstraint(condition=Q(is_blind=False) | Q(arm="random"), name="only_chance_hides_a_title"),
        ]
        indexes = [models.Index(fields=["queue", "state", "rank"])]

    def __str__(self) -> str:
        return pgettext("item", "%(product)s in %(queue)s") % {"product": self.product, "queue": self.queue}

    @property
    def is_golden(self) -> bool:
        """Random items make the golden set and are never trained on."""
        return self.arm == self.Arm.RANDOM


class Showing(models.Model):
    """That an item was sent with a draft: stored before it is sent, confirmed after."""

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="showings")
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="showings")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["item", "draft"], name="an_item_shows_a_draft_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.draft}"


class Decision(models.Model):
    """What a person made of an item; never changed, only superseded or, when its annotation is deleted, withdrawn.

    draft is None where nothing was shown; of a blind item's draft the tags were shown and the title was not. title and
    tags are the final values, empty when rejected. annotation_id and annotation_updated_at are Label Studio's; together
    with the item they name one revision of one annotation. mends is the annotator's Decision that a reviewer mended:
    the reviewer's stands for the same revision in its place. What a reviewer sent back is superseded by nothing: its
    product is asked about anew. catalog is the product's, for lists of a catalog's latest changes; it is filled in by
    itself.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "accepted as drafted"
        EDITED = "edited"
        REJECTED = "rejected"
        WRITTEN = "written", "written without seeing a draft"

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="decisions")
    catalog = models.ForeignKey(
        Catalog, on_delete=models.PROTECT, related_name="decisions", editable=False, db_index=False
    )
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="decisions", null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    title = models.CharField(max_length=1000, blank=True)
    tags = models.JSONField(default=list, blank=True)
    title_edit = models.FloatField(help_text="Normalised Levenshtein distance from the draft, shown or not, 0 to 1.")
    tags_added = models.JSONField(default=list, blank=True)
    tags_removed = models.JSONField(default=list, blank=True)
    suggested_tags = models.JSONField(
        default=list, blank=True, help_text="Words that the person missed among the tags."
    )
    category = models.JSONField(default=list, blank=True, help_text="From the root; empty where none was chosen.")
    category_changed = models.BooleanField(default=False)
    picked_candidate = models.BooleanField(default=False)
    reject_reason = models.CharField(max_length=100, blank=True)
    person = models.CharField(max_length=200, help_text="The annotator's e-mail address.")
    seconds = models.FloatField(null=True, blank=True, help_text="As Label Studio's editor told.")
    mends = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="mended_by", editable=False
    )
    annotation_id = models.PositiveBigIntegerField()
    annotation_updated_at = models.DateTimeField()
    decided_at = models.DateTimeField(help_text="When the annotation was last changed.")
    read_at = models.DateTimeField(help_text="When Label Studio was asked for the revision.")
    recorded_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(
        default=timezone.now, help_text="When it was recorded, superseded, withdrawn or stood again, by our own clock."
    )
    superseded_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "annotation_id", "annotation_updated_at"],
                condition=Q(mends=None),
                name="a_revision_of_an_annotation_decides_once",
            ),
            models.UniqueConstraint(
                fields=["item", "annotation_id"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="one_decision_of_an_annotation_is_current",
            ),
            models.CheckConstraint(
                condition=Q(title_edit__gte=0) & Q(title_edit__lte=1),
                name="an_edit_distance_is_a_share",
            ),
        ]
        indexes = [
            models.Index(F("decided_at").desc(), name="decision_latest"),
            models.Index(fields=["changed_at"]),
            models.Index(fields=["catalog", "changed_at", "id"], name="decision_changes"),
            models.Index(
                fields=["catalog", "outcome"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="decision_outcomes",
            ),
        ]

    def __str__(self) -> str:
        return f"{said(self.outcome)}: {self.title}"

    def save(self, *told: Any, **named: Any) -> None:  # noqa: ANN401 - Django's own
        """Store it with its product's catalog."""
        self.fill_catalog()
        super().save(*told, **named)

    def fill_catalog(self) -> None:
        """Fill in the product's catalog, which never changes, where it is not known yet."""
        if self.catalog_id is None:
            self.catalog_id = self.item.product.catalog_id

    @property
    def told(self) -> "Decision":
        """What the annotator said: the Decision itself, or the one that reviewers mended."""
        return self.mends.told if self.mends else self


class SecondLook(models.Model):
    """What a reviewer found of somebody else's Decision; one each, never changed.

    accepted: it stands. mended: the reviewer's own Decision stands in its place (Decision.mends). sent_back: it stands
    no more, and asked_again is the item that asks about the product anew; None where nobody is to be asked about it.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("accepted as it was")
        MENDED = "mended", _("mended")
        SENT_BACK = "sent_back", _("sent back")

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="second_look")
    verdict = models.CharField(max_length=10, choices=Verdict)
    reason = models.CharField(max_length=200, blank=True)
    person = models.CharField(max_length=200, help_text=_("The reviewer's e-mail address."))
    looked_at = models.DateTimeField()
    asked_again = models.ForeignKey(
        ReviewItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="sent_back_by"
    )

    class Meta:
        ordering = ["-looked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="accepted") | ~Q(reason=""), name="who_mends_or_sends_back_says_why"
            )
        ]
        indexes = [models.Index(fields=["looked_at"])]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.decision}"


class DueLook(models.Model):
    """That a Decision is to be looked at a second time, and why; done once it has a SecondLook or stands no more.

    Chance draws first, whatever the signs say, so that what it drew is a fair sample of everybody's work. A reviewer
    holds what is open before him until held_until, so that two do not look at the same one.
    """

    class Cause(models.TextChoices):
        CHANCE = "chance", _("drawn by chance")
        CHANGED = "changed", _("changed after a second look")
        WARNED = "warned", _("accepted though a warning stood there")
        HURRIED = "hurried", _("accepted in a hurry")
        RUN = "run", _("in a long run of acceptances")

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="due_look")
    cause = models.CharField(max_length=10, choices=Cause)
    wanted_at = models.DateTimeField()
    held_by = models.CharField(max_length=200, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)

    objects = DueLookQuerySet.as_manager()

    class Meta:
        ordering = ["-wanted_at"]
        indexes = [models.Index(fields=["wanted_at"])]

    def __str__(self) -> str:
        return f"{self.get_cause_display()}: {self.decision}"
