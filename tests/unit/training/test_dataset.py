import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings

from ml_backend.rules.families import held_out
from tests.factories import (
    NOW,
    make_catalog,
    make_decision,
    make_draft,
    make_item,
    make_library,
    make_product,
    make_queue,
)
from titlelab.catalog.models import Catalog, Product
from titlelab.review.looking import Reviewer, accept
from titlelab.review.models import Decision
from titlelab.tags.models import Tag
from titlelab.tags.renaming import rename
from titlelab.training.dataset import Dataset, as_line, dataset

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
EDITED, REJECTED = Decision.Outcome.EDITED, Decision.Outcome.REJECTED


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop", library=make_library(key="tags", tags=["waterproof", "gift"]))


def test_a_titler_learns_final_titles_from_the_brief_that_was_drafted(shop: Catalog) -> None:
    decision = _decided(shop, outcome=EDITED, title="Norvik Bottle 750 ml")

    data = dataset("titler", "shop", TODAY)

    (example,) = data.examples
    assert (example.title, example.tags, example.source) == ("Norvik Bottle 750 ml", None, "decision")
    assert example.brief.sku == decision.item.product.sku
    assert example.brief.title == ""
    assert (data.n_decisions, data.last_decision_id) == (1, decision.pk)


def test_a_titler_reads_a_decision_twice_for_one_reading_of_the_shops_own_title(shop: Catalog) -> None:
    _decided(shop, outcome=EDITED, title="Norvik Flame Flask Iron")
    own = _good(shop, _title(held_out=False))

    data = dataset("titler", "shop", TODAY)

    assert sorted(example.title or "" for example in data.lessons) == sorted(
        ["Norvik Flame Flask Iron", "Norvik Flame Flask Iron", own.title]
    )
    assert (len(data.examples), data.n_decisions) == (2, 1)


def test_a_tagger_reads_every_decision_once(shop: Catalog) -> None:
    _decided(shop, title=_title(held_out=False, share=0.25))

    data = dataset("tagger", "tags", TODAY)

    assert data.lessons == data.examples


def test_a_titler_learns_the_shops_own_good_titles(shop: Catalog) -> None:
    title = _title(held_out=False)
    _good(shop, title)
    make_product(catalog=shop, title="bottle")

    data = dataset("titler", "shop", TODAY)

    (example,) = data.examples
    assert (example.title, example.source, example.brief.title) == (title, "catalog", "")


