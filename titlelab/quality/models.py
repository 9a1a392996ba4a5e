"""DecisionMeasure, EditMark, TagMeasure: what one Decision says; QualitySnapshot: what all say of a version."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from titlelab.catalog.models import Catalog, Product
from titlelab.quality.querysets import DecisionMeasureQuerySet
from titlelab.review.models import Decision, ReviewItem, ReviewQueue


class QualitySnapshot(models.Model):
    """What current Decisions say of one version's drafts; figures are means over n Decisions, None when n is 0.

    Counted are Decisions of people who saw the drafted title. The n_written others typed theirs from the sources;
    written_edit is how far that is from the draft which they did not see, and so an honest edit distance. chrf and
    rouge_l are of titles that were shown, higher is nearer. Tags are counted over all Decisions together; they and the
    titles' figures leave out the rejected, which have no final values. category_accuracy: of those with a category,
    drafted or chosen.
    """

    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="snapshots")
    version = models.CharField(max_length=60)
    taken_at = models.DateTimeField(auto_now=True)
    n = models.PositiveIntegerField()
    n_accepted = models.PositiveIntegerField()
    n_rejected = models.PositiveIntegerField()
    n_written = models.PositiveIntegerField(default=0)
    acceptance_rate = models.FloatField(null=True)
    title_edit = models.FloatField(null=True)
    chrf = models.FloatField(null=True)
    rouge_l = models.FloatField(null=True)
    written_edit = models.FloatField(null=True)
    tag_precision = models.FloatField(null=True)
    tag_recall = models.FloatField(null=True)
    tag_f1 = models.FloatField(null=True)
    category_accuracy = models.FloatField(null=True)
    seconds = models.FloatField(null=True)

    class Meta:
        ordering = ["catalog", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["catalog", "version"], name="a_version_of_a_catalog_has_one_snapshot")
        ]

    def __str__(self) -> str:
        return f"{self.catalog} {self.version}"


class ChoosingSnapshot(models.Model):
    """What choosing had saved a catalog, and what more labels were worth, as of a moment.

    saved and outlook as in savings.py, None while too little is known.
    """

    catalog = models.OneToOneField(Catalog, on_delete=models.CASCADE, related_name="choosing_snapshot")
    taken_at = models.DateTimeField(auto_now=True)
    n_random = models.PositiveIntegerField()
    n_chosen = models.PositiveIntegerField()
    saved = models.JSONField(null=True)
    outlook = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.catalog}: {self.n_chosen} chosen, {self.n_random} random"


LONGEST_CATEGORY = 200
LONGEST_MARK = 200  # characters; a row of PostgreSQL's index holds 2,700 bytes, and two of these have 1,600 at most


class EditKind(models.TextChoices):
    """What a change of the drafted title was, by rule; see edits.py."""

    FACT_ADDED = "fact_added", _("fact added")
    FACT_CORRECTED = "fact_corrected", _("fact corrected")
    FACT_REMOVED = "fact_removed", _("fact removed")
    SHORTENED = "shortened", _("shortened")
    REORDERED = "reordered", _("reordered")
    BRAND = "brand", _("brand")
    NUMBER_OR_UNIT = "number_or_unit", _("number or unit")
    STYLE = "style", _("style")
    POLICY = "policy", _("policy")


class DecisionMeasure(models.Model):
    """What one current Decision says of its draft, counted once, so that pages are sums over this narrow table.

    What it is grouped by stands beside it as it was when it was decided: category is the first level of the product's
    path, channel the channel's key, version the pair as shown ("" where nothing was drafted, and both numbers None),
    person the annotator's e-mail address. day and week (its Monday) are in the time zone of the settings.

    edit is the normalised Levenshtein distance between drafted and final title, None without either; of a blind item
    that of the draft which was kept back. chrf and rouge_l, higher is nearer, are of titles that were shown, else None.
    seconds are cut at ten minutes. n_proposed, n_final and n_kept count tags by their names of today, all 0 where
    nothing was drafted or all was rejected. kept_category is None where no category was drafted or chosen. rules is the
    version of measures.py.
    """

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, primary_key=True, related_name="measure")
    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="+", db_index=False)
    queue = models.ForeignKey(ReviewQueue, on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(max_length=LONGEST_CATEGORY, blank=True)
    channel = models.CharField(max_length=60)
    version = models.CharField(max_length=60, blank=True)
    titler_version = models.PositiveIntegerField(null=True)
    tagger_version = models.PositiveIntegerField(null=True)
    person = models.CharField(max_length=200)
    decided_at = models.DateTimeField()
    day = models.DateField()
    week = models.DateField()
    outcome = models.CharField(max_length=10, choices=Decision.Outcome)
    arm = models.CharField(max_length=10, choices=ReviewItem.Arm)
    is_blind = models.BooleanField()
    edit = models.FloatField(null=True)
    chrf = models.FloatField(null=True)
    rouge_l = models.FloatField(null=True)
    seconds = models.FloatField(null=True)
    n_proposed = models.PositiveSmallIntegerField(default=0)
    n_final = models.PositiveSmallIntegerField(default=0)
    n_kept = models.PositiveSmallIntegerField(default=0)
    kept_category = models.BooleanField(null=True)
    rules = models.PositiveSmallIntegerField()

    objects = DecisionMeasureQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_at"]
        indexes = [
            models.Index(fields=["catalog", "week", "rules"]),
            models.Index(fields=["queue", "week"]),
            models.Index(fields=["catalog", "version"]),
            models.Index(fields=["catalog", "category"]),
            models.Index(fields=["catalog", "person"]),
            models.Index(fields=["week"]),
            models.Index(models.F("decided_at").desc(), name="measure_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} on {self.day}"


class EditMark(models.Model):
    """One change that a Decision made to its drafted title, and of what kind it is; before and after may be cut."""

    # Found by the unique constraint's index, which begins with it.
    measure = models.ForeignKey(DecisionMeasure, on_delete=models.CASCADE, related_name="marks", db_index=False)
    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="+", db_index=False)
    week = models.DateField()
    kind = models.CharField(max_length=20, choices=EditKind)
    before = models.CharField(max_length=LONGEST_MARK, blank=True)
    after = models.CharField(max_length=LONGEST_MARK, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "kind", "before", "after"], name="a_change_is_marked_once_in_its_decision"
            )
        ]
        indexes = [models.Index(fields=["catalog", "kind", "week"])]

    def __str__(self) -> str:
        return f"{self.kind}: {self.before} → {self.after}"


class TagMeasure(models.Model):
    """What a Decision made of one tag, by its name of today."""

    class Change(models.TextChoices):
        KEPT = "kept", _("kept")
        ADDED = "added", _("added")
        REMOVED = "removed", _("removed")

    measure = models.ForeignKey(DecisionMeasure, on_delete=models.CASCADE, related_name="tags", db_index=False)
    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="+", db_index=False)
    week = models.DateField()
    name = models.CharField(max_length=100)
    change = models.CharField(max_length=10, choices=Change)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "name"], name="a_tag_is_measured_once_in_its_decision")
        ]
        indexes = [models.Index(fields=["catalog", "name", "week", "change"])]

    def __str__(self) -> str:
        return f"{self.name}: {self.change}"


class DraftCount(models.Model):
    """How many drafts a catalog had up to one of them, the same for all catalogs; see draft_counts.py."""

    catalog = models.OneToOneField(Catalog, on_delete=models.CASCADE, primary_key=True, related_name="+")
    n = models.PositiveIntegerField()
    last_draft = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.catalog}: {self.n}"


class MeasuringHold(models.Model):
    """Until when a worker measures, in the table's one row; see holding.py."""

    until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.until)


