"""Letting people in and out, here and in Label Studio."""

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from tests.factories import make_catalog
from tests.fake_label_studio import FakeLabelStudio
from tests.unit.web.worlds import make_person
from titlelab.catalog.models import Catalog
from titlelab.errors import LabelStudioUnreachable, NotPossibleNow
from titlelab.people.inviting import deactivate, initial_password, invite, reactivate, roles_to_give
from titlelab.people.models import LabelStudioAccount
from titlelab.people.rights import catalogs
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, ML_ADMIN, REVIEWER
from titlelab.people.settling import person_of, settle, unsettled

pytestmark = pytest.mark.django_db
EMAIL = "anna@shop.example"


@pytest.fixture
def shop() -> Catalog:
    return make_catalog()


@pytest.fixture
def boss(shop: Catalog) -> User:
    return make_person(CATALOG_ADMIN, [shop])


def account() -> LabelStudioAccount:
    return LabelStudioAccount.objects.select_related("user").get(email=EMAIL)


def test_an_invited_annotator_signs_in_at_both_with_the_same_password(boss: User, shop: Catalog) -> None:
    studio = FakeLabelStudio()

    user, password = invite(boss, email=" Anna@Shop.example", role=ANNOTATOR, catalogs=[shop])
    assert settle(account(), studio)

    assert user.check_password(password)
    assert studio.accounts[EMAIL].password == password
    assert (account().state, account().label_studio_id) == ("open", studio.accounts[EMAIL].id)
    assert [g.name for g in user.groups.all()] == [ANNOTATOR]
    assert list(catalogs(user)) == [shop]
    assert person_of("ANNA@shop.example") == user
    assert not unsettled().exists()


def test_once_the_account_stands_nobody_can_make_its_password_again(boss: User, shop: Catalog) -> None:
    _, password = invite(boss, email=EMAIL, role=ANNOTATOR, catalogs=[shop])
    seed = account().secret_seed
    assert initial_password(seed) == password

    settle(account(), FakeLabelStudio())

    assert account().secret_seed == ""


def test_a_password_takes_the_installations_secret_key(settings: Settings) -> None:
    before = initial_password("seed")

    settings.SECRET_KEY = "another"  # noqa: S105

    assert initial_password("seed") != before
    assert len(before) == 20


def test_an_admin_of_catalogs_needs_no_account_in_label_studio(boss: User, shop: Catalog) -> None:
    invite(boss, email=EMAIL, role=CATALOG_ADMIN, catalogs=[shop])

    assert not LabelStudioAccount.objects.exists()


def test_nobody_gives_a_role_or_a_catalog_that_he_has_not(boss: User, shop: Catalog) -> None:
    assert roles_to_give(boss) == [ANNOTATOR, REVIEWER, CATALOG_ADMIN]
    for role, given in ((ML_ADMIN, [shop]), (ANNOTATOR, [shop, make_catalog()]), (ANNOTATOR, [])):
        with pytest.raises(NotPossibleNow):
            invite(boss, email=EMAIL, role=role, catalogs=given)

    assert not User.objects.filter(email=EMAIL).exists()


def test_an_address_is_invited_once_and_titlelabs_own_never(boss: User, shop: Catalog, settings: Settings) -> None:
    invite(boss, email=EMAIL, role=ANNOTATOR, catalogs=[shop])

    for email in (EMAIL.upper(), settings.LABEL_STUDIO_USERNAME):
        with pytest.raises(NotPossibleNow):
            invite(boss, email=email, role=ANNOTATOR, catalogs=[shop])


def test_a_lost_answer_leaves_one_account_that_opens_with_the_same_password(boss: User, shop: Catalog) -> None:
    studio = FakeLabelStudio()
    studio.fails_at, studio.fails_after = 1, True
    _, password = invite(boss, email=EMAIL, role=ANNOTATOR, catalogs=[shop])

    with pytest.raises(LabelStudioUnreachable):
        settle(account(), studio)
    settle(account(), studio)

    assert account().state == "open"
    assert studio.accounts[EMAIL].password == password
    assert len(studio.accounts) == 3


def test_an_account_that_stood_there_before_keeps_its_password_and_says_so(boss: User, shop: Catalog) -> None:
    studio = FakeLabelStudio()
    studio.make_account(EMAIL, "old")
    studio.accounts[EMAIL].is_active = False
    invite(boss, email=EMAIL, role=ANNOTATOR, catalogs=[shop])

    settle(account(), studio)

    assert (studio.accounts[EMAIL].password, studio.accounts[EMAIL].is_active) == ("old", True)
    assert "stood there already" in account().problem


def test_who_is_deactivated_here_is_deactivated_there_and_comes_back(boss: User, shop: Catalog) -> None:
    studio = FakeLabelStudio()
    user, _ = invite(boss, email=EMAIL, role=ANNOTATOR, catalogs=[shop])
    settle(account(), studio)

    deactivate(boss, user)
    assert [each.email for each in unsettled()] == [EMAIL]
    settle(account(), studio)
    settle(account(), studio)  # delivered twice
    assert (account().state, studio.accounts[EMAIL].is_active) == ("closed", False)

    reactivate(boss, user)
    settle(account(), studio)
    assert (account().state, studio.accounts[EMAIL].is_active) == ("open", True)


def test_who_is_deactivated_before_the_account_was_made_gets_none(boss: User, shop: Catalog) -> None:
    studio = FakeLabelStudio()
    user, _ = invite(boss, email=EMAIL, role=ANNOTATOR, catalogs=[shop])
    deactivate(boss, user)

    settle(account(), studio)

    assert account().state == "closed"
    assert EMAIL not in studio.accounts


def test_a_refusal_stands_in_the_row_and_the_next_try_may_go_better(boss: User, shop: Catalog) -> None:
    user, _ = invite(boss, email=EMAIL, role=ANNOTATOR, catalogs=[shop])
    settle(account(), FakeLabelStudio())
    deactivate(boss, user)

    assert not settle(account(), FakeLabelStudio())  # which knows no such account

    assert "shows no account" in account().problem
    assert unsettled().exists()


def test_nobody_deactivates_himself_or_whom_he_does_not_outrank(boss: User, shop: Catalog) -> None:
    learner = make_person(ML_ADMIN, [shop], name="learner")

    for user in (boss, learner, User.objects.create(username="root", is_superuser=True)):
        with pytest.raises(NotPossibleNow):
            deactivate(boss, user)
