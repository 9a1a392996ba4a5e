"""Who may do what, where, and to whom."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User

from tests.factories import make_catalog, make_library, make_product, make_run
from tests.unit.web.worlds import make_person
from titlelab.catalog.models import Product
from titlelab.people.granting import grant_roles
from titlelab.people.rights import catalogs, is_own, is_visible, may, outranks, own, visible
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, ML_ADMIN, REVIEWER, ROLES
from titlelab.tags.models import TagLibrary
from titlelab.training.models import TrainingRun

pytestmark = pytest.mark.django_db


def test_migrating_makes_each_role_a_group_with_its_permissions() -> None:
    for role, permissions in ROLES.items():
        found = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{name}" for app, name in found} == permissions


def test_granting_again_takes_away_what_a_role_does_not_hold() -> None:
    group = Group.objects.get(name=ANNOTATOR)
    group.permissions.add(Permission.objects.get(codename="delete_catalog"))

    grant_roles()

    assert not group.permissions.filter(codename="delete_catalog").exists()


def test_a_reviewer_may_what_an_annotator_may_and_both_admins_what_a_reviewer_may() -> None:
    assert ROLES[ANNOTATOR] < ROLES[REVIEWER]
    assert ROLES[REVIEWER] < ROLES[CATALOG_ADMIN]
    assert ROLES[REVIEWER] < ROLES[ML_ADMIN]


def test_training_is_the_ml_admins_and_inviting_the_catalog_admins() -> None:
    assert [role for role in ROLES if "training.add_trainingrun" in ROLES[role]] == [ML_ADMIN]
    assert [role for role in ROLES if "people.invite_person" in ROLES[role]] == [CATALOG_ADMIN]


def test_a_permission_holds_in_own_catalogs_alone() -> None:
    mine, other = make_product(), make_product()
    person = make_person(CATALOG_ADMIN, [mine.catalog])

    assert may(person, "catalog.add_product")
    assert may(person, "catalog.add_product", mine.catalog)
    assert not may(person, "catalog.add_product", other.catalog)
    assert not may(person, "training.add_trainingrun", mine.catalog)
    assert list(visible(Product.objects.all(), person)) == [mine]
    assert list(catalogs(person)) == [mine.catalog]


def test_nobody_and_a_closed_account_see_nothing() -> None:
    person = make_person(CATALOG_ADMIN, [make_product().catalog])
    person.is_active = False
    person.save()

    for each in (User.objects.get(pk=person.pk), AnonymousUser()):
        assert not catalogs(each).exists()
        assert not may(each, "catalog.view_product")


def test_a_library_that_another_catalog_shares_is_read_and_not_changed() -> None:
    shared, mine = make_library(), make_library()
    catalog = make_catalog(library=shared)
    make_catalog(library=shared)
    person = make_person(CATALOG_ADMIN, [catalog, make_catalog(library=mine)])

    assert may(person, "tags.view_taglibrary", shared)
    assert not may(person, "tags.change_taglibrary", shared)
    assert not may(person, "tags.change_tag", shared.tags.first())
    assert may(person, "tags.change_tag", mine.tags.first())
    assert list(own(TagLibrary.objects.all(), person)) == [mine]


def test_a_library_of_no_catalog_is_everybodys_until_it_is_used() -> None:
    library = make_library()
    person = make_person(CATALOG_ADMIN, [make_catalog()])

    assert is_own(library, person)
    make_catalog(library=library)
    assert not is_visible(library, person)


def test_runs_and_versions_follow_the_catalog_or_the_library_that_they_serve() -> None:
    shared = make_library()
    catalog, other = make_catalog(library=shared), make_catalog(library=shared)
    person = make_person(ML_ADMIN, [catalog])
    titler, tagger = make_run(scope=catalog.key), make_run(scope=shared.key, kind="tagger", method="tagger")
    make_run(scope=other.key)

    assert set(visible(TrainingRun.objects.all(), person)) == {titler, tagger}
    assert is_own(titler, person)
    assert not is_own(tagger, person)


def test_one_outranks_who_may_no_more_and_works_nowhere_else() -> None:
    mine, other = make_catalog(), make_catalog()
    boss = make_person(CATALOG_ADMIN, [mine])
    here = make_person(ANNOTATOR, [mine], name="here")
    both = make_person(ANNOTATOR, [mine, other], name="both")
    learner = make_person(ML_ADMIN, [mine], name="learner")
    seer = make_person(ANNOTATOR, [mine], name="seer")
    seer.user_permissions.add(Permission.objects.get(codename="see_every_catalog"))
    root = User.objects.create(username="root", is_superuser=True)

    assert [outranks(boss, each) for each in (here, both, learner, seer, root)] == [True, False, False, False, False]
    assert outranks(root, boss)
