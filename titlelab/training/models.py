"""TrainingRun: an attempt to learn; ModelVersion: what came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from titlelab.languages.sentences import said
from titlelab.review.models import Decision
from titlelab.training.querysets import ModelVersionQuerySet, TrainingRunQuerySet

KINDS = [("titler", "titler"), ("tagger", "tagger"), ("categorizer", "categorizer")]


class TrainingRun(models.Model):
    """One attempt to learn, with its state, progress and verdict.

    scope is the catalog's key, but for a tagger the library's. lease_token is held by the worker at work and
    must be renewed before lease_until; started_at is when the last attempt began to read the Decisions; verdict and
    report as in gate.py and ml_backend.contract.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        CANCELLING = "cancelling", "being cancelled"
        CANCELLED = "cancelled"
        DONE = "done", "done: passed the gate, waits for promotion by hand"
        PROMOTED = "promoted", "done: passed the gate and serves"
        REFUSED = "refused", "done: refused by the gate"
        NOTHING = "nothing", "done: nothing new to learn"
        FAILED = "failed"

    class Method(models.TextChoices):
        TEMPLATE = "template"
        NEIGHBOUR = "neighbour"
        POINTER = "pointer", "Pointer network"
        LANGUAGE_MODEL = "language_model", "Language model"
        ENSEMBLE = "ensemble", "Quick ensemble"
        FULL_ENSEMBLE = "full_ensemble", "Full ensemble"
        TAGGER = "tagger"
        CATEGORIZER = "categorizer"

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", "enough changed Decisions"
        BY_HAND = "by_hand", "an admin's click or command"
        LABEL_STUDIO = "label_studio", "Label Studio's Start Training"
        FIRST = "first", "a catalog's first good titles"

    kind = models.CharField(max_length=20, choices=KINDS)
    method = models.CharField(max_length=20, choices=Method)
    scope = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    trigger = models.CharField(max_length=20, choices=Trigger)
    number = models.PositiveIntegerField(null=True, blank=True, help_text="Of the version it makes.")
    data_hash = models.CharField(max_length=64, blank=True)
    n_examples = models.PositiveIntegerField(default=0)
    n_decisions = models.PositiveIntegerField(default=0)
    last_decision_id = models.PositiveBigIntegerField(default=0)
    progress = models.FloatField(default=0, help_text="0 to 1")
    message = models.TextField(blank=True, help_text="What it is doing, or why it ended.")
    log_tail = models.TextField(blank=True)
    report = models.JSONField(null=True, blank=True)
    verdict = models.JSONField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "scope", "number"], name="a_number_is_allotted_to_one_run"),
            models.UniqueConstraint(
                fields=["method", "scope"],
                condition=Q(state__in=["queued", "running", "cancelling"]),
                name="one_run_of_a_method_and_scope_at_a_time",
            ),
            models.CheckConstraint(condition=Q(progress__gte=0) & Q(progress__lte=1), name="progress_is_a_share"),
        ]

    def __str__(self) -> str:
        told = {"method": self.get_method_display(), "scope": self.scope, "state": said(self.state)}
        return _("%(method)s of %(scope)s (%(state)s)") % told


class TrainingCurve(models.Model):
    """What a run told of its course, a name at a time: points holds [step, seconds, value] lists; see curves.py."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="curves")
    name = models.CharField(max_length=81)
    points = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="a_run_tells_a_curve_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.run}"


class ModelVersion(models.Model):
    """A trained version; its artifacts stand in MODELS_FOLDER/kind/scope/v<number>.

    Number 0 is built in and has no row.
    """

    class State(models.TextChoices):
        CANDIDATE = "candidate"
        SERVING = "serving"
        RETIRED = "retired"

    kind = models.CharField(max_length=20, choices=KINDS)
    method = models.CharField(max_length=20, choices=TrainingRun.Method)
    scope = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.CANDIDATE)
    run = models.OneToOneField(TrainingRun, on_delete=models.PROTECT, related_name="version")
    metrics = models.JSONField(default=dict, blank=True)
    passed_gate = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    promoted_at = models.DateTimeField(null=True, blank=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "scope", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "scope", "number"], name="a_version_has_its_own_number"),
            models.UniqueConstraint(
                fields=["kind", "scope"],
                condition=Q(state="serving"),
                name="one_version_serves_a_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{said(self.kind)} {self.scope} v{self.number}"


class Lessons(models.Model):
    """Which Decisions a run learnt from; packed as number_sets.py does, since they are many and most are neighbours."""

    run = models.OneToOneField(TrainingRun, on_delete=models.CASCADE, related_name="lessons")
    packed = models.BinaryField()

    class Meta:
        verbose_name_plural = "lessons"

    def __str__(self) -> str:
        return f"lessons of {self.run}"


class Spell(models.Model):
    """A time in which a version served its scope; ended_at None: it still does. Between spells served the built-in."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="spells")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["began_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(ended_at=None), name="a_version_serves_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} from {self.began_at}"


class SampleDrafts(models.Model):
    """What a version and the one beside it, by number, make of the same sample products.

    lines holds an object for each product: its id ("product"), its Brief's digest ("brief"), and both drafts
    ("drafted", "beside") as ml_backend.contract.SampleDraft. asked_at is set while drafting is asked for; problem says
    why it failed.
    """

    version = models.OneToOneField(ModelVersion, on_delete=models.CASCADE, related_name="samples")
    beside = models.PositiveIntegerField(default=0)
    lines = models.JSONField(default=list)
    asked_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "sample drafts"

    def __str__(self) -> str:
        return f"samples of {self.version}"


class FrozenGolden(models.Model):
    """A golden Decision that a scope's versions are measured on for good, whatever later ones say; see freezing.py."""

    kind = models.CharField(max_length=20, choices=KINDS)
    scope = models.CharField(max_length=60)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "scope", "decision"], name="a_decision_is_frozen_once_for_a_scope")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.scope}: {self.decision}"
