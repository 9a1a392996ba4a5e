"""A tag keeps every name by which it was ever known."""

from pathlib import Path

import pytest

from tests.factories import make_library
from titlelab.errors import BadFile, NotPossibleNow
from titlelab.tags.loading import load_library
from titlelab.tags.models import Tag
from titlelab.tags.names import PresentNames
from titlelab.tags.publishing import published
from titlelab.tags.renaming import merge, rename

pytestmark = pytest.mark.django_db
State = Tag.State


def test_a_renamed_tag_keeps_its_old_name_as_an_alias_and_in_old_decisions() -> None:
    library = make_library(tags=[{"name": "gift", "aliases": ["present"]}])
    tag = library.tags.get()

    rename(tag, "Gift idea")

    library.refresh_from_db()
    assert (tag.name, tag.aliases, library.revision) == ("Gift idea", ["present", "gift"], 2)
    assert PresentNames(library).of(["gift", "wool"]) == ["Gift idea", "wool"]


def test_names_follow_through_renames_and_merges() -> None:
    library = make_library(tags=["a", "b", "c"])
    a, b, c = library.tags.order_by("name")

    rename(a, "a2")
    merge(a, b)
    merge(b, c)
    rename(c, "d")

    assert PresentNames(library).of(["a", "a2", "b", "c", "d"]) == ["d"]


def test_a_name_taken_back_is_the_tags_own_again() -> None:
    library = make_library(tags=["gift"])
    tag = library.tags.get()

    rename(tag, "present")
    rename(tag, "gift")

    assert PresentNames(library).of(["gift", "present"]) == ["gift"]
    assert tag.aliases == ["present"]


def test_another_tags_name_is_refused_and_so_is_its_former_one() -> None:
    library = make_library(tags=["gift", "wool"])
    gift, wool = library.tags.order_by("name")
    rename(wool, "merino")

    for name in ("merino", "Wool"):
        with pytest.raises(NotPossibleNow, match="merge into it instead"):
            rename(gift, name)


def test_a_name_that_can_be_none_is_refused() -> None:
    tag = make_library(tags=["gift"]).tags.get()

    with pytest.raises(BadFile):
        rename(tag, "a|b")
    with pytest.raises(NotPossibleNow):
        rename(tag, "  ")


def test_a_merged_tag_hands_over_name_and_aliases() -> None:
    library = make_library(tags=[{"name": "gift", "aliases": ["present"]}, "Gift idea"])
    gift, idea = library.tags.get(name="gift"), library.tags.get(name="Gift idea")

    merge(gift, idea)

    assert idea.aliases == ["gift", "present"]
    assert library.tags.get(name="gift").state == State.MOVED


def test_a_tag_is_merged_into_another_active_one_of_its_library_only() -> None:
    library = make_library(tags=["gift", {"name": "old", "state": State.RETIRED}])
    gift, old = library.tags.order_by("name")

    for into in (gift, old, make_library(tags=["else"]).tags.get()):
        with pytest.raises(NotPossibleNow, match="another active tag"):
            merge(gift, into)


def test_each_change_has_its_history() -> None:
    tag = make_library(tags=["gift"]).tags.get()
    tag.save()

    rename(tag, "Gift idea")

    assert [row.name for row in tag.history.all()] == ["Gift idea", "gift"]


def test_former_names_are_published_with_the_tag_that_carries_them() -> None:
    library = make_library(tags=["gift", "present"])
    gift, present = library.tags.order_by("name")
    rename(gift, "Gift idea")
    merge(present, gift)

    (spec,) = published(library).tags

    assert (spec.name, spec.former_names, spec.aliases) == ("Gift idea", ("gift", "present"), ("gift", "present"))


def test_a_file_that_still_tells_a_former_name_changes_nothing(tmp_path: Path) -> None:
    library = make_library(tags=["gift"])
    rename(library.tags.get(), "Gift idea")
    file = tmp_path / "tags.csv"
    file.write_text("name,group\ngift,Occasion\n", encoding="utf-8")

    load_library(file, key=library.key)

    library.refresh_from_db()
    assert library.revision == 2
    assert library.tags.get(state=State.ACTIVE).name == "Gift idea"


def test_a_file_that_names_a_proposed_phrase_makes_it_a_tag(tmp_path: Path) -> None:
    library = make_library(tags=[{"name": "gift", "state": State.PROPOSED}])
    file = tmp_path / "tags.csv"
    file.write_text("name\ngift\n", encoding="utf-8")

    load_library(file, key=library.key)

    assert library.tags.get().state == State.ACTIVE
