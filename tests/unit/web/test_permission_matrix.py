"""Role by page by catalog: what the admin answers, for every model, button and address that is registered."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.urls import URLPattern, reverse

from tests.unit.web.worlds import World, client_of, make_person, make_world
from titlelab.catalog.models import Catalog
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, ML_ADMIN, REVIEWER, ROLES
from titlelab.people.scopes import COMMON, KNOWN, SYSTEM
from titlelab.review.formats import FORMATS
from titlelab.web.admin.asking import Asks
from titlelab.web.admin.ledger import Ledger
from titlelab.web.admin.one_click import OneClick
from titlelab.web.admin.scoping import Scoped
from titlelab.web.admin.uploading import TakesFile

pytestmark = pytest.mark.django_db
OWN, OTHER = "nearby", "elsewhere"
PAGES = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
MODELS = sorted(PAGES)
SCOPED = [model for model in MODELS if model not in COMMON | SYSTEM]
BUTTONS = [(model, name) for model in MODELS if isinstance(PAGES[model], OneClick) for name in PAGES[model].clicks]
OF_SUPERUSERS = frozenset(["auth.user"])  # others invite and deactivate, and edit nobody
REFUSED = (302, 403, 404)  # a row that is not in sight is redirected from, as one that never was


class Circle:
    """Two catalogs with all that belongs to each, and somebody who works on the one."""

    def __init__(self, role: str) -> None:
        self.own, self.other = make_world(OWN), make_world(OTHER)
        self.person = make_person(role, [catalog_of(self.own)])
        self.client = client_of(self.person)


def catalog_of(world: World) -> Catalog:
    found = world["catalog.catalog"]
    assert isinstance(found, Catalog)
    return found


def may(role: str, verb: str, model: str) -> bool:
    app, name = model.split(".")
    return f"{app}.{verb}_{name}" in ROLES[role]


def url(model: str, page: str, *args: object) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_{page}", args=args)


def status(allowed: bool) -> int:  # noqa: FBT001 - reads as the sentence that it stands in
    return 200 if allowed else 403


@pytest.fixture(params=ROLES)
def circle(request: pytest.FixtureRequest, db: None) -> Circle:
    return Circle(request.param)


@pytest.fixture
def role(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["circle"])


def test_every_page_of_the_admin_is_scoped_and_every_model_has_a_scope() -> None:
    assert [model for model, page in PAGES.items() if not isinstance(page, Scoped)] == []
    assert set(MODELS) <= KNOWN


@pytest.mark.parametrize("model", SCOPED)
def test_a_list_shows_own_rows_alone(model: str, circle: Circle, role: str) -> None:
    response = circle.client.get(url(model, "changelist"))

    assert response.status_code == status(may(role, "view", model))
    if response.status_code == 200:
        shown = {row.pk for row in response.context["cl"].queryset}
        assert circle.own[model].pk in shown
        assert circle.other[model].pk not in shown


@pytest.mark.parametrize("model", SCOPED)
def test_a_row_opens_to_who_works_on_its_catalog(model: str, circle: Circle, role: str) -> None:
    own, other = circle.own[model].pk, circle.other[model].pk

    for page in ("change", "history"):
        assert circle.client.get(url(model, page, own)).status_code == status(may(role, "view", model))
        assert circle.client.get(url(model, page, other)).status_code in REFUSED


@pytest.mark.parametrize("model", SCOPED)
def test_a_row_is_added_changed_and_deleted_as_the_role_may(model: str, circle: Circle, role: str) -> None:
    is_ledger = isinstance(PAGES[model], Ledger) or model in OF_SUPERUSERS
    own, other = circle.own[model].pk, circle.other[model].pk

    assert circle.client.get(url(model, "add")).status_code == status(may(role, "add", model) and not is_ledger)
    for page, verb in (("change", "change"), ("delete", "delete")):
        allowed = may(role, verb, model) and not is_ledger
        assert (circle.client.post(url(model, page, own), {}).status_code != 403) == allowed
        assert circle.client.post(url(model, page, other), {"post": "yes"}).status_code in REFUSED
    assert type(circle.other[model])._default_manager.filter(pk=other).exists()


@pytest.mark.parametrize("model", sorted(COMMON | SYSTEM))
def test_what_concerns_everybody_is_changed_by_nobody_who_sees_some_catalogs(
    model: str, circle: Circle, role: str
) -> None:
    assert circle.client.get(url(model, "changelist")).status_code == status(
        model in COMMON and may(role, "view", model)
    )
    assert circle.client.get(url(model, "add")).status_code == 403


@pytest.mark.parametrize(("model", "name"), BUTTONS, ids=str)
def test_a_button_works_for_its_role_and_on_own_rows(
    model: str, name: str, circle: Circle, role: str, rung: list[Any]
) -> None:
    is_visible = may(role, "view", model) or may(role, "change", model)
    allowed = may_click(role, model, name)

    elsewhere = circle.client.post(url(model, "click", circle.other[model].pk, name))
    nearby = circle.client.post(url(model, "click", circle.own[model].pk, name))

    assert elsewhere.status_code == 404
    assert nearby.status_code == (302 if allowed else 403)
    assert is_visible or not allowed


def test_actions_of_lists_are_offered_to_their_roles_and_touch_own_rows_alone(
    circle: Circle, role: str, rung: list[Any]
) -> None:
    for model in sorted({model for model, _ in BUTTONS}):
        own, page = circle.own[model], url(model, "changelist")
        offered = actions_on(circle.client.get(page)) & set(PAGES[model].clicks)
        assert offered == {name for name in PAGES[model].clicks if may_click(role, model, name)}, model
        for name in PAGES[model].clicks:
            before, n_touched = row_of(circle.other, model), LogEntry.objects.count()
            circle.client.post(page, {"action": name, "_selected_action": [own.pk, circle.other[model].pk]})
            told = f"{model} {name}"
            assert row_of(circle.other, model) == before, told
            touched = LogEntry.objects.order_by("pk")[n_touched:].values_list("object_id", flat=True)
            assert set(touched) <= ({str(own.pk)} if name in offered else set()), told


def test_what_a_list_deletes_are_own_rows_that_the_role_may_delete(circle: Circle, role: str) -> None:
    for model in SCOPED:
        is_kept = isinstance(PAGES[model], Ledger) or model in OF_SUPERUSERS or not may(role, "delete", model)
        page, pks = url(model, "changelist"), [circle.own[model].pk, circle.other[model].pk]
        with transaction.atomic():
            offered = actions_on(circle.client.get(page))
            told = {"action": "delete_selected", "_selected_action": pks, "post": "yes"}
            circle.client.post(page, told)
            assert ("delete_selected" in offered) <= (not is_kept), model
            assert row_of(circle.other, model), model
            assert row_of(circle.own, model) or not is_kept, model
            transaction.set_rollback(True)


@pytest.mark.parametrize("role_and_verbs", [(ANNOTATOR, 403), (REVIEWER, 200), (CATALOG_ADMIN, 200), (ML_ADMIN, 200)])
def test_accepted_titles_are_exported_from_own_catalogs(role_and_verbs: tuple[str, int]) -> None:
    role, expected = role_and_verbs
    circle = Circle(role)

    assert circle.client.get(url("catalog.catalog", "export", catalog_of(circle.own).pk, "csv")).status_code == expected
    assert (
        circle.client.get(url("catalog.catalog", "export", catalog_of(circle.other).pk, "csv")).status_code in REFUSED
    )


@pytest.mark.parametrize("model", [model for model in MODELS if isinstance(PAGES[model], TakesFile)])
def test_files_are_taken_into_own_rows(model: str, circle: Circle, role: str) -> None:
    allowed = PAGES[model].file_permission in ROLES[role]

    assert circle.client.get(url(model, "upload", circle.own[model].pk)).status_code == status(allowed)
    assert circle.client.get(url(model, "upload", circle.other[model].pk)).status_code in REFUSED


@pytest.mark.parametrize("model", [model for model in MODELS if isinstance(PAGES[model], Asks)])
def test_questions_are_asked_of_own_rows(model: str, circle: Circle, role: str) -> None:
    for name, question in PAGES[model].questions.items():
        allowed = question.permission in ROLES[role]
        assert circle.client.get(url(model, "ask", circle.own[model].pk, name)).status_code == status(allowed)
        assert circle.client.get(url(model, "ask", circle.other[model].pk, name)).status_code in REFUSED


@pytest.mark.parametrize("role_name", [CATALOG_ADMIN, ML_ADMIN])
def test_no_address_of_the_admin_tells_of_another_catalog(role_name: str, rung: list[Any]) -> None:
    circle = Circle(role_name)

    for address in [reverse("admin:index"), *addresses(circle.other)]:
        is_about_a_row = any(part.isdigit() for part in address.split("/"))
        answers = [circle.client.get(address), *([circle.client.post(address, {})] if is_about_a_row else [])]
        for answer in answers:
            assert OTHER not in body(answer), address
            assert answer.status_code != 200 or not is_about_a_row, address


@pytest.mark.parametrize("role_name", [CATALOG_ADMIN, ML_ADMIN])
def test_no_page_tells_of_another_catalog_that_is_asked_for_by_its_number(role_name: str, rung: list[Any]) -> None:
    circle = Circle(role_name)
    asked = {"catalog": catalog_of(circle.other).pk, "queue": circle.other["review.reviewqueue"].pk,
             "decision": circle.other["review.decision"].pk, "suggestion": circle.other["quality.suggestion"].pk,
             "catalogs": catalog_of(circle.other).pk}  # fmt: skip
    pages = [each for each in addresses(circle.other) if not any(part.isdigit() for part in each.split("/"))]

    for address in [reverse("admin:index"), *pages]:
        for answer in (circle.client.get(address, asked), circle.client.post(address, asked)):
            assert OTHER not in body(answer), address


def test_every_address_of_the_admin_is_of_a_page_of_ours_or_djangos_own() -> None:
    ours = {pattern.name for page in PAGES.values() for pattern in page.get_urls()}
    by_name = {pattern.name for pattern in admin.site.get_urls() if isinstance(pattern, URLPattern)}

    of_site = {"index", "login", "logout", "password_change", "password_change_done", "jsi18n", "app_list"}
    assert by_name - ours - {None} == {*of_site, "autocomplete", "view_on_site", "search"}


@pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning")  # no page of ours asks there
@pytest.mark.parametrize("role_name", [CATALOG_ADMIN, ML_ADMIN])
def test_what_django_finds_for_its_own_fields_is_in_own_catalogs(role_name: str) -> None:
    circle = Circle(role_name)

    for model in SCOPED:
        for field in type(circle.other[model])._meta.get_fields():
            if field.many_to_one and field.concrete:
                told = {"app_label": model.split(".")[0], "model_name": model.split(".")[1], "field_name": field.name}
                answer = circle.client.get(reverse("admin:autocomplete"), {"term": "", **told})
                assert OTHER not in body(answer), told
        content_type = ContentType.objects.get_for_model(circle.other[model])
        shortcut = reverse("admin:view_on_site", args=[content_type.pk, circle.other[model].pk])
        assert circle.client.get(shortcut).status_code == 404
    for told in ({"s": OTHER}, {"s": OTHER, "extended": "1"}):
        assert f"{OTHER} " not in body(circle.client.get(reverse("admin:search"), told))


def test_a_search_finds_nothing_elsewhere() -> None:
    circle = Circle(CATALOG_ADMIN)

    for model in SCOPED:
        if may(CATALOG_ADMIN, "view", model) and PAGES[model].search_fields:
            response = circle.client.get(url(model, "changelist"), {"q": OTHER})
            assert list(response.context["cl"].queryset) == [], model


def test_who_sees_every_catalog_sees_both_and_a_superuser_may_all() -> None:
    circle = Circle(CATALOG_ADMIN)
    see_all(circle.person)

    seen = circle.client.get(url("catalog.product", "changelist")).context["cl"].queryset
    added = circle.client.get(url("channels.channel", "add"))

    assert {row.pk for row in seen} == {circle.own["catalog.product"].pk, circle.other["catalog.product"].pk}
    assert added.status_code == 403  # a right of no role: a superuser's


def test_a_deactivated_person_is_nobody() -> None:
    circle = Circle(CATALOG_ADMIN)
    User.objects.filter(pk=circle.person.pk).update(is_active=False)

    assert circle.client.get(reverse("admin:index")).status_code == 302


def see_all(person: User) -> None:
    from django.contrib.auth.models import Permission

    person.user_permissions.add(Permission.objects.get(codename="see_every_catalog"))


def addresses(world: World) -> Iterator[str]:
    """Return every address that our pages answer to, about the world's rows where they are about a row."""
    for model in MODELS:
        for pattern in PAGES[model].get_urls():
            if pattern.name and model in world:
                yield from _filled(pattern, model, world[model])


