"""What is watched, and what was seen: alert rules, and the ledger of alerts with its one button."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from titlelab.alerts.addressing import unreachable
from titlelab.alerts.kinds import USUAL, Kind
from titlelab.alerts.models import Alert, AlertRule
from titlelab.alerts.opening import acknowledge, forget_acknowledgement
from titlelab.alerts.sentences import drift_rows
from titlelab.languages.naming import named
from titlelab.people import rights
from titlelab.people.roles import ROLES
from titlelab.web.admin.ledger import Ledger
from titlelab.web.admin.lines import Lines
from titlelab.web.admin.one_click import Link, OneClick, click
from titlelab.web.admin.scoping import Scoped
from titlelab.web.admin.tables import table
from titlelab.web.alerting import about, mail_problem

MAY = "alerts.change_alert"
UNITS = {
    Kind.PRODUCT_DRIFT: gettext_lazy("population stability index, %(limit)s"),
    Kind.DRAFT_DRIFT: gettext_lazy("population stability index, %(limit)s"),
    Kind.FALLING_ACCEPTANCE: gettext_lazy("fall of the accepted share, %(limit)s"),
    Kind.STALLED_QUEUE: gettext_lazy("days without a Decision, %(limit)s"),
    Kind.FAILING_WEBHOOK: gettext_lazy("minutes without an event, %(limit)s"),
    Kind.RUN_FAILED: gettext_lazy("failures one after the other, %(limit)s"),
    Kind.FOLDER_MISSING: gettext_lazy("folders, %(limit)s"),
}


class RuleForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    mail_roles = forms.MultipleChoiceField(
        required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget(), label=gettext_lazy("Mail to"),
        help_text=gettext_lazy("Everybody of these roles who works on the catalog; superusers where that is nobody."),
    )  # fmt: skip
    mail_also = Lines(
        label=gettext_lazy("Mail also to"),
        help_text=gettext_lazy("E-mail addresses of accounts that may see the catalog's alerts, one a line."),
    )

    class Meta:
        model = AlertRule
        fields = ["kind", "catalog", "threshold", "is_active", "mail_roles", "mail_also", "remind_after_days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "mail_roles" in self.fields:  # absent where the reader may only read
            self.fields["mail_roles"].choices = [(role, named(role)) for role in ROLES]  # type: ignore[attr-defined] # of a MultipleChoiceField
        if "threshold" in self.fields:
            usual = "; ".join(f"{label}: {_unit(kind, USUAL[Kind(kind)].limit)}" for kind, label in self._kinds())
            self.fields["threshold"].help_text = _("Empty: the usual one. %(usual)s.") % {"usual": usual}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        catalog = cleaned.get("catalog", self.instance.catalog)
        for address in unreachable(cleaned.get("mail_also") or [], catalog):
            told = _("Nobody who may see these alerts has the address %(address)s.") % {"address": address}
            self.add_error("mail_also", told)
        return cleaned

    def _kinds(self) -> list[tuple[str, Any]]:
        choices = dict(AlertRule._meta.get_field("kind").flatchoices)
        return [(self.instance.kind, choices[self.instance.kind])] if self.instance.pk else list(choices.items())


@admin.register(AlertRule)
class AlertRuleAdmin(Scoped):
    form = RuleForm
    list_display = ["kind_name", "catalog_name", "limit_name", "is_active", "mailed_to", "remind_after_days"]
    list_filter = ["kind", ("catalog", RelatedDropdownFilter), "is_active"]
    list_filter_submit = True
    list_select_related = ["catalog"]
    search_fields = ["kind", "catalog__name"]
    list_before_template = "titlelab/mail_problem.html"

    def get_readonly_fields(self, request: HttpRequest, obj: AlertRule | None = None) -> list[str]:
        return ["kind", "catalog"] if obj else []  # its alerts are of that kind and of these catalogs

    def get_fields(self, request: HttpRequest, obj: AlertRule | None = None) -> list[str]:
        """Keep the addresses in a rule for all catalogs from who does not see all of them."""
        own = obj is None or rights.is_own(obj, request.user)
        return [name for name in RuleForm.Meta.fields if own or name != "mail_also"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "catalog" and not rights.sees_every_catalog(request.user):
            field.required = True
        return field

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), "mail_problem": mail_problem()})

    @display(description=gettext_lazy("what is watched"), ordering="kind")
    def kind_name(self, rule: AlertRule) -> str:
        return rule.get_kind_display()

    @display(description=gettext_lazy("catalog"), ordering="catalog__name")
    def catalog_name(self, rule: AlertRule) -> str:
        return str(rule.catalog) if rule.catalog else _("all others")

    @display(description=gettext_lazy("told from"))
    def limit_name(self, rule: AlertRule) -> str:
        return _unit(rule.kind, rule.limit)

    @display(description=gettext_lazy("mail to"))
    def mailed_to(self, rule: AlertRule) -> str:
        roles = [str(named(role)) for role in rule.mail_roles]
        n = len(rule.mail_also)
        others = [ngettext("%(n)s address", "%(n)s addresses", n) % {"n": n}] if n else []
        return ", ".join([*roles, *others]) or _("superusers")


class IsOpen(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("unheard", _("open, not acknowledged")), ("closed", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        chosen = self.value()
        found: QuerySet[Alert] = (
            getattr(queryset, chosen)() if chosen and chosen in dict(self.lookup_choices) else queryset
        )
        return found


@admin.register(Alert)
class AlertAdmin(OneClick, Ledger):
    list_display = ["__str__", "catalog", "state_label", "opened_at", "closed_at", "acknowledged_by"]
    list_filter = [IsOpen, "kind", ("catalog", RelatedDropdownFilter)]
    list_select_related = ["catalog", "acknowledged_by"]
    search_fields = ["catalog__name", "subject"]
    list_before_template = "titlelab/mail_problem.html"
    clicks: ClassVar = ["acknowledge", "mail_again"]
    readonly_fields = ["says", "features", "mails"]

    def get_fields(self, request: HttpRequest, obj: Alert | None = None) -> list[str]:
        moved = ["features"] if obj and obj.data.get("features") else []
        times = ["opened_at", "last_seen_at", "closed_at"]
        return ["says", *moved, "kind", "catalog", "rule", *times, "acknowledged_at", "acknowledged_by", "mails"]

    def fitting(self, row: Alert) -> list[str]:
        if row.closed_at:
            return []
        return ["mail_again"] if row.acknowledged_at else ["acknowledge"]

    def links(self, request: HttpRequest, row: Alert) -> list[Link]:
        return [Link(label=_("What it is about"), url=about(row), icon="arrow_forward")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), "mail_problem": mail_problem()})

    @display(description=gettext_lazy("state"), label={"open": "danger", "heard": "warning", "over": "success"})
    def state_label(self, alert: Alert) -> tuple[str, str]:
        if alert.closed_at:
            return "over", _("over")
        return ("heard", _("acknowledged")) if alert.acknowledged_at else ("open", _("open"))

    @display(description=gettext_lazy("what is wrong"))
    def says(self, alert: Alert) -> str:
        return str(alert)

    @display(description=gettext_lazy("what moved"))
    def features(self, alert: Alert) -> str:
        headers = [_("feature"), _("label"), _("before"), _("now"), _("stability index")]
        return table(headers, drift_rows(alert.data))

    @display(description=gettext_lazy("mails"))
    def mails(self, alert: Alert) -> str:
        if not settings.EMAIL_URL and not alert.mailed_at:
            return _("none: no mail is set up")
        counted = alert.letters.aggregate(
            sent=Count("pk", filter=Q(sent_at__isnull=False)),
            lost=Count("pk", filter=Q(given_up_at__isnull=False)),
            all=Count("pk"),
        )
        counted["waiting"] = counted["all"] - counted["sent"] - counted["lost"]
        return _("%(sent)s sent, %(waiting)s waiting, %(lost)s given up") % counted

    @click("Acknowledge", permission=MAY, icon="done", hint="you know of it: no more mails about it")
    def acknowledge(self, request: HttpRequest, alert: Alert) -> str:
        acknowledge(alert, int(request.user.pk or 0))
        return _("Acknowledged: nobody is mailed about it again.")

    @click("Mail again", permission=MAY, icon="notifications_active", hint="takes the acknowledgement back")
    def mail_again(self, request: HttpRequest, alert: Alert) -> str:
        forget_acknowledgement(alert)
        return _("No longer acknowledged: its rule says whether it is mailed again.")


def _unit(kind: str, limit: float) -> str:
    return str(UNITS[Kind(kind)]) % {"limit": f"{limit:g}"}
