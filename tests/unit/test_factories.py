"""The factories make rows that belong together."""

import pytest

from tests.factories import make_decision, make_draft, make_item, make_library, make_queue, make_version

pytestmark = pytest.mark.django_db


def test_a_decision_alone_brings_its_whole_chain() -> None:
    decision = make_decision()

    assert decision.item.state == "decided"
    assert decision.draft is not None
    assert decision.title == decision.draft.title == "Norvik Steel Bottle 750 ml Blue"
    assert decision.tags == ["waterproof"]
    assert decision.item.queue.catalog == decision.item.product.catalog


def test_an_item_of_a_queue_is_a_product_of_its_catalog() -> None:
    queue = make_queue()

    item = make_item(queue=queue)

    assert item.product.catalog == queue.catalog


def test_a_decision_on_an_item_takes_the_draft_it_showed() -> None:
    draft = make_draft(title="Shown")

    decision = make_decision(item=make_item(draft=draft))

    assert decision.draft == draft
    assert decision.title == "Shown"


def test_a_library_and_a_version_stand_alone() -> None:
    library = make_library(tags=["warm", {"name": "dry", "group": "weather"}])
    version = make_version(kind="tagger", scope=library.key, number=3)

    assert sorted(tag.name for tag in library.tags.all()) == ["dry", "warm"]
    assert version.run.method == "tagger"
