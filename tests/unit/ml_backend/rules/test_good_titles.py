"""Which of a shop's titles a model may learn from, and which products are near twins."""

import pytest

from ml_backend.contract import Brief, ChannelRules
from ml_backend.rules.families import family, held_out
from ml_backend.rules.good_titles import is_good_title

BRIEF = Brief(
    catalog="c",
    library="",
    sku="BTL-1042",
    language="en",
    channel=ChannelRules(key="amazon", max_length=75),
    brand="Norvale",
    description="An insulated bottle of steel. Oak handle. For tents. 不锈钢保温杯",
    category=("Kitchen", "Insulated Bottles of Steel"),
)


@pytest.mark.parametrize(
    "title",
    [
        "Norvale Tern Water Bottle, 17 oz",
        "Norvale Bottle for Tent",
        "Norvale Bottle, Ages 3+",
        "炊烟里不锈钢保温杯500ml",
    ],
)
def test_a_plain_title_is_good(title: str) -> None:
    assert is_good_title(title, BRIEF)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Norvale Bottle",
        "NORVALE TERN WATER BOTTLE",
        "Norvale Bottle Best Price Ever",
        "Norvale Water Bottle NEW!!!",
        "bottle Bottle water bottle",
        "Norvale Bottle BTL-1042 Steel",
        "Insulated Bottles of Steel",
        "Garden Chair With Arms",
        "Norvale Tern Water Bottle Oa",
        "Norvale Tern Water Bottle with Han",
        "Norvale Tern Bottle with",
        "Norvale Tern Bottle 3-",
        "炊烟里不锈钢保温杯包邮",
        "保温杯保温杯大保温杯不锈钢",
        "保温杯",
        "Norvale Bottle " + "with a very long story " * 4,
    ],
)
def test_a_poor_title_is_not_learnt_from(title: str) -> None:
    assert not is_good_title(title, BRIEF)


def test_variants_are_one_family() -> None:
    assert family("Norvale Tern Water Bottle, 17 oz - Red", "Norvale") == "norvale|tern water bottle"
    assert family("Norvale Tern Water Bottle, 25 oz - Blue", "Norvale") == "norvale|tern water bottle"
    assert family("炊烟里24cm不锈钢汤锅带盖", "炊烟里") == "炊烟里不锈钢"


def test_about_the_asked_share_of_families_is_held_out_and_always_the_same() -> None:
    names = [f"brand|{i}" for i in range(1000)]

    first = [name for name in names if held_out(name, 0.2)]

    assert 150 < len(first) < 250
    assert first == [name for name in names if held_out(name, 0.2)]
