"""What counts as invented, and what careful people may write."""

import pytest

from ml_backend.contract import Brief, ChannelRules
from ml_backend.rules.faithfulness import hard_facts, soft_facts, unsupported_facts

CHANNEL = ChannelRules(key="amazon", max_length=75)


def make_brief(description: str = "", title: str = "", brand: str = "Norvale", **attributes: str) -> Brief:
    return Brief(
        catalog="c",
        library="",
        sku="AB-9999",
        language="en",
        channel=CHANNEL,
        title=title,
        brand=brand,
        description=description,
        attributes=tuple(attributes.items()),
    )


@pytest.mark.parametrize(
    ("title", "source"),
    [
        ("Norvale Bottle 750ml", "Holds 750 millilitres."),
        ("Norvale Bottle 17 oz", "Capacity: 500 ml"),
        ("Norvale Soap (3-Pack)", "A pack of three."),
        ("Norvale Pillow Covers, Set of Two", "Set content: 2 pillow covers."),
        ("Norvale Cable 6 ft", "Black cable, length: 1.83 m"),
        ("Norvale Honey 25g*30", "Net weight 750 g, 30 sticks"),
        ("Norvale 4-Port Hub", "Hub with 4 ports and 2 lamps."),
        ("Norvale Shirt - Navy Blue", "navy_blue"),
        ("Norvale Shirt - Charcoal", "A fine grey."),
        ("Norvale 500ml 304不锈钢杯", "500毫升,304不锈钢(食品级)"),
        ("Norvale 儿童水杯三件套", "3件"),
        ("Norvale LC51C Cartridge", "Cartridge lc-51c"),
        ("Norvale Rice 1,000 g", "1 kg of rice"),
        ("Norvale Rucksack 28L", "Capacity: twenty-eight liters."),
        ("Norvale 50-Piece Puzzle", "There are fifty parts in the box."),
        ('Norvale Pan 9.5"', "Size: nine and a half inches across."),
        ('Norvale Dog Bed, 30" x 22"', "Measurements: 30x22 inches"),
        ("Norvale 2-Person 4-Season Tent", "Sleeps a couple. Good for the whole year."),
        ("Norvale Candles, 24 Pack", "two dozen"),
        ("Norvale焖烧杯750ml", "净容量：七百五十毫升"),
        ("Norvale茶叶100克", "二两茶叶"),
        ("Norvale床笠1.8米", "配一米八的床刚好"),
        ("Norvale帐篷3-4人", "够三四个人用"),
        ("Norvale 304不锈钢炒锅", "锅体：SUS304"),
        ("Norvale不锈钢杯", "食品级316钢"),
        ("Norvale帐篷 米色", "燕麦色"),
        ("Norvale水杯 米色", "奶白"),
        ("Norvale双肩包USB接口", "侧面有孔，接上就能给手机补电"),
    ],
)
def test_what_the_brief_says_in_other_words_is_supported(title: str, source: str) -> None:
    assert unsupported_facts(title, make_brief(source)) == ()


@pytest.mark.parametrize(
    ("title", "fact"),
    [
        ("Norvale Bottle 800 ml", "800 ml is not in the source"),
        ("Norvale Bottle 750 g", "750 g is not in the source"),
        ("Norvale Bottle Red", "colour red, but the source says blue"),
        ("Norvale Leather Bottle", "material leather is not in the source"),
        ("Norvale Bottle XL", "size xl is not in the source"),
        ("Ketterby Bottle", "Ketterby is not in the source"),
        ("Norvale Bottle KX900", "KX900 is not in the source"),
        ("Norvale真皮水杯", "material 真皮 is not in the source"),
        ("红色保温杯", "colour 红色, but the source says blue"),
        ("Norvale水杯800ml", "800ml is not in the source"),
        ("Norvale不锈钢水杯", "material 不锈钢 is not in the source"),
        ("Norvale Bottle, 2-Pack", "2-Pack is not in the source"),
        ("Norvale Bottle, Set of Two", "Set of Two is not in the source"),
        ("Samsung Bottle", "Samsung is not in the source"),
    ],
)
def test_what_the_brief_does_not_hold_is_reported(title: str, fact: str) -> None:
    assert unsupported_facts(title, make_brief("A blue bottle that holds 750 ml.")) == (fact,)


