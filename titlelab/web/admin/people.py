"""Accounts, groups, who works on what, and inviting people: a role, some catalogs and, where needed, Label Studio."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from tasks.people import settle_account
from titlelab.catalog.models import Catalog
from titlelab.errors import NotPossibleNow
from titlelab.languages.sentences import said
from titlelab.people.inviting import deactivate, give_studio_account, invite, reactivate, roles_to_give
from titlelab.people.models import CatalogAccess, LabelStudioAccount
from titlelab.people.rights import catalogs, may, visible
from titlelab.people.roles import INVITE, WORK_IN_LABEL_STUDIO
from titlelab.web.admin.ledger import Ledger
from titlelab.web.admin.one_click import Link, OneClick, click
from titlelab.web.admin.scoping import Scoped
from titlelab.web.ringing import ring


def _group_name(group: Group) -> str:
    """Return a group's name; the roles' are kept in English."""
    return said(group.name)


Group.__str__ = _group_name  # type: ignore[assignment, method-assign] # filters, titles and forms all call it
admin.site.unregister(User)
admin.site.unregister(Group)
ALLOWED = {
    "add": _lazy("Can add %(model)s"),
    "change": _lazy("Can change %(model)s"),
    "delete": _lazy("Can delete %(model)s"),
    "view": _lazy("Can view %(model)s"),
}
STATE_LABELS = {"wanted": "info", "open": "success", "closed": "warning"}


class InviteForm(forms.Form):
    """Whom, as what, to which catalogs: as far as the inviter may give them."""

    email = forms.EmailField(label=_lazy("E-mail"), max_length=150, widget=UnfoldAdminEmailInputWidget())
    role = forms.ChoiceField(label=_lazy("role"), widget=UnfoldAdminSelectWidget())
    catalogs = forms.ModelMultipleChoiceField(
        Catalog.objects.none(), label=_lazy("catalogs"), widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, said(role)) for role in roles_to_give(by)]  # type: ignore[attr-defined] # of a ChoiceField
        self.fields["catalogs"].queryset = catalogs(by)  # type: ignore[attr-defined] # of a ModelMultipleChoiceField


class AccessInline(TabularInline):
    """The catalogs that a person works on, as far as the reader works on them too."""

    model = CatalogAccess
    extra = 0
    tab = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CatalogAccess]:
        return visible(super().get_queryset(request), request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(User)
class PersonAdmin(UserAdmin, OneClick):  # type: ignore[type-arg, misc] # generic in the stubs alone, and not so wide
    """A superuser edits accounts; others see their colleagues, invite people and deactivate whom they outrank."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "role_names", "studio_state", "is_active", "last_login"]
    list_select_related = ["label_studio_account"]
    inlines = [AccessInline]
    clicks: ClassVar = ["deactivate", "reactivate"]
    list_before_template = "titlelab/invite_button.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.invite_view)
        studio_view = self.admin_site.admin_view(self.studio_view)
        return [
            path("invite/", view, name=self.url_name("invite")),
            path("<int:row_id>/studio/", studio_view, name=self.url_name("studio")),
            *super().get_urls(),
        ]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return _permissions_said(super().formfield_for_manytomany(db_field, request, **kwargs))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["username", "email", "is_active", "groups", "last_login"]})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_delete_permission = has_change_permission

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        url = self.url("invite") if may(request.user, INVITE) else ""
        return super().changelist_view(request, {**(extra_context or {}), "invite_url": url})

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        _settle(request, obj)

    def fitting(self, row: User) -> list[str]:
        return ["deactivate" if row.is_active else "reactivate"]

    def links(self, request: HttpRequest, row: User) -> list[Link]:
        if hasattr(row, "label_studio_account") or not row.is_active or not may(request.user, INVITE):
            return []
        return [Link(label=_("Give an account in Label Studio"), url=self.url("studio", row.pk), icon="key")]

    def studio_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Ask first; then show the initial password, which no other page could."""
        if not may(request.user, INVITE):
            raise PermissionDenied
        person = self.row(request, row_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Give an account in Label Studio"),
            "opts": self.opts,
            "person": person,
            "person_url": self.url("change", person.pk),
        }
        if request.method == "POST":
            try:
                context["password"] = give_studio_account(_me(request), person)
            except NotPossibleNow as e:
                context["error"] = said(str(e))
            else:
                self.log_change(request, person, "Given an account in Label Studio.")
                _settle(request, person)
        return TemplateResponse(request, "titlelab/studio_account.html", context)

    def invite_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and after it the initial password: it is stored nowhere, so no other page could."""
        if not may(request.user, INVITE):
            raise PermissionDenied
        form = InviteForm(request.POST if request.method == "POST" else None, by=_me(request))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Invite a person"),
            "opts": self.opts,
            "form": form,
        }
        if form.is_valid():
            try:
                user, password = invite(_me(request), **form.cleaned_data)
            except NotPossibleNow as e:
                form.add_error(None, said(str(e)))
            else:
                self.log_addition(request, user, f"Invited as {form.cleaned_data['role']}.")
                _settle(request, user)
                is_annotator = form.cleaned_data["role"] in WORK_IN_LABEL_STUDIO
                context |= {"person": user, "password": password, "is_annotator": is_annotator}
                context["person_url"] = self.url("change", user.pk)
        return TemplateResponse(request, "titlelab/invite.html", context)  # admin_view lets nobody cache it

    @display(description="roles")
    def role_names(self, user: User) -> str:
        return ", ".join(str(group) for group in user.groups.all())

    @display(description="Label Studio", label=STATE_LABELS)
    def studio_state(self, user: User) -> tuple[str, str] | None:
        account = getattr(user, "label_studio_account", None)
        return (account.state, account.get_state_display()) if account else None

    @click("Deactivate", permission=INVITE, icon="person_off", hint="here at once, in Label Studio in a moment")
    def deactivate(self, request: HttpRequest, user: User) -> str:
        deactivate(_me(request), user)
        _settle(request, user)
        return f"{user} is deactivated; what was decided stays."

    @click("Reactivate", permission=INVITE, icon="person", hint="with the password of before")
    def reactivate(self, request: HttpRequest, user: User) -> str:
        reactivate(_me(request), user)
        _settle(request, user)
        return f"{user} may sign in again."


