"""A part of the golden set is fixed once, so that versions can be compared over time."""

import datetime as dt

import pytest
from django.conf import LazySettings

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product
from tests.fakes import FakeTrainer
from titlelab.catalog.models import Catalog
from titlelab.review.models import Decision, ReviewItem
from titlelab.training import dataset as datasets
from titlelab.training.dataset import dataset
from titlelab.training.freezing import freeze_golden
from titlelab.training.models import FrozenGolden, ModelVersion
from titlelab.training.running import execute_run
from titlelab.training.starting import start_run

pytestmark = pytest.mark.django_db
WORDS = ["amber", "birch", "copper", "dune", "ember", "fjord", "garnet", "heath", "iris", "jade", "krill", "larch"]


@pytest.fixture
def shop(settings: LazySettings) -> Catalog:
    settings.GATE_LEAST_GOLDEN = 5
    return make_catalog(key="shop", library=None)


def golden(shop: Catalog, n: int, *, arm: str = ReviewItem.Arm.RANDOM) -> Decision:
    draft = make_draft(product=make_product(catalog=shop, sku=f"G{n}"), title=f"{WORDS[n].capitalize()} Kettle Steel")
    return make_decision(item=make_item(draft=draft, arm=arm), decided_at=NOW + dt.timedelta(minutes=n))


def skus(shop: Catalog) -> list[str]:
    return [example.brief.sku for example in dataset("titler", "shop", NOW.date()).golden]


def test_the_first_golden_decisions_are_frozen_once_there_are_enough(shop: Catalog) -> None:
    for n in range(4):
        golden(shop, n)
    golden(shop, 11, arm=ReviewItem.Arm.UNCERTAIN)
    assert freeze_golden("titler", "shop") == 0

    for n in range(4, 7):
        golden(shop, n)
    assert freeze_golden("titler", "shop") == 5
    assert freeze_golden("titler", "shop") == 0
    assert dataset("titler", "shop", NOW.date()).frozen == {"G0", "G1", "G2", "G3", "G4"}


def test_the_fresh_part_is_the_latest_and_the_frozen_part_stays(shop: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MOST_FRESH", 2)
    for n in range(5):
        golden(shop, n)
    freeze_golden("titler", "shop")
    for n in range(5, 9):
        golden(shop, n)

    assert skus(shop) == ["G0", "G1", "G2", "G3", "G4", "G7", "G8"]


def test_a_golden_decision_of_neither_part_is_not_learnt(shop: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MOST_FRESH", 1)
    for n in range(8):
        golden(shop, n)
    freeze_golden("titler", "shop")

    assert dataset("titler", "shop", NOW.date()).examples == ()


def test_a_frozen_decision_keeps_its_word_when_it_is_superseded_and_goes_when_it_is_withdrawn(shop: Catalog) -> None:
    decisions = [golden(shop, n) for n in range(5)]
    freeze_golden("titler", "shop")
    Decision.objects.filter(pk=decisions[0].pk).update(superseded_at=NOW)
    make_decision(
        item=decisions[0].item,
        title="Other",
        outcome="edited",
        title_edit=0.9,
        annotation_id=decisions[0].annotation_id,
        annotation_updated_at=NOW + dt.timedelta(days=1),
    )
    Decision.objects.filter(pk=decisions[1].pk).update(withdrawn_at=NOW)

    golden_set = dataset("titler", "shop", NOW.date()).golden

    assert [example.title for example in golden_set if example.brief.sku == "G0"] == ["Amber Kettle Steel"]
    assert "G1" not in skus(shop)
    assert FrozenGolden.objects.count() == 5


def test_a_version_tells_its_quality_on_both_parts(shop: Catalog) -> None:
    for n in range(6):
        golden(shop, n)
    make_product(catalog=shop, title="Larch Lamp Oak", has_good_title=True)

    execute_run(
        start_run("template", "shop").pk, FakeTrainer(candidate=[0.9, 0.9, 0.9, 0.9, 0.9, 0.6], serving=[0.5] * 6)
    )

    metrics = ModelVersion.objects.get().metrics
    assert metrics["quality_frozen"] == pytest.approx(0.9)
    assert metrics["quality_fresh"] == pytest.approx(0.6)
