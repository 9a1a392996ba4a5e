"""Phrases that are said often, of some products more than of others, and by themselves."""

from ml_backend.rules.phrases import Phrase, specific_phrases

PANS = [
    "A pan with a dishwasher safe coating.",
    "This lid is dishwasher safe. It fits.",
    "Handles stay cool and dishwasher safe glass inside.",
    "Truly dishwasher safe, says our cook.",
]
HATS = ["A hat of soft felt.", "Knitted hat for winter.", "Straw hat with a band.", "A cap of cotton."]
GROUPS = ["Kitchen"] * 4 + ["Clothing"] * 4


def found(texts: list[str], groups: list[str], *, least: int = 3, without: tuple[str, ...] = ()) -> dict[str, Phrase]:
    return {phrase.text: phrase for phrase in specific_phrases(texts, groups, least=least, without=without)}


def padded(texts: list[str], groups: list[str]) -> tuple[list[str], list[str]]:
    """Add products that say nothing, so that what four of them say is not said of all."""
    return [*texts, *["Nothing of note."] * 24], [*groups, *["Kitchen", "Clothing", "Toys"] * 8]


def test_a_frequent_phrase_is_found_with_its_count_and_places() -> None:
    phrase = found(*padded(PANS + HATS, GROUPS))["dishwasher safe"]

    assert (phrase.n, phrase.places) == (4, (0, 1, 2, 3))


def test_words_that_only_stand_within_a_longer_phrase_are_not_found_by_themselves() -> None:
    phrases = found(*padded(PANS + HATS, GROUPS))

    assert "dishwasher" not in phrases
    assert "safe" not in phrases


def test_a_phrase_rarer_than_asked_for_is_not_found() -> None:
    assert "dishwasher safe" not in found(*padded(PANS + HATS, GROUPS), least=5)


def test_what_is_said_of_every_group_alike_is_not_specific() -> None:
    texts = [f"{word} with fast dispatch {i}." for i, word in enumerate(["Pot", "Pan", "Hat", "Cap", "Toy", "Kite"])]

    assert "fast dispatch" not in found(*padded(texts, ["Kitchen", "Kitchen", "Clothing", "Clothing", "Toys", "Toys"]))


def test_words_to_leave_out_stand_in_no_phrase() -> None:
    phrases = found(*padded(PANS + HATS, GROUPS), without=("dishwasher",))

    assert not any("dishwasher" in text for text in phrases)


def test_function_words_part_phrases() -> None:
    assert not {"a", "with", "safe coating with"} & found(*padded(PANS + HATS, GROUPS)).keys()


def test_chinese_phrases_are_cut_by_words() -> None:
    texts = [
        "内胆是食品级不锈钢。",
        "杯盖食品级材质,放心。",
        "选用食品级硅胶",
        "刀柄食品级塑料。",
        "毛线帽子",
        "草帽",
        "棉帽子",
        "礼帽",
    ]

    phrase = found(*padded(texts, GROUPS))["食品级"]

    assert phrase.n == 4


def test_the_order_of_the_texts_does_not_count() -> None:
    texts, groups = padded(PANS + HATS, GROUPS)

    there = found(texts, groups)
    back = found(texts[::-1], groups[::-1])

    assert {text: (p.n, p.score) for text, p in there.items()} == {text: (p.n, p.score) for text, p in back.items()}


def test_no_texts_hold_no_phrases() -> None:
    assert found([], []) == {}