def test_the_present_title_is_a_source_only_where_there_is_no_other() -> None:
    alone = make_brief(title="Bottle 500 ml", brand="")
    described = make_brief("A bottle.", title="Bottle 500 ml", brand="")

    assert unsupported_facts("Bottle 500ml", alone) == ()
    assert unsupported_facts("Bottle 500ml", described) == ("500ml is not in the source",)


def test_what_contradicts_is_hard_and_what_is_merely_unmentioned_is_soft() -> None:
    told = make_brief("A bottle.", Colour="blue", Waterproof="No")
    untold = make_brief("A bottle.")

    assert hard_facts("Norvale Red Bottle, Waterproof", told) == (
        "colour red, but the source says blue",
        "claim waterproof, but the source says no",
    )
    assert hard_facts("Norvale Red Bottle, Waterproof", untold) == ()
    assert soft_facts("Norvale Red Bottle, Waterproof", untold) == (
        "colour red is not in the source",
        "claim waterproof is not in the source",
    )


def test_a_part_in_another_colour_contradicts_nothing() -> None:
    assert hard_facts("Norvale Black Watch", make_brief("A watch.", **{"Strap colour": "brown"})) == ()


def test_a_product_in_many_colours_may_be_named_in_one() -> None:
    assert hard_facts("Norvale Red Pens", make_brief("Pens.", Colour="Assorted: blue, green")) == ()


def test_other_things_of_the_same_number_do_not_support_a_pack() -> None:
    assert hard_facts("Norvale Shorts, 6-Pack", make_brief("Shorts with 6 pockets.")) == (
        "6-Pack is not in the source",
    )
    assert hard_facts("Norvale 5-Port Hub", make_brief("Hub with 4 ports and 5 lamps.")) == ("5 is not in the source",)


def test_a_brand_of_one_letter_takes_no_letter_from_other_words() -> None:
    assert hard_facts("W White Shirt", make_brief("A shirt.", brand="W", Colour="black")) == (
        "colour white, but the source says black",
    )


def test_figures_that_a_chinese_title_writes_without_a_blank_are_no_code() -> None:
    brief = make_brief(功率="66W", 线长="2米", 材质="304不锈钢", 口径="24厘米")
    assert hard_facts("快充线66W2米", brief) == ()
    assert hard_facts("24cm304不锈钢汤锅", brief) == ()
    assert hard_facts("快充线66W3米", brief) != ()


@pytest.mark.parametrize("number", ["9" * 400, "9" * 5000], ids=["beyond a float", "beyond Python's reading"])
@pytest.mark.parametrize("after", ["½ cup", "万毫安", " dozen", " in 1", "g/ml", " ml x 2", "w"])
def test_a_number_that_no_computer_holds_is_no_fact_and_no_fault(number: str, after: str) -> None:
    brief = make_brief(f"A bottle of 750 ml, {number}{after}, 5 ml x {number}.")

    assert hard_facts("Norvale Bottle 750 ml", brief) == ()
    assert hard_facts(f"Norvale Bottle {number}{after} 900 ml", brief) != ()


def test_a_source_of_digits_alone_is_read_in_one_pass() -> None:
    """Each place would be read from to the end: of so many digits that takes hours."""
    brief = make_brief("1" * 50_000 + " 900 ml")

    assert hard_facts("Norvale Bottle 900 ml", brief) == ()


def test_what_a_source_compares_with_is_no_fact_however_often_it_does() -> None:
    brief = make_brief("Warmer than wool, thinner than pure cotton. " * 1_000 + "The shell is nylon.")

    assert hard_facts("Norvale Nylon Jacket", brief) == ()
    assert hard_facts("Norvale Leather Jacket", brief) == ("material leather, but the source says nylon",)