def _filled(pattern: URLPattern, model: str, row: Model) -> Iterator[str]:
    names = list(getattr(pattern.pattern, "converters", {})) or [""] * pattern.pattern.regex.groups
    seconds: list[str] = [""]
    if "name" in names:
        page = PAGES[model]
        seconds = list(getattr(page, "questions", {}) if "ask" in pattern.name else page.clicks)
    elif "ending" in names:
        seconds = list(FORMATS)
    elif len(names) == 2:  # a revision in the row's history
        seconds = [str(revision.pk) for revision in row.history.all()]  # type: ignore[attr-defined] # such a model's
    for second in seconds:
        yield reverse(f"admin:{pattern.name}", args=[row.pk, second][: len(names)])


def may_click(role: str, model: str, name: str) -> bool:
    return getattr(PAGES[model], name).click.permission in ROLES[role]


def row_of(world: World, model: str) -> dict[str, Any] | None:
    """Return the row as it is stored; None when it is no more."""
    found: dict[str, Any] | None = type(world[model])._default_manager.filter(pk=world[model].pk).values().first()
    return found


def actions_on(response: Any) -> set[str]:
    """Return the actions that a list offers; none where it is refused."""
    form = response.context["action_form"] if response.status_code == 200 else None
    return {choice for choice, _ in form.fields["action"].choices} if form else set()


def body(answer: Any) -> str:
    return "" if answer.streaming else answer.content.decode(errors="replace")
