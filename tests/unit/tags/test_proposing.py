"""Proposals wait for an admin, keep their place, and do not come back once they are settled."""

import pytest

from tests.factories import NOW, make_library
from tests.unit.tags.test_candidates import REST, SAFE
from titlelab.errors import NotPossibleNow
from titlelab.tags.models import Tag, TagLibrary, TagProposal
from titlelab.tags.proposing import MOST_WAITING, accept, propose_tags, refuse
from titlelab.tags.renaming import merge

pytestmark = pytest.mark.django_db
State = Tag.State


def search(library: TagLibrary) -> int:
    return propose_tags(library, SAFE + REST, settled=[], without=frozenset(), now=NOW)


def proposed(library: TagLibrary) -> Tag:
    return library.tags.get(state=State.PROPOSED)


def test_a_search_proposes_once_and_changes_no_revision() -> None:
    library = make_library(tags=["Gift"])

    assert (search(library), search(library)) == (1, 0)

    library.refresh_from_db()
    assert (proposed(library).name, library.revision, library.searched_at) == ("dishwasher safe", 1, NOW)
    assert proposed(library).proposal.n_products == 6


def test_an_accepted_phrase_is_a_tag_of_the_next_revision() -> None:
    library = make_library()
    search(library)

    accept(proposed(library))

    library.refresh_from_db()
    assert (library.tags.get(name="dishwasher safe").state, library.revision) == (State.ACTIVE, 2)
    assert search(library) == 0


def test_a_refused_phrase_does_not_come_back() -> None:
    library = make_library()
    search(library)

    refuse(proposed(library))

    assert search(library) == 0
    assert library.tags.get(name="dishwasher safe").state == State.REFUSED


def test_a_merged_phrase_is_an_alias_and_does_not_come_back() -> None:
    library = make_library(tags=["Easy care"])
    search(library)
    tag = library.tags.get(name="Easy care")

    merge(proposed(library), tag)

    tag.refresh_from_db()
    assert tag.aliases == ["dishwasher safe"]
    assert search(library) == 0


def test_only_what_is_proposed_can_be_accepted_or_refused() -> None:
    tag = make_library(tags=["Gift"]).tags.get()

    for settle in (accept, refuse):
        with pytest.raises(NotPossibleNow, match="not proposed"):
            settle(tag)


def test_an_admin_is_not_flooded() -> None:
    library = make_library(tags=[{"name": f"old {n}", "state": State.PROPOSED} for n in range(MOST_WAITING)])

    assert search(library) == 0


def test_a_waiting_proposal_gets_fresh_counts() -> None:
    library = make_library()
    search(library)
    TagProposal.objects.update(n_products=1)

    search(library)

    assert proposed(library).proposal.n_products == 6


def test_a_proposal_goes_when_an_alias_that_is_typed_by_hand_covers_it() -> None:
    library = make_library(tags=["Easy care"])
    search(library)
    library.tags.filter(name="Easy care").update(aliases=["Dishwasher safe"])

    search(library)

    assert not library.tags.filter(state=State.PROPOSED).exists()
