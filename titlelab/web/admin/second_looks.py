"""The second pass: a reviewer looks at one Decision after another, and accepts, mends or sends it back by keyboard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from ml_backend.contract import Brief, from_json, path_name
from tasks.label_studio import push_queue
from titlelab.catalog.briefing import briefs
from titlelab.errors import TitleLabError
from titlelab.people.rights import catalogs, may
from titlelab.people.settling import names_of
from titlelab.quality.diffs import Piece, word_diff
from titlelab.quality.slices import key_of
from titlelab.review.categories import taxonomy_paths
from titlelab.review.classifying import Final
from titlelab.review.looking import LONGEST_REASON, Reviewer, accept, hold_next, mend, send_back
from titlelab.review.models import Decision, DueLook, SecondLook
from titlelab.review.querysets import DueLookQuerySet
from titlelab.tags.models import Tag
from titlelab.tags.names import PresentNames
from titlelab.web.admin.ledger import LongLedger
from titlelab.web.ringing import ring

MAY = "review.add_secondlook"
CATEGORY_SEPARATOR = " > "
VERDICT_LABELS = {"accepted": "success", "mended": "info", "sent_back": "warning"}
# What reviewers mostly say: offered while they type, and what they type is as good.
REASONS = [
    gettext_lazy("A fact is not in the source."),
    gettext_lazy("A fact of the source is missing."),
    gettext_lazy("The title is too long."),
    gettext_lazy("The words stand in a poor order."),
    gettext_lazy("A tag is missing."),
    gettext_lazy("A tag does not fit."),
    gettext_lazy("It is another kind of product."),
]


class MendForm(forms.Form):
    """A reviewer's own title, tags and category, and why."""

    title = forms.CharField(max_length=1000)
    tags = forms.MultipleChoiceField(required=False)
    category = forms.CharField(required=False)
    reason = forms.CharField(max_length=LONGEST_REASON)

    def __init__(self, *args: Any, tags: Sequence[str], paths: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [(tag, tag) for tag in tags]  # type: ignore[attr-defined] # of a choice field
        self._paths = paths

    def clean_category(self) -> tuple[str, ...]:
        told = " ".join(self.cleaned_data["category"].split())
        if told and told not in self._paths:
            raise forms.ValidationError(_("“%(path)s” is no category of this catalog.") % {"path": told})
        return tuple(told.split(CATEGORY_SEPARATOR)) if told else ()

    def final(self) -> Final:
        given = self.cleaned_data
        return Final(title=given["title"], tags=tuple(given["tags"]), category=given["category"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A Decision as it is laid before a reviewer; who made it is not told, for the look should be at the work.

    drafted is "" where the annotator saw no title: then the reviewer sees none either. paths of (): nobody asks for
    the category.
    """

    decision: Decision
    due: DueLook | None
    facts: tuple[tuple[str, str], ...]
    description: str
    drafted: str
    warnings: tuple[str, ...]
    pieces: tuple[Piece, ...]
    kept: tuple[str, ...]
    tags: tuple[tuple[str, bool], ...]
    category: str
    paths: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.decision.item.queue.catalog.language


@admin.register(SecondLook)
class SecondLookAdmin(LongLedger):
    list_display = ["sku", "verdict_label", "reason", "person", "annotator", "looked_at"]
    list_filter = [
        ("decision__item__queue", RelatedDropdownFilter),
        "verdict",
        ("looked_at", RangeDateTimeFilter),
    ]
    list_select_related = ["decision__item__product"]
    search_fields = ["decision__item__product__sku", "person", "decision__person", "reason"]
    fields = ["decision", "verdict", "reason", "person", "looked_at", "asked_again"]
    list_before_template = "titlelab/second_pass_button.html"

    @display(description="sku", ordering="decision__item__product__sku")
    def sku(self, look: SecondLook) -> str:
        return look.decision.item.product.sku

    @display(description="verdict", ordering="verdict", label=VERDICT_LABELS)
    def verdict_label(self, look: SecondLook) -> tuple[str, str]:
        return look.verdict, look.get_verdict_display()

    @display(description="whose Decision", ordering="decision__person")
    def annotator(self, look: SecondLook) -> str:
        return look.decision.person

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.second_pass_view)
        return [path("second-pass/", view, name="review_second_pass"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        n_due = _due(request).waiting().count() if may(request.user, MAY) else None
        return super().changelist_view(request, {**(extra_context or {}), "n_due": n_due})

    def second_pass_view(self, request: HttpRequest) -> HttpResponse:
        """Show the next Decision, or the one that is asked for; what is sent is recorded, and the next one follows."""
        if not may(request.user, MAY):
            raise PermissionDenied
        if request.method == "POST":
            return self._answered(request)
        asked = key_of(request.GET.get("decision", ""))
        if asked is not None:
            return self._page(request, _case(_decision(request, asked)), {})
        after = key_of(request.GET.get("after", ""))
        due = hold_next(_due(request), by=_reviewer(request), now=timezone.now(), after=after)
        return self._page(request, _case(_decision(request, due.decision_id), due) if due else None, {})

    def _answered(self, request: HttpRequest) -> HttpResponse:
        decision = _decision(request, key_of(request.POST.get("decision", "")) or 0)
        case = _case(decision)
        form = MendForm(request.POST, tags=[tag for tag, _is_given in case.tags], paths=case.paths)
        verdict = request.POST.get("verdict")
        if verdict == SecondLook.Verdict.MENDED and not form.is_valid():
            return self._page(request, case, request.POST, [str(e) for told in form.errors.values() for e in told])
        try:
            messages.success(request, _record(request, decision, form))
        except TitleLabError as e:
            return self._page(request, case, request.POST, [str(e)])
        return HttpResponseRedirect(request.path)

    def _page(
        self, request: HttpRequest, case: Case | None, given: Any, errors: Sequence[str] = ()
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Second pass"),
            "opts": self.opts,
            "case": case,
            "given": given,
            "errors": errors,
            "reasons": REASONS,
            "n_due": _due(request).waiting().count(),
            "tags": _ticked(case, given) if case else [],
        }
        return TemplateResponse(request, "titlelab/second_pass.html", context, status=422 if errors else 200)


def _record(request: HttpRequest, decision: Decision, form: MendForm) -> str:
    """Record the look that was sent; returns what to tell the reviewer. Raises NotPossibleNow."""
    by, now, reason = _reviewer(request), timezone.now(), request.POST.get("reason", "")
    sku = decision.item.product.sku
    match request.POST.get("verdict"):
        case SecondLook.Verdict.MENDED:
            mend(decision, form.final(), by=by, reason=form.cleaned_data["reason"], now=now)
            return _("%(sku)s was mended.") % {"sku": sku}
        case SecondLook.Verdict.SENT_BACK:
            look = send_back(decision, by=by, reason=reason, now=now)
            if look.asked_again is None:
                return _("%(sku)s was sent back; its product is reserved, so nobody is asked anew.") % {"sku": sku}
            ring(request, push_queue, look.asked_again.queue_id)
            return _("%(sku)s was sent back, and is asked about anew with your reason.") % {"sku": sku}
        case SecondLook.Verdict.ACCEPTED:
            accept(decision, by=by, reason=reason, now=now)
            return _("%(sku)s was accepted as it is.") % {"sku": sku}
        case _:
            raise PermissionDenied


def _due(request: HttpRequest) -> DueLookQuerySet:
    return DueLook.objects.of_catalogs(catalogs(request.user))


def _decision(request: HttpRequest, decision_id: int) -> Decision:
    """Return a Decision that the reviewer may look at; raises PermissionDenied for any other."""
    related = Decision.objects.select_related(
        "item__product", "item__queue__catalog__library", "item__queue__catalog__channel", "draft", "mends"
    )
    decision = related.filter(pk=decision_id).first()
    if decision is None or not may(request.user, MAY, decision):
        raise PermissionDenied
    return decision


def _reviewer(request: HttpRequest) -> Reviewer:
    names = names_of(request.user)
    return Reviewer(email=names[0], names=frozenset(names))


def _case(decision: Decision, due: DueLook | None = None) -> Case:
    item, draft = decision.item, decision.draft
    catalog = item.queue.catalog
    names = PresentNames(catalog.library)
    brief = from_json(Brief, draft.brief) if draft else briefs(catalog, [item.product], timezone.localdate())[0]
    drafted = draft.title if draft and not item.is_blind else ""
    given = names.of(decision.tags)
    known = catalog.library.tags.filter(state=Tag.State.ACTIVE).order_by("group", "name") if catalog.library else []
    others = [tag.name for tag in known if tag.name not in given]
    return Case(
        decision=decision,
        due=due,
        facts=tuple(_facts(brief)),
        description=brief.description,
        drafted=drafted,
        warnings=_warnings(decision) if drafted else (),
        pieces=_pieces(decision, drafted),
        kept=tuple(tag for tag in given if tag not in names.of(decision.tags_added)),
        tags=(*((tag, True) for tag in given), *((tag, False) for tag in others)),
        category=CATEGORY_SEPARATOR.join(decision.category),
        paths=tuple(map(CATEGORY_SEPARATOR.join, taxonomy_paths(catalog))) if catalog.asks_for_category else (),
    )


def _facts(brief: Brief) -> Iterator[tuple[str, str]]:
    """Yield what the source says beside the description, as name and value."""
    yield _("Present title"), brief.title or _("none")
    told = [(_("Brand"), brief.brand), (_("Category"), path_name(brief.category)), *brief.attributes]
    yield from ((name, value) for name, value in (*told, (_("Price"), brief.price)) if value)


def _warnings(decision: Decision) -> tuple[str, ...]:
    """Return what stood against the shown title, what is hard first."""
    best = decision.draft.candidates[0] if decision.draft else {}
    return tuple(said for kind in ("unsupported", "violations", "warnings") for said in best.get(kind, []))


def _pieces(decision: Decision, drafted: str) -> tuple[Piece, ...]:
    if decision.outcome == Decision.Outcome.REJECTED or not drafted:
        return (Piece("same", drafted or decision.title),)
    return word_diff(" ".join(drafted.split()), decision.title)


def _ticked(case: Case, given: Any) -> list[tuple[str, bool]]:
    """Return the tags, ticked as they were sent if the form comes again."""
    sent = given.getlist("tags") if given else None
    return [(tag, is_given if sent is None else tag in sent) for tag, is_given in case.tags]
