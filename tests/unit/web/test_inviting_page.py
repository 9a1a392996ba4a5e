"""The page that invites people, and what an admin may do to a person."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from tasks.sweeping import sweep
from tests.factories import make_catalog
from tests.unit.web.reading import clicked, text_of, told
from tests.unit.web.worlds import client_of, make_person
from titlelab.catalog.models import Catalog
from titlelab.people.inviting import initial_password
from titlelab.people.models import CatalogAccess, LabelStudioAccount
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, ML_ADMIN, REVIEWER

pytestmark = pytest.mark.django_db
PAGE = "/admin/auth/user/invite/"
SETTLE = "tasks.people.settle_account"


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(name="Shop")


@pytest.fixture
def admin(shop: Catalog) -> Client:
    return client_of(make_person(CATALOG_ADMIN, [shop]))


def test_an_invited_person_signs_in_with_the_password_that_is_shown_once(
    admin: Client,
    shop: Catalog,
    rung: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page = admin.post(PAGE, {"email": "anna@shop.example", "role": ANNOTATOR, "catalogs": [shop.pk]})

    shown = re.search(r'id="initial-password">(\w{20})<', page.content.decode())
    assert shown
    assert "no-store" in page["Cache-Control"]
    assert Client().login(username="anna@shop.example", password=shown[1])
    assert rung == [(SETTLE, (LabelStudioAccount.objects.get().pk,))]
    assert not LogEntry.objects.filter(change_message__contains=shown[1]).exists()


def test_the_page_offers_what_the_inviter_may_give(admin: Client) -> None:
    make_catalog(name="Elsewhere")

    text = text_of(admin.get(PAGE))

    assert all(role in text for role in (ANNOTATOR, REVIEWER, CATALOG_ADMIN))
    assert ML_ADMIN not in text
    assert "Elsewhere" not in text


@pytest.mark.parametrize(
    ("field", "value"),
    [("role", ML_ADMIN), ("catalogs", "other"), ("email", "no address"), ("email", "me@shop.example")],
)
def test_what_is_not_the_inviters_to_give_is_refused(field: str, value: str, admin: Client, shop: Catalog) -> None:
    other = make_catalog()
    told = {"email": "anna@shop.example", "role": ANNOTATOR, "catalogs": [shop.pk]}

    page = admin.post(PAGE, {**told, field: other.pk if value == "other" else value})

    assert page.status_code == 200
    assert "initial-password" not in page.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("role", [ANNOTATOR, REVIEWER, ML_ADMIN])
def test_who_may_not_invite_is_refused(role: str, shop: Catalog) -> None:
    client = client_of(make_person(role, [shop]))

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {}).status_code == 403


def test_a_person_without_an_account_in_label_studio_gets_one_later(
    admin: Client,
    shop: Catalog,
    rung: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    anna = make_person(ANNOTATOR, [shop], name="anna@shop.example")
    User.objects.filter(pk=anna.pk).update(email="Anna@shop.example")
    studio = reverse("admin:auth_user_studio", args=[anna.pk])
    before = admin.get(reverse("admin:auth_user_change", args=[anna.pk]))
    asked = admin.get(studio)

    with django_capture_on_commit_callbacks(execute=True):
        page = admin.post(studio)

    account = LabelStudioAccount.objects.get()
    shown = re.search(r'id="initial-password">(\w{20})<', page.content.decode())
    assert studio in before.content.decode()
    assert "has no account in Label Studio yet" in text_of(asked)
    assert shown
    assert shown[1] == initial_password(account.secret_seed)
    assert (account.user, account.email, rung) == (anna, "anna@shop.example", [(SETTLE, (account.pk,))])
    assert not LogEntry.objects.filter(change_message__contains=shown[1]).exists()
    assert studio not in admin.get(reverse("admin:auth_user_change", args=[anna.pk])).content.decode()
    assert "has an account in Label Studio already" in text_of(admin.post(studio))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"email": ""}, "need one here"),
        ({"is_active": False, "email": "a@shop.example"}, "to be active"),
        ({"email": "admin@titlelab.local"}, "TitleLab itself works"),
    ],
)
def test_who_can_not_sign_in_to_label_studio_gets_no_account_there(
    fields: dict[str, Any], reason: str, admin: Client, shop: Catalog
) -> None:
    anna = make_person(ANNOTATOR, [shop], name="anna")
    User.objects.filter(pk=anna.pk).update(**fields)

    page = admin.post(reverse("admin:auth_user_studio", args=[anna.pk]))

    assert reason in text_of(page)
    assert not LabelStudioAccount.objects.exists()


def test_an_account_in_label_studio_is_given_by_who_invites_and_outranks(admin: Client, shop: Catalog) -> None:
    learner = make_person(ML_ADMIN, [shop], name="learner@shop.example")
    User.objects.filter(pk=learner.pk).update(email="learner@shop.example")
    address = reverse("admin:auth_user_studio", args=[learner.pk])

    assert "works on more than you do" in text_of(admin.post(address))
    assert client_of(learner).get(address).status_code == 403
    assert client_of(learner).post(address).status_code == 403
    assert not LabelStudioAccount.objects.exists()


def test_a_click_deactivates_whom_one_outranks_and_nobody_else(admin: Client, shop: Catalog) -> None:
    anna = make_person(ANNOTATOR, [shop], name="anna")
    both = make_person(ANNOTATOR, [shop, make_catalog()], name="both")
    learner = make_person(ML_ADMIN, [shop], name="learner")
    answers = {person: clicked(admin, "auth_user", person.pk, "deactivate") for person in (anna, both, learner)}

    active = set(User.objects.filter(is_active=True).values_list("username", flat=True))
    assert active == {"me@shop.example", "both", "learner"}
    assert told(answers[anna]) == ["anna is deactivated; what was decided stays."]
    assert answers[both].status_code == 403
    assert told(answers[learner])[-1:] == ["learner works on more than you do: ask a superuser."]


def test_an_admin_of_catalogs_edits_no_account_and_sees_no_password(admin: Client, shop: Catalog) -> None:
    anna = make_person(ANNOTATOR, [shop], name="anna")
    address = reverse("admin:auth_user_change", args=[anna.pk])

    page = admin.get(address)

    assert page.status_code == 200
    assert "algorithm" not in text_of(page)
    assert admin.post(address, {"is_superuser": "on"}).status_code == 403
    assert admin.get(reverse("admin:auth_user_password_change", args=[anna.pk])).status_code == 403


def test_a_superuser_who_unticks_active_closes_the_account_in_label_studio(
    boss: Client, shop: Catalog, rung: list[Any]
) -> None:
    anna = make_person(ANNOTATOR, [shop], name="anna")
    account = LabelStudioAccount.objects.create(user=anna, email="anna@shop.example", state="open", label_studio_id=5)
    User.objects.filter(pk=anna.pk).update(is_active=False)

    sweep()

    assert (SETTLE, (account.pk,)) in rung


def test_who_makes_a_catalog_works_on_it(admin: Client, shop: Catalog) -> None:
    told = {"key": "new", "name": "New", "language": "en", "channel": shop.channel.pk, "library": ""}

    admin.post(reverse("admin:catalog_catalog_add"), told)

    assert CatalogAccess.objects.filter(user__username="me@shop.example", catalog__key="new").exists()
