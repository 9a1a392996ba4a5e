"""What people's corrections suggest, each with a button that does it and one that never asks again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from titlelab.catalog.models import Catalog
from titlelab.errors import TitleLabError
from titlelab.people.rights import Anybody, may, own, sees_every_catalog, visible
from titlelab.quality.models import EditKind, Suggestion, TagMeasure
from titlelab.quality.suggesting import ban, dismiss, make_alias
from titlelab.web.admin.tags import spread
from titlelab.web.quality.decisions import Told, shown_measures, told
from titlelab.web.quality.page import QualityPage

Sort, State = Suggestion.Sort, Suggestion.State
MOST_SHOWN = 40
N_EXAMPLES = 2
N_SETTLED = 20
FIELDS: Mapping[str, Any] = {
    "brand": gettext_lazy("brand"),
    "number": gettext_lazy("number"),
    "colour": gettext_lazy("colour"),
    "material": gettext_lazy("material"),
    "size": gettext_lazy("size"),
    "claim": gettext_lazy("claim, such as waterproof,"),
    "audience": gettext_lazy("audience, such as men,"),
}
HABITS: Mapping[str, Any] = {
    "front": gettext_lazy("People move the %(field)s to the front of the title."),
    "end": gettext_lazy("People move the %(field)s to the end of the title."),
    "added": gettext_lazy("People add the %(field)s to the title."),
    "removed": gettext_lazy("People take the %(field)s out of the title."),
}
SENTENCES: Mapping[str, Any] = {
    Sort.REPLACED: gettext_lazy("People write “%(goal)s” in the place of “%(word)s”, which no tag knows."),
    Sort.SAID: gettext_lazy("People add the tag “%(goal)s” where the source says “%(word)s”."),
    Sort.BANNED: gettext_lazy("People take “%(word)s” out of titles again and again."),
}
HEADINGS: Sequence[tuple[Any, Any, frozenset[str]]] = (
    (
        gettext_lazy("Aliases"),
        gettext_lazy("Words by which a tag could be found as well."),
        frozenset([Sort.REPLACED, Sort.SAID]),
    ),
    (
        gettext_lazy("Words to ban"),
        gettext_lazy("What no title of the channel should hold."),
        frozenset([Sort.BANNED]),
    ),
    (
        gettext_lazy("Habits of the template"),
        gettext_lazy(
            "What people do with a part of the title. Models learn it from Decisions: what stays after a training "
            "wants a look at its examples."
        ),
        frozenset([Sort.HABIT]),
    ),
)
_KINDS_OF_HABITS = {"brand": EditKind.BRAND, "number": EditKind.NUMBER_OR_UNIT}
_KINDS_OF_ACTS = {"added": EditKind.FACT_ADDED, "removed": EditKind.FACT_REMOVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A suggestion as it is shown: act is the button's word, "" where the reader may not press it; why then tells."""

    row: Suggestion
    sentence: str
    evidence: str
    url: str
    act: str
    why: str
    may_dismiss: bool
    examples: Sequence[Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Suggestions of one sort under their heading."""

    heading: str
    meaning: str
    lines: Sequence[Line]


class Suggestions(QualityPage):
    """Open suggestions of the reader's catalogs; a POST settles one."""

    title = gettext_lazy("Quality: suggestions")
    template_name = "titlelab/quality/suggestions.html"
    filtered_by: ClassVar[tuple[str, ...]] = ("catalog",)

    def suggestions(self) -> QuerySet[Suggestion]:
        """Return the suggestions of the page's catalogs, settled or not."""
        rows = visible(Suggestion.objects.select_related("catalog__channel", "catalog__library"), self.request.user)
        return rows if self.slice.catalog is None else rows.filter(catalog=self.slice.catalog)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(self.suggestions().filter(state=State.OPEN)[:MOST_SHOWN])
        settled = self.suggestions().exclude(state=State.OPEN).order_by("-settled_at")[:N_SETTLED]
        examples, asked = self._examples(rows), Rights(self.request.user)
        lines = [_line(row, asked, examples) for row in rows]
        return {
            **super().get_context_data(**kwargs),
            "groups": [
                Group(heading=str(heading), meaning=str(meaning), lines=of_sort)
                for heading, meaning, sorts in HEADINGS
                if (of_sort := [line for line in lines if line.row.sort in sorts])
            ],
            "settled": [(row, _sentence(row)) for row in settled],
            "here": self.request.get_full_path(),
        }

    def _examples(self, rows: Sequence[Suggestion]) -> dict[int, Told]:
        pks = {pk for row in rows for pk in row.examples[:N_EXAMPLES]}
        measures = visible(shown_measures().filter(pk__in=pks), self.request.user)
        return {each.measure.pk: each for each in told(list(measures), self.request)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        act = ACTS.get(request.POST.get("act", ""))
        pk = request.POST.get("suggestion", "")
        row = get_object_or_404(self.suggestions(), pk=int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0)
        if act is None or row.sort not in act.sorts or not act.is_allowed(Rights(request.user), row):
            raise PermissionDenied
        try:
            with transaction.atomic():
                sentence = act.does(request, row)
                self.model_admin.log_change(request, row, sentence)
        except TitleLabError as e:
            messages.error(request, str(e))
        else:
            messages.success(request, sentence)
        return HttpResponseRedirect(request.get_full_path())


class Rights:
    """What a reader may do with suggestions; asks the database once of each catalog and channel."""

    def __init__(self, user: Anybody) -> None:
        self.user = user
        self._known: dict[tuple[str, int], bool] = {}

    def may_change_tags(self, row: Suggestion) -> bool:
        library = row.catalog.library
        return library is not None and self._once(
            "library", library.pk, lambda: may(self.user, "tags.change_tag", library)
        )

    def may_ban(self, row: Suggestion) -> bool:
        """Say whether the phrases of the channel are the reader's to change: all its catalogs are, or everything is."""
        channel = row.catalog.channel
        return self._once("channel", channel.pk, lambda: self._owns_channel(channel.pk))

    def may_dismiss(self, row: Suggestion) -> bool:
        if row.sort in (Sort.REPLACED, Sort.SAID) and self.may_change_tags(row):
            return True
        return self._once("catalog", row.catalog_id, lambda: may(self.user, "catalog.change_catalog", row.catalog))

    def _owns_channel(self, channel: int) -> bool:
        if sees_every_catalog(self.user):
            return may(self.user, "channels.change_phraselist") or may(self.user, "catalog.change_catalog")
        of_channel = Catalog.objects.filter(channel=channel)
        return (
            may(self.user, "catalog.change_catalog")
            and not of_channel.exclude(pk__in=own(of_channel, self.user)).exists()
        )

    def _once(self, kind: str, pk: int, asks: Callable[[], bool]) -> bool:
        if (kind, pk) not in self._known:
            self._known[kind, pk] = asks()
        return self._known[kind, pk]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a button does: for which sorts, whether a reader may, and how; it returns what to tell."""

    sorts: frozenset[str]
    is_allowed: Callable[[Rights, Suggestion], bool]
    does: Callable[[HttpRequest, Suggestion], str]


def _make_alias(request: HttpRequest, row: Suggestion) -> str:
    tag = make_alias(row, by=_name(request), now=timezone.now())
    spread(request, [tag.library])
    return _("“%(word)s” is an alias of “%(tag)s” now.") % {"word": row.word, "tag": tag.name}


def _ban(request: HttpRequest, row: Suggestion) -> str:
    phrases = ban(row, by=_name(request), now=timezone.now())
    told = {"word": row.word, "channel": row.catalog.channel.name, "list": phrases.name}
    return _("No title on %(channel)s may hold “%(word)s” from now on: it stands in the phrase list “%(list)s”.") % told


def _dismiss(request: HttpRequest, row: Suggestion) -> str:
    dismiss(row, by=_name(request), now=timezone.now())
    return _("The suggestion about “%(word)s” is dismissed and will not be made again.") % {"word": _subject(row)}


def _name(request: HttpRequest) -> str:
    return request.user.get_username()[:200]


ACTS: Mapping[str, Act] = {
    "alias": Act(
        sorts=frozenset([Sort.REPLACED, Sort.SAID]), is_allowed=Rights.may_change_tags, does=_make_alias
    ),
    "ban": Act(sorts=frozenset([Sort.BANNED]), is_allowed=Rights.may_ban, does=_ban),
    "dismiss": Act(sorts=frozenset(Sort.values), is_allowed=Rights.may_dismiss, does=_dismiss),
}  # fmt: skip


def _line(row: Suggestion, asked: Rights, examples: Mapping[int, Told]) -> Line:
    act, why = _act(row, asked)
    return Line(
        row=row,
        sentence=_sentence(row),
        evidence=_evidence(row),
        url=f"{reverse('admin:quality_decisions')}?{urlencode(_behind(row))}",
        act=act,
        why=why,
        may_dismiss=asked.may_dismiss(row),
        examples=[examples[pk] for pk in row.examples[:N_EXAMPLES] if pk in examples],
    )


def _act(row: Suggestion, asked: Rights) -> tuple[str, str]:
    """Return which button fits, or why none does."""
    if row.sort == Sort.HABIT:
        return "", ""
    if row.sort == Sort.BANNED:
        told = {"channel": row.catalog.channel.name}
        why = _("To ban it on %(channel)s takes somebody who works on all of its catalogs.") % told
        return ("ban", "") if asked.may_ban(row) else ("", why)
    why = _("To change tags takes somebody who works on all catalogs of the library.")
    return ("alias", "") if asked.may_change_tags(row) else ("", why)


def _sentence(row: Suggestion) -> str:
    if row.sort == Sort.HABIT:
        return str(HABITS[row.goal]) % {"field": FIELDS[row.word]}
    return str(SENTENCES[row.sort]) % {"word": row.word, "goal": row.goal}


def _subject(row: Suggestion) -> str:
    return str(FIELDS[row.word]) if row.sort == Sort.HABIT else row.word


def _evidence(row: Suggestion) -> str:
    products = ngettext("%(n)s product", "%(n)s products", row.n_products) % {"n": f"{row.n_products:,}"}
    people = ngettext("%(n)s person", "%(n)s people", row.n_people) % {"n": f"{row.n_people:,}"}
    if row.sort != Sort.HABIT or not row.n_titles:
        return _("%(products)s, %(people)s") % {"products": products, "people": people}
    share = {"share": f"{row.n_decisions / row.n_titles:.0%}", "n": f"{row.n_titles:,}"}
    return _("%(products)s, %(people)s: %(share)s of %(n)s titles") % {"products": products, "people": people, **share}


def _behind(row: Suggestion) -> dict[str, str]:
    """Return the parameters of the Decisions that speak for a suggestion."""
    catalog = {"catalog": str(row.catalog_id)}
    if row.sort == Sort.SAID:
        return {**catalog, "tag": row.goal, "change": TagMeasure.Change.ADDED.value}
    if row.sort == Sort.REPLACED:
        return {**catalog, "kind": EditKind.FACT_CORRECTED.value, "old": row.word}
    if row.sort == Sort.BANNED:
        return {**catalog, "old": row.word}
    if row.goal in ("front", "end"):
        return {**catalog, "kind": EditKind.REORDERED.value}
    return {**catalog, "kind": _KINDS_OF_HABITS.get(row.word, _KINDS_OF_ACTS[row.goal]).value}
