"""Buttons on a row's page, and the same in its list's action menu: one click, one clear sentence.

They are forms that POST, unlike unfold's own actions, which are links: a link on another site must not promote a model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import override

from titlelab.errors import TitleLabError
from titlelab.languages.naming import named
from titlelab.people.rights import may
from titlelab.web.admin.scoping import Scoped

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button; permission is Django's full name of the one that a user needs."""

    name: str
    label: "str | StrPromise"
    permission: str
    icon: str
    hint: "str | StrPromise" = ""
    is_primary: bool = False  # what comes next, and so the first that is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page, a download, or a place elsewhere."""

    label: str
    url: str
    icon: str
    hint: str = ""
    is_elsewhere: bool = False


Does = Callable[[Any, HttpRequest, Any], str]


def click(
    label: str, *, permission: str, icon: str, hint: str = "", is_primary: bool = False
) -> Callable[[Does], Does]:
    """Make a button of a method (request, row) that returns what to tell the user, or raises a TitleLabError."""

    def mark(does: Does) -> Does:
        does.click = Click(  # type: ignore[attr-defined] # read by OneClick alone
            name=does.__name__,
            label=named(label),
            permission=permission,
            icon=icon,
            hint=named(hint),
            is_primary=is_primary,
        )
        return does

    return mark


class OneClick(Scoped):
    """Shows the named methods as buttons and the links beside them; errors of ours become messages."""

    clicks: ClassVar[Sequence[str]] = ()
    change_form_outer_before_template = "titlelab/clicks.html"

    def fitting(self, row: Any) -> Sequence[str]:
        """Return the clicks that make sense for the row as it is."""
        return self.clicks

    def links(self, request: HttpRequest, row: Any) -> list[Link]:
        return []

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.click_view)
        return [path("<int:row_id>/click/<slug:name>/", view, name=self.url_name("click")), *super().get_urls()]

    def url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self.url_name(page)}", args=args)

    def row(self, request: HttpRequest, row_id: int) -> Any:
        """Return the row that a page is about; raises Http404."""
        row = self.get_object(request, str(row_id))
        if row is None:
            raise Http404(f"There is no {self.opts.verbose_name} {row_id}.")
        return row

    def click_view(self, request: HttpRequest, row_id: int, name: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if name not in self.clicks:
            raise Http404(f"There is no button {name}.")
        row = self.row(request, row_id)
        self._do(request, self._click(name), row)
        return HttpResponseRedirect(_back_to(request) or self.url("change", row.pk))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, object_id) if object_id else None
        context = {**(self._buttons(request, row) if row else {}), **(extra_context or {})}
        view = partial(super().changeform_view, request, object_id, form_url, context)
        return _or_a_message(request, view)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        return _or_a_message(request, partial(super().delete_view, request, object_id, extra_context))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return _or_a_message(request, partial(super().changelist_view, request, extra_context))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        of_list = {each.name: (_for_each(each), each.name, each.label) for each in self._allowed(request)}
        return {**of_list, **super().get_actions(request)}

    def _buttons(self, request: HttpRequest, row: Model) -> dict[str, Any]:
        fitting = self.fitting(row)
        clicks = [
            (each, self.url("click", row.pk, each.name)) for each in self._allowed(request, row) if each.name in fitting
        ]
        primary = [each for each in clicks if each[0].is_primary]
        others = [each for each in clicks if not each[0].is_primary]
        return {"titlelab_primary": primary, "titlelab_clicks": others, "titlelab_links": self.links(request, row)}

    def _click(self, name: str) -> Click:
        found: Click = getattr(self, name).click
        return found

    def _allowed(self, request: HttpRequest, row: Model | None = None) -> list[Click]:
        return [each for each in map(self._click, self.clicks) if may(request.user, each.permission, row)]

    def _do(self, request: HttpRequest, wanted: Click, row: Model) -> None:
        if not may(request.user, wanted.permission, row):
            raise PermissionDenied
        try:
            # The history keeps what was done in English; each page says it in its reader's language.
            with transaction.atomic(), override(settings.LANGUAGE_CODE):
                sentence = getattr(self, wanted.name)(request, row)
                self.log_change(request, row, f"{wanted.label}: {sentence}")
        except TitleLabError as e:
            messages.error(request, str(e))
        else:
            messages.success(request, sentence)


def _back_to(request: HttpRequest) -> str:
    """Return the page of ours on which the button was clicked, if it told; "" else."""
    url = request.POST.get("back_to", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours else ""


def _or_a_message(request: HttpRequest, view: Callable[[], Any]) -> Any:
    """Let a POST that ends in an error of ours end in its sentence."""
    try:
        return view()
    except TitleLabError as e:
        if request.method != "POST":
            raise
        messages.error(request, str(e))
        return HttpResponseRedirect(request.path)


def _for_each(wanted: Click) -> Callable[[OneClick, HttpRequest, QuerySet[Model]], None]:
    def act(model_admin: OneClick, request: HttpRequest, rows: QuerySet[Model]) -> None:
        for row in rows:
            model_admin._do(request, wanted, row)

    return act
