"""An admin settles proposals, renames and merges tags; what hangs on them follows."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.factories import NOW, make_catalog, make_queue
from tests.unit.web.reading import clicked, told
from titlelab.tags.models import Tag, TagLibrary, TagProposal

pytestmark = pytest.mark.django_db
State = Tag.State
FOLLOWING = ["tasks.label_studio.provision_queue", "tasks.label_studio.refresh_open_tasks"]
Rung = list[tuple[str, tuple[Any, ...]]]


@pytest.fixture
def library() -> TagLibrary:
    """The library of a queue, with the tags waterproof and gift."""
    library = make_queue(catalog=make_catalog()).catalog.library
    assert library is not None
    return library


@pytest.fixture
def proposal(library: TagLibrary) -> TagProposal:
    tag = Tag.objects.create(library=library, name="rain proof", state=State.PROPOSED)
    return TagProposal.objects.create(
        tag=tag, n_products=9, n_suggestions=0, score=2.0, nearest=[["waterproof", 0.7]], found_at=NOW
    )


def answered(boss: Client, model: str, row_id: int, question: str, answer: object) -> Any:
    url = reverse(f"admin:tags_{model}_ask", args=[row_id, question])
    assert boss.get(url).status_code == 200
    return boss.post(url, {"answer": answer}, follow=True)


@pytest.mark.parametrize(
    ("name", "state", "bells"),
    [
        ("accept", State.ACTIVE, FOLLOWING),
        ("merge_into_nearest", State.MOVED, FOLLOWING),
        ("refuse", State.REFUSED, []),
    ],
)
def test_one_click_settles_a_proposal(
    name: str,
    state: Tag.State,
    bells: list[str],
    boss: Client,
    proposal: TagProposal,
    rung: Rung,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        clicked(boss, "tags_tagproposal", proposal.pk, name)

    proposal.tag.refresh_from_db()
    assert proposal.tag.state == state
    assert [bell for bell, _ in rung] == bells


def test_the_nearest_tag_takes_the_phrase_as_an_alias(boss: Client, proposal: TagProposal, library: TagLibrary) -> None:
    response = clicked(boss, "tags_tagproposal", proposal.pk, "merge_into_nearest")

    assert library.tags.get(name="waterproof").aliases == ["rain proof"]
    assert told(response) == ["“rain proof” is an alias of “waterproof” now."]


def test_a_proposal_is_made_an_alias_of_any_tag(boss: Client, proposal: TagProposal, library: TagLibrary) -> None:
    answered(boss, "tagproposal", proposal.pk, "merge", library.tags.get(name="gift").pk)

    assert library.tags.get(name="gift").aliases == ["rain proof"]


def test_a_settled_proposal_offers_nothing_more(boss: Client, proposal: TagProposal) -> None:
    clicked(boss, "tags_tagproposal", proposal.pk, "refuse")

    page = boss.get(reverse("admin:tags_tagproposal_change", args=[proposal.pk])).content.decode()

    assert "Alias of the nearest" not in page
    assert told(clicked(boss, "tags_tagproposal", proposal.pk, "accept"))[0].endswith("not proposed.")


def test_a_rename_is_told_and_reaches_the_queues(
    boss: Client,
    library: TagLibrary,
    rung: Rung,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    tag = library.tags.get(name="gift")

    with django_capture_on_commit_callbacks(execute=True):
        response = answered(boss, "tag", tag.pk, "rename", "Gift idea")

    tag.refresh_from_db()
    assert (tag.name, tag.history.first().history_user.username) == ("Gift idea", "boss")
    assert told(response)[0].startswith("“gift” is called “Gift idea” now")
    assert [bell for bell, _ in rung] == FOLLOWING


def test_a_rename_to_another_tags_name_is_refused_on_the_page(boss: Client, library: TagLibrary) -> None:
    response = answered(boss, "tag", library.tags.get(name="gift").pk, "rename", "Waterproof")

    assert "merge into it instead" in response.content.decode()
    assert library.tags.filter(name="gift", state=State.ACTIVE).exists()


def test_a_tag_is_merged_into_another(boss: Client, library: TagLibrary) -> None:
    gift, other = library.tags.get(name="gift"), library.tags.get(name="waterproof")

    answered(boss, "tag", gift.pk, "merge", other.pk)

    gift.refresh_from_db()
    assert (gift.state, gift.moved_to) == (State.MOVED, other)


def test_a_former_name_is_no_new_tag(boss: Client, library: TagLibrary) -> None:
    answered(boss, "tag", library.tags.get(name="gift").pk, "rename", "Gift idea")

    form = {"library": library.pk, "name": "gift", "group": "", "aliases": "", "state": "active"}
    page = boss.post(reverse("admin:tags_tag_add"), form).content.decode()

    assert "is a former name of “Gift idea”" in page


def test_staff_who_may_not_change_tags_may_not_rename_one(clerk: Client, library: TagLibrary) -> None:
    url = reverse("admin:tags_tag_ask", args=[library.tags.get(name="gift").pk, "rename"])

    assert clerk.post(url, {"answer": "x"}).status_code == 403


def test_a_click_searches_a_library(
    boss: Client,
    library: TagLibrary,
    rung: Rung,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        clicked(boss, "tags_taglibrary", library.pk, "search")

    assert rung == [("tasks.proposing.search_for_tags", (library.pk,))]
