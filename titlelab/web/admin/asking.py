"""A page that asks one thing of a row before it is done: under which name, into which other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import override

from titlelab.errors import TitleLabError
from titlelab.languages.sentences import said
from titlelab.people.rights import may
from titlelab.web.admin.one_click import Link, OneClick


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A form with one field "answer", made for a row, and what the answer does: (request, row, answer) -> sentence."""

    label: str
    permission: str
    icon: str
    help_text: str
    field: Callable[[Any], forms.Field]
    does: Callable[[HttpRequest, Any, Any], str]
    fits: Callable[[Any], bool] = bool


class Asks(OneClick):
    """Adds a page and a link per question."""

    questions: ClassVar[Mapping[str, Question]] = {}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.ask_view)
        return [path("<int:row_id>/ask/<slug:name>/", view, name=self.url_name("ask")), *super().get_urls()]

    def links(self, request: HttpRequest, row: Any) -> list[Link]:
        return [
            Link(label=question.label, url=self.url("ask", row.pk, name), icon=question.icon)
            for name, question in self.questions.items()
            if may(request.user, question.permission, row) and question.fits(row)
        ]

    def ask_view(self, request: HttpRequest, row_id: int, name: str) -> HttpResponse:
        question = self.questions.get(name)
        if question is None:
            raise Http404(f"There is no question {name}.")
        if not may(request.user, question.permission):
            raise PermissionDenied
        row = self.row(request, row_id)
        if not may(request.user, question.permission, row):
            raise PermissionDenied
        form = forms.Form(request.POST if request.method == "POST" else None)
        form.fields["answer"] = question.field(row)
        if form.is_valid():
            try:
                with transaction.atomic(), override(settings.LANGUAGE_CODE):
                    sentence = question.does(request, row, form.cleaned_data["answer"])
                    self.log_change(request, row, f"{question.label}: {sentence}")
            except TitleLabError as e:
                form.add_error("answer", said(str(e)))
            else:
                messages.success(request, sentence)
                return HttpResponseRedirect(self.url("change", row.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": said(question.label),
            "subtitle": str(row),
            "opts": self.opts,
            "form": form,
            "row": row,
            "row_url": self.url("change", row.pk),
            "icon": question.icon,
            "help_text": said(question.help_text),
        }
        return TemplateResponse(request, "titlelab/ask.html", context)