@admin.register(Group)
class PeopleAdmin(GroupAdmin, Scoped):  # type: ignore[misc] # the stubs' rows are less wide
    """Groups; what a permission allows is said in the reader's language, as its model is called."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        return _permissions_said(super().formfield_for_manytomany(db_field, request, **kwargs))


@admin.register(LabelStudioAccount)
class LabelStudioAccountAdmin(OneClick, Ledger):
    list_display = ["email", "user", "state_label", "label_studio_id", "problem", "invited_at", "settled_at"]
    list_filter = ["state"]
    list_select_related = ["user"]
    search_fields = ["email", "user__username", "problem"]
    clicks: ClassVar = ["settle_now"]

    @display(description="state", ordering="state", label=STATE_LABELS)
    def state_label(self, account: LabelStudioAccount) -> tuple[str, str]:
        return account.state, account.get_state_display()

    @click("Settle now", permission=INVITE, icon="sync", hint="makes, opens or closes it in Label Studio")
    def settle_now(self, request: HttpRequest, account: LabelStudioAccount) -> str:
        ring(request, settle_account, account.pk)
        return f"{account} is being brought to what {account.user} is here."


def _permissions_said(field: Any) -> Any:
    """Let a choice of permissions be read: what it is about, and what it allows."""
    if field is not None and field.queryset.model is Permission:
        field.label_from_instance = lambda permission: f"{permission.content_type} | {_permission_name(permission)}"
    return field


def _permission_name(permission: Permission) -> str:
    """Return Django's own "Can add product" in the reader's language, its model as it is called there."""
    verb, _sep, name = permission.codename.partition("_")
    kind = permission.content_type.model_class()
    if verb not in ALLOWED or kind is None or name != kind._meta.model_name:
        return said(permission.name)
    return str(ALLOWED[verb]) % {"model": kind._meta.verbose_name}


def _me(request: HttpRequest) -> User:
    """Return who is signed in, as everybody is who may do something."""
    return cast("User", request.user)


def _settle(request: HttpRequest, user: User) -> None:
    """Have Label Studio follow, where the person has an account there."""
    for account_id in LabelStudioAccount.objects.filter(user=user).values_list("pk", flat=True):
        ring(request, settle_account, account_id)
