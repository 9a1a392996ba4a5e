"""AlertRule: what is watched; Alert: what was seen; Letter: who is told; Portrait: what is sold and drafted, daily."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from titlelab.alerts.kinds import USUAL, Kind
from titlelab.alerts.querysets import AlertQuerySet, AlertRuleQuerySet, LetterQuerySet
from titlelab.catalog.models import Catalog

KINDS = [
    (Kind.PRODUCT_DRIFT.value, _("products drift")),
    (Kind.DRAFT_DRIFT.value, _("drafts drift")),
    (Kind.FALLING_ACCEPTANCE.value, _("acceptance falls")),
    (Kind.STALLED_QUEUE.value, _("a queue stalls")),
    (Kind.FAILING_WEBHOOK.value, _("the webhook fails")),
    (Kind.RUN_FAILED.value, _("a training run failed")),
    (Kind.FOLDER_MISSING.value, _("a serving version's folder is missing")),
]

# As days or minutes they are counted back from today: beyond, no calendar has them, and one rule would stop every look.
LARGEST_THRESHOLD, LONGEST_SILENCE_DAYS = 100_000.0, 3650.0

THERE_IS_ONE = _("There is such a rule already: change that one.")


class AlertRule(models.Model):
    """From when on something is told, and to whom; a catalog's own rule goes before the one for all.

    threshold is in the kind's own unit, None for the usual one. mail_roles and mail_also name who is mailed, as far as
    they may see the catalog; see addressing.py.
    """

    kind = models.CharField(max_length=20, choices=KINDS)
    catalog = models.ForeignKey(
        Catalog, on_delete=models.CASCADE, related_name="alert_rules", null=True, blank=True,
        help_text=_("Empty: for all catalogs that have no rule of their own."),
    )  # fmt: skip
    threshold = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0.0), MaxValueValidator(LARGEST_THRESHOLD)]
    )
    is_active = models.BooleanField(
        default=True, help_text=_("Switched off, it opens no alert, and its open ones close.")
    )
    mail_roles = models.JSONField(default=list, blank=True)
    mail_also = models.JSONField(default=list, blank=True)
    remind_after_days = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(1.0), MaxValueValidator(LONGEST_SILENCE_DAYS)],
        help_text=_("Mail again when it has been open for so long. Empty: mail once."),
    )  # fmt: skip

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "catalog"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "catalog"], name="a_kind_has_one_rule_in_its_catalog",
                violation_error_message=THERE_IS_ONE,
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(catalog=None), name="a_kind_has_one_rule_for_all",
                violation_error_message=THERE_IS_ONE,
            ),
            models.CheckConstraint(
                condition=Q(threshold=None) | Q(threshold__gte=0), name="a_threshold_is_not_below_nothing"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.catalog or gettext('all catalogs')}"

    @property
    def limit(self) -> float:
        """The threshold, or the kind's usual one."""
        return USUAL[Kind(self.kind)].limit if self.threshold is None else self.threshold


class Alert(models.Model):
    """That something is, or was, wrong in a catalog: opened once, open as long as it holds.

    subject tells one apart from others of its kind: a queue, a method, a population. data holds what its sentence is
    made of (see sentences.py), in no language, as last seen. mailed_at is when its letters were last written.
    """

    kind = models.CharField(max_length=20, choices=KINDS)
    rule = models.ForeignKey(AlertRule, on_delete=models.SET_NULL, related_name="alerts", null=True, blank=True)
    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    subject = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "catalog", "subject"], condition=Q(closed_at=None), name="an_alert_is_open_once"
            )
        ]
        indexes = [models.Index(fields=["catalog", "closed_at", "opened_at"])]

    def __str__(self) -> str:
        from titlelab.alerts.sentences import sentence

        return sentence(self.kind, self.data)


class Letter(models.Model):
    """A mail to one person about some alerts, kept until the mail server has taken it; see mailing.py.

    busy_until: another worker is sending it, or it is not to be tried again before. problem is what went wrong last.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_letters")
    alerts = models.ManyToManyField(Alert, related_name="letters")
    written_at = models.DateTimeField()
    busy_until = models.DateTimeField(null=True, blank=True)
    n_tries = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]
        indexes = [
            models.Index(fields=["written_at"], condition=Q(sent_at=None, given_up_at=None), name="letter_unsent")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.written_at:%Y-%m-%d %H:%M}"


class Portrait(models.Model):
    """What a catalog's products or drafts look like on a day, and how far they are from an earlier population.

    counts: {feature: {"n", "counts", "is_exclusive"}} of now, where later ones are held against it. drifts: {feature:
    {"psi", "js", "by_chance", "n_before", "n_now", "moved": [[label, before, now], …]}}, without the features that
    can't be compared. about: what else the reader should know, such as which versions drafted. See populations.py.
    """

    class Population(models.TextChoices):
        ARRIVALS = "arrivals", _("new products")
        RANGE = "range", _("all products")
        DRAFTS = "drafts", _("drafts")

    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="portraits", db_index=False)
    population = models.CharField(max_length=10, choices=Population)
    day = models.DateField()
    n = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    drifts = models.JSONField(default=dict)
    about = models.JSONField(default=dict)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["catalog", "population", "day"]
        constraints = [
            models.UniqueConstraint(fields=["catalog", "population", "day"], name="a_population_has_one_portrait_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.catalog}: {self.population}, {self.day}"