def test_of_many_good_titles_some_families_are_measured_and_some_learnt(
    shop: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("titlelab.training.dataset.MOST_STAND_INS", 2)
    monkeypatch.setattr("titlelab.training.dataset.MOST_GOOD_TITLES", 5)
    for first in "abcdefghijklmnopqrstuvwxyz":
        for second in "ab":
            _good(shop, f"Norvik {first}{second}rel bottle steel")

    data, again = dataset("titler", "shop", TODAY), dataset("titler", "shop", TODAY)

    assert (len(data.golden), len(data.examples)) == (2, 5)
    assert all(held_out(example.family, 0.15) for example in data.golden)
    assert not any(held_out(example.family, 0.15) for example in data.examples)
    assert again == data


def test_a_decision_wins_over_the_shops_own_title(shop: Catalog) -> None:
    product = _good(shop, "Norvik Ember Bottle Steel")
    _decided(shop, product=product, outcome=EDITED, title="Norvik Flame Flask Iron")

    data = dataset("titler", "shop", TODAY)

    assert [example.title for example in data.examples] == ["Norvik Flame Flask Iron"]


def test_a_categorizer_learns_what_people_chose_and_what_the_shop_tells_of_the_other_products(shop: Catalog) -> None:
    told = make_product(catalog=shop, title=_title(held_out=False), category=["Home", "Flasks"])
    chosen = _decided(shop, title="Norvik Ember Bottle Steel", category=["Home", "Kettles"])
    _decided(shop, title="Orvel Lamp Oak Warm")  # nobody chose a category
    make_product(catalog=shop, title="", description="", category=[])

    data = dataset("categorizer", "shop", TODAY)

    learnt = {example.brief.sku: (example.category, example.source) for example in (*data.examples, *data.golden)}
    assert learnt[chosen.item.product.sku] == (("Home", "Kettles"), "decision")
    assert learnt[told.sku] == (("Home", "Flasks"), "catalog")
    assert all(example.title is None and example.tags is None for example in data.examples)
    assert chosen.item.product.sku not in {e.brief.sku for e in data.examples if e.source == "catalog"}


def test_golden_choices_measure_a_categorizer_and_held_out_products_fill_up(shop: Catalog) -> None:
    golden = _decided(shop, arm="random", title="Norvik Ember Bottle Steel", category=["Home", "Kettles"])
    apart = make_product(catalog=shop, title=_title(held_out=True), category=["Home", "Flasks"])
    learnt = make_product(catalog=shop, title=_title(held_out=False), category=["Home", "Flasks"])

    data = dataset("categorizer", "shop", TODAY)

    assert [example.brief.sku for example in data.golden] == [golden.item.product.sku, apart.sku]
    assert [example.brief.sku for example in data.examples] == [learnt.sku]
    assert data.golden_is == "held-out families"


@pytest.mark.parametrize(
    "fields", [{"outcome": REJECTED}, {"superseded_at": NOW}, {"withdrawn_at": NOW}], ids=lambda f: next(iter(f))
)
def test_what_does_not_hold_is_never_learnt(shop: Catalog, fields: dict[str, Any]) -> None:
    _decided(shop, **fields)

    assert dataset("titler", "shop", TODAY).examples == ()
    assert dataset("tagger", "tags", TODAY).examples == ()


def test_a_rejected_product_does_not_fall_back_to_its_own_title(shop: Catalog) -> None:
    _decided(shop, product=_good(shop, _title(held_out=False)), outcome=REJECTED)

    assert dataset("titler", "shop", TODAY).examples == ()


def test_a_golden_decision_measures_and_is_not_learnt_while_good_titles_fill_up_the_golden_set(shop: Catalog) -> None:
    golden = _decided(shop, arm="random", title="Norvik Ember Bottle Steel")
    twin = _good(shop, "Norvik Ember Bottle Steel Blue")  # of its family
    apart = _good(shop, _title(held_out=True))
    learnt = _good(shop, _title(held_out=False))

    data = dataset("titler", "shop", TODAY)

    assert {example.title for example in data.examples} == {twin.title, learnt.title}
    assert [example.title for example in data.golden] == [golden.title, apart.title]
    assert data.golden_is == "held-out families"


@override_settings(GATE_LEAST_GOLDEN=2)
def test_good_titles_only_fill_up_what_lacks_to_twice_a_golden_set(shop: Catalog) -> None:
    apart = [_good(shop, title) for title in _many_titles() if _is_held_out(title, 0.15)]
    _decided(shop, arm="random", title="Orvel Lamp Oak Warm")

    data = dataset("titler", "shop", TODAY)

    assert len(apart) > 3
    assert [example.source for example in data.golden] == ["decision", "catalog", "catalog", "catalog"]
    assert data.examples == ()  # families that are held out stay so, measured on or not


@override_settings(GATE_LEAST_GOLDEN=2)
def test_without_a_golden_decision_every_stand_in_measures(shop: Catalog) -> None:
    apart = [_good(shop, title) for title in _many_titles() if _is_held_out(title, 0.15)]

    assert len(dataset("titler", "shop", TODAY).golden) == len(apart) > 2


@override_settings(GATE_LEAST_GOLDEN=2)
def test_enough_golden_decisions_are_the_golden_set(shop: Catalog) -> None:
    _decided(shop, arm="random", title="Norvik Ember Bottle Steel")
    _decided(shop, arm="random", title="Orvel Lamp Oak Warm")
    _decided(shop, title="Orvel Lamp Oak Warm Two")  # of a golden item's family
    held = _good(shop, _title(held_out=True))

    data = dataset("titler", "shop", TODAY)

    assert {example.title for example in data.golden} == {"Norvik Ember Bottle Steel", "Orvel Lamp Oak Warm"}
    assert [example.title for example in data.examples] == [held.title]
    assert data.golden_is == "golden set"


def test_a_product_decided_twice_is_learnt_as_decided_last(shop: Catalog) -> None:
    product = make_product(catalog=shop)
    _decided(shop, product=product, title="Norvik Later Title One", decided_at=NOW + dt.timedelta(days=1))
    _decided(shop, product=product, title="Norvik Early Title One")

    assert [example.title for example in dataset("titler", "shop", TODAY).examples] == ["Norvik Later Title One"]


def test_what_a_reviewer_settled_is_learnt_whoever_was_asked_once_more(shop: Catalog) -> None:
    product = make_product(catalog=shop)
    settled = _decided(shop, product=product, title="Norvik Settled Title One")
    accept(settled, by=Reviewer(email="ruth@shop.example"), now=NOW)
    _decided(shop, product=product, title="Norvik Other Title One", decided_at=NOW + dt.timedelta(days=1))

    assert [example.title for example in dataset("titler", "shop", TODAY).examples] == ["Norvik Settled Title One"]


def test_a_product_once_golden_stays_golden(shop: Catalog) -> None:
    product = make_product(catalog=shop)
    _decided(shop, product=product, arm="random")
    _decided(shop, product=product, decided_at=NOW + dt.timedelta(days=1))

    assert dataset("titler", "shop", TODAY).examples == ()


def test_reserved_products_are_neither_learnt_nor_measured_on_in_their_catalog(shop: Catalog) -> None:
    other = make_catalog(key="other", library=shop.library)
    make_queue(catalog=shop, reserved_skus=["kept", "golden", "titled"])
    _decided(shop, product=make_product(catalog=shop, sku="kept"))
    _decided(shop, product=make_product(catalog=shop, sku="golden"), arm="random")
    make_product(catalog=shop, sku="titled", title="Norvik Ember Bottle Steel", has_good_title=True)
    _decided(other, product=make_product(catalog=other, sku="kept"))

    titler, tagger = dataset("titler", "shop", TODAY), dataset("tagger", "tags", TODAY)

    assert titler.examples + titler.golden == ()
    assert [example.brief.catalog for example in tagger.examples + tagger.golden] == ["other"]


def test_a_decision_on_nothing_shown_is_learnt_from_the_product(shop: Catalog) -> None:
    item = make_item(product=make_product(catalog=shop, sku="bare"))
    make_decision(item=item, draft=None, title="Norvik Bottle 750 ml", outcome=EDITED)

    assert [example.brief.sku for example in dataset("titler", "shop", TODAY).examples] == ["bare"]


def test_another_catalogs_decisions_are_another_titlers(shop: Catalog) -> None:
    _decided(make_catalog(key="other", library=shop.library))

    assert dataset("titler", "shop", TODAY).examples == ()


def test_a_tagger_learns_the_active_tags_of_all_catalogs_of_its_library(shop: Catalog) -> None:
    other = make_catalog(key="other", library=shop.library)
    _decided(shop, tags=["waterproof", "gift"], title=_title(held_out=False, share=0.25))
    _decided(other, tags=["gift", "never heard of"], title=_title(held_out=False, share=0.25))
    Tag.objects.filter(name="waterproof").update(state=Tag.State.RETIRED)

    data = dataset("tagger", "tags", TODAY)

    assert {(e.brief.catalog, e.title, e.tags) for e in data.examples} == {
        ("shop", None, ("gift",)),
        ("other", None, ("gift",)),
    }


def test_a_tagger_is_measured_on_golden_decisions_and_a_quarter_of_the_families(shop: Catalog) -> None:
    golden = _decided(shop, arm="random", title="Norvik Ember Bottle Steel")
    apart = _decided(shop, title=_title(held_out=True, share=0.25))
    learnt = _decided(shop, title=_title(held_out=False, share=0.25))

    data = dataset("tagger", "tags", TODAY)

    assert {e.brief.sku for e in data.golden} == {golden.item.product.sku, apart.item.product.sku}
    assert [e.brief.sku for e in data.examples] == [learnt.item.product.sku]


def test_the_digest_ignores_order_and_sees_every_change(shop: Catalog) -> None:
    for n in range(3):
        _decided(shop, title=f"Norvik {'abc'[n]}lpha Bottle Steel")
    data = dataset("titler", "shop", TODAY)
    turned = replace(data, examples=data.examples[::-1])
    fewer = replace(data, examples=data.examples[1:])
    measured = replace(data, examples=data.examples[1:], golden=data.examples[:1])

    def digest(data: Dataset, method: str = "template", base_model: str = "") -> str:
        return data.digest(method=method, base_model=base_model)

    assert digest(turned) == digest(data)
    assert (
        len({digest(data), digest(fewer), digest(measured), digest(data, "other"), digest(data, base_model="x")}) == 5
    )


def test_a_line_holds_an_example_as_the_trainer_reads_it(shop: Catalog) -> None:
    _decided(shop, title="诺维克 保温杯")

    line = as_line(dataset("titler", "shop", TODAY).examples[0])

    assert '"title": "诺维克 保温杯"' in line
    assert "\n" not in line


def _decided(catalog: Catalog, *, product: Product | None = None, arm: str = "uncertain", **fields: Any) -> Decision:
    draft = make_draft(product=product or make_product(catalog=catalog), version=f"t0-g0.{Decision.objects.count()}")
    return make_decision(item=make_item(draft=draft, arm=arm, state="decided"), **fields)


def _good(catalog: Catalog, title: str) -> Product:
    return make_product(catalog=catalog, title=title, has_good_title=True)


def _many_titles() -> list[str]:
    return [f"Norvik {first}{second}rel bottle steel" for first in "abcdefghklmnprst" for second in "aeiou"]


def _title(*, held_out: bool, share: float = 0.15) -> str:
    """A title whose family is, or is not, among the held-out share."""
    return next(t for t in _titles() if _is_held_out(t, share) is held_out)


def _titles() -> list[str]:
    return [
        f"Norvik {word} bottle steel"
        for word in ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "iris", "juno"]
    ]


def _is_held_out(title: str, share: float) -> bool:
    brand, *words = title.lower().split()
    return held_out(f"{brand}|{' '.join(words[:3])}", share)


def test_a_tagger_learns_tags_under_their_names_of_today(shop: Catalog) -> None:
    decision = _decided(shop, tags=["gift", "waterproof"])
    assert shop.library is not None
    rename(shop.library.tags.get(name="gift"), "Gift idea")

    data = dataset("tagger", "tags", TODAY)

    assert [e.tags for e in (*data.examples, *data.golden)] == [("Gift idea", "waterproof")]
    decision.refresh_from_db()
    assert decision.tags == ["gift", "waterproof"]
