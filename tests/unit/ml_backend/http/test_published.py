"""Which tags a library has, as it was last published."""

from pathlib import Path

import pytest

from ml_backend.contract import PublishedLibrary, PublishedTaxonomy, TagSpec, library_file
from ml_backend.errors import BadRequest
from ml_backend.http.published import published_libraries, published_taxonomies
from tests.unit.ml_backend.http.fakes import publish, publish_taxonomy

HOME = PublishedLibrary(key="home", revision=1, tags=(TagSpec(name="kitchen"),))


def test_a_library_that_was_never_published_has_no_tags(tmp_path: Path) -> None:
    assert published_libraries(tmp_path).get("home") == PublishedLibrary(key="home", revision=0, tags=())
    assert published_libraries(tmp_path).get("").tags == ()


def test_a_library_follows_its_file_until_it_is_gone(tmp_path: Path) -> None:
    libraries = published_libraries(tmp_path)
    publish(tmp_path, HOME)
    assert libraries.get("home") == HOME

    newer = PublishedLibrary(key="home", revision=2, tags=(TagSpec(name="eco"),))
    publish(tmp_path, newer)
    assert libraries.get("home") == newer

    library_file(tmp_path, "home").unlink()
    assert libraries.get("home").revision == 0


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"key": "home"}', b"\xff", b"[" * 100_000])
def test_an_unreadable_file_keeps_the_last_state_in_force_and_is_told(tmp_path: Path, content: bytes) -> None:
    libraries = published_libraries(tmp_path)
    publish(tmp_path, HOME)
    libraries.get("home")

    library_file(tmp_path, "home").write_bytes(content)

    assert libraries.get("home") == HOME
    assert "publish it again" in libraries.problems()[0]
    publish(tmp_path, HOME)
    assert libraries.get("home") == HOME
    assert libraries.problems() == []


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest):
        published_libraries(tmp_path).get("../home")


def test_a_taxonomy_is_of_the_catalog_that_asks_for_categories(tmp_path: Path) -> None:
    taxonomies = published_taxonomies(tmp_path)
    assert taxonomies.get("shop").paths == ()

    publish_taxonomy(tmp_path, PublishedTaxonomy(key="shop", revision=3, paths=(("Home", "Flasks"),)))

    assert taxonomies.get("shop").paths == (("Home", "Flasks"),)
