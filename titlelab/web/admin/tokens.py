"""Keys by which other systems come to the API: made here, shown once, revoked here."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.decorators import display

from titlelab.languages.sentences import said
from titlelab.people.models import ApiToken
from titlelab.people.tokens import give_secret, revoke
from titlelab.web.admin.one_click import OneClick, click

ASKED = ("name", "catalogs", "may_read", "may_write", "may_draft", "expires_at")
SHOWN = (
    "prefix", "state", "catalog_names", "right_names", "made_by", "created_at", "last_used_at", "revoked_at",
)  # fmt: skip
SECRET = "titlelab.api_secret"  # noqa: S105 (where a request keeps it, from saving to answering)
MAY_REVOKE = "people.change_apitoken"


@admin.register(ApiToken)
class ApiTokenAdmin(OneClick):
    """A token's name and end may change; who needs other catalogs or rights makes another."""

    list_display = ["name", "prefix", "state_label", "catalog_names", "right_names", "made_by", "last_used_at"]
    list_select_related = ["made_by"]
    search_fields = ["name", "prefix"]
    clicks: ClassVar = ["revoke_now"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        rows: QuerySet[ApiToken] = super().get_queryset(request)
        return rows.prefetch_related("catalogs")

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[str]:
        return ["name", "expires_at", *SHOWN] if obj else list(ASKED)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[str]:
        return list(SHOWN) if obj else []

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: Any) -> None:
        if not change:
            obj.made_by = cast("User", request.user)
            request.META[SECRET] = give_secret(obj)
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show what the system is to send; it is stored nowhere, so no other page could."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("API token"),
            "opts": self.opts,
            "token": obj,
            "secret": request.META[SECRET],
            "token_url": self.url("change", obj.pk),
            "example_url": request.build_absolute_uri(reverse("api:list_catalogs")),
            "docs_url": reverse("api:openapi-view"),
        }
        response = TemplateResponse(request, "titlelab/token.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def fitting(self, row: ApiToken) -> list[str]:
        return [] if row.revoked_at else self.clicks

    @display(description="catalogs")
    def catalog_names(self, token: ApiToken) -> str:
        return ", ".join(catalog.name for catalog in token.catalogs.all())

    @display(description="rights")
    def right_names(self, token: ApiToken) -> str:
        return ", ".join(map(said, token.rights))

    @display(description="state", label={"live": "success", "revoked": "danger", "over": "warning"})
    def state_label(self, token: ApiToken) -> tuple[str, str]:
        return _state(token)

    @display(description="state")
    def state(self, token: ApiToken) -> str:
        return _state(token)[1]

    @click("Revoke", permission=MAY_REVOKE, icon="key_off", hint="at once and for good")
    def revoke_now(self, request: HttpRequest, token: ApiToken) -> str:
        return f"{token} {'is revoked' if revoke(token, timezone.now()) else 'was revoked before'}."


def _state(token: ApiToken) -> tuple[str, str]:
    if token.revoked_at:
        return "revoked", _("revoked")
    return ("live", _("holds")) if token.is_live(timezone.now()) else ("over", _("over"))