class Suggestion(models.Model):
    """What the same correction over several products suggests; see suggestions.py for what word and goal are.

    While it is open its figures follow the Decisions, and it goes when they no longer speak for it. Once somebody has
    settled it, it stays as it is and is not made again.
    """

    class Sort(models.TextChoices):
        REPLACED = "replaced", _("alias: a word that people replace by a tag's")
        SAID = "said", _("alias: a word of the products that people add a tag to")
        BANNED = "banned", _("word to ban")
        HABIT = "habit", _("habit of the template")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DISMISSED = "dismissed", _("dismissed")

    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="suggestions")
    sort = models.CharField(max_length=10, choices=Sort)
    word = models.CharField(max_length=100)
    goal = models.CharField(max_length=100, blank=True)
    n_decisions = models.PositiveIntegerField()
    n_products = models.PositiveIntegerField()
    n_people = models.PositiveIntegerField()
    n_titles = models.PositiveIntegerField(help_text="How many drafted titles people saw meanwhile.")
    examples = models.JSONField(default=list, help_text="The latest of its Decisions, by primary key.")
    found_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    settled_by = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-n_products", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "sort", "word", "goal"], name="a_catalog_is_given_a_suggestion_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", settled_at=None)
                | (~models.Q(state="open") & ~models.Q(settled_at=None)),
                name="a_settled_suggestion_tells_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word} → {self.goal}" if self.goal else self.word
