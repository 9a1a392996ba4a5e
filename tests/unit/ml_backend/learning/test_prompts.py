from dataclasses import asdict, replace

import pytest

from ml_backend.contract import Brief, ChannelRules, Example
from ml_backend.learning.prompts import EVERYTHING, PromptForm, prompt_ids, title_ids


class LetterEncoder:
    """Every letter is a token; the beginning of a text is marked with 1 when special tokens are asked for."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        return [1] * add_special_tokens + [ord(letter) for letter in text]


def text_of(ids: list[int]) -> str:
    return "".join(chr(i) for i in ids if i > 1)


def make_brief(*, description: str = "Keeps   water\ncool.", colour: str = "blue") -> Brief:
    return Brief(
        catalog="demo",
        library="",
        sku="1",
        language="en",
        channel=ChannelRules(key="amazon", max_length=75),
        title="old title",
        description=description,
        brand="Norvik",
        category=("Sports", "Bottles"),
        attributes=(("Colour", colour), ("Size", "1 l")),
    )


def test_a_brief_is_rendered_as_short_lines_that_end_where_the_title_begins() -> None:
    ids = prompt_ids(make_brief(), LetterEncoder())

    assert ids[0] == 1
    assert text_of(ids) == (
        "en, amazon, 75 characters\nBrand: Norvik\nCategory: Sports > Bottles\nColour: blue\nSize: 1 l\n"
        "Keeps water cool.\nTitle:"
    )


def test_the_shop_s_present_title_is_not_shown() -> None:
    assert "old title" not in text_of(prompt_ids(make_brief(), LetterEncoder()))


def test_prose_is_cut_and_attributes_stay_when_the_budget_is_short() -> None:
    ids = prompt_ids(make_brief(description="long " * 100), LetterEncoder(), EVERYTHING, 150)

    assert len(ids) == 150
    assert "Colour: blue\nSize: 1 l\nlong" in text_of(ids)
    assert text_of(ids).endswith("\nTitle:")


def test_an_attribute_line_that_does_not_fit_is_left_out_whole() -> None:
    text = text_of(
        prompt_ids(make_brief(description="long " * 100, colour="blue " * 50), LetterEncoder(), EVERYTHING, 150)
    )

    assert "Colour" not in text
    assert "Size: 1 l" in text


def test_a_brief_that_holds_nothing_but_its_channel_has_a_prompt() -> None:
    brief = Brief(catalog="c", library="", sku="1", language="zh", channel=ChannelRules(key="taobao", max_length=60))

    assert text_of(prompt_ids(brief, LetterEncoder())) == "zh, taobao, 60 characters\nTitle:"


def test_the_answer_is_the_title_and_the_end_token() -> None:
    assert title_ids("Cup", LetterEncoder(), 0) == [ord(" "), ord("C"), ord("u"), ord("p"), 0]


LAMPS = [
    ("Norvik Lamp brass", "brass", "12.5", "Made for long evenings."),
    ("Norvik Lamp steel", "steel", "13.5", "Made for bright mornings."),
    ("Norvik Lamp oak", "oak", "14.5", "Made for quiet noons."),
]


def make_lamp(title: str, metal: str, weight: str, description: str, *, channel: str = "shop") -> Example:
    brief = Brief(
        catalog="demo",
        library="",
        sku=title,
        language="en",
        channel=ChannelRules(key=channel, max_length=75),
        description=description,
        brand="Norvik",
        category=("Home", "Light", "Indoor", "Lamp"),
        attributes=(("Weight", weight), ("Maker", "Norvik"), ("Metal", metal)),
    )
    return Example(brief=brief, title=title, tags=None, source="catalog", family=title)


def learnt_prompt(examples: list[Example], brief: Brief) -> str:
    return text_of(prompt_ids(brief, LetterEncoder(), PromptForm.learned(examples)))


def test_fields_that_titles_never_tell_and_what_the_brand_says_are_left_out() -> None:
    lamps = [make_lamp(*lamp) for lamp in LAMPS * 8]

    text = learnt_prompt(lamps, lamps[0].brief)

    assert text == "Brand: Norvik\nCategory: Light > Indoor > Lamp\nMetal: brass\nMade for long evenings.\nTitle:"


def test_the_channel_is_told_where_titles_are_made_for_several() -> None:
    lamps = [make_lamp(*LAMPS[0]), make_lamp(*LAMPS[1], channel="fair")]

    assert learnt_prompt(lamps, lamps[1].brief).startswith("en, fair, 75 characters\nBrand")


def test_a_name_that_was_never_seen_is_as_useful_as_names_are_on_average() -> None:
    form = PromptForm.learned([make_lamp(*lamp) for lamp in LAMPS])
    brief = replace(make_lamp(*LAMPS[0]).brief, attributes=(("Weight", "12.5"), ("Shade", "linen"), ("Metal", "brass")))

    assert form.attributes(brief) == [("Metal", "brass"), ("Shade", "linen"), ("Weight", "12.5")]


def test_prose_is_shown_as_far_as_titles_take_from_it() -> None:
    far, near = "word " * 100 + "dimmable " + "word " * 100, "word " * 200

    reaching = PromptForm.learned([make_lamp("Lamp dimmable", "oak", "1", far)])
    short = PromptForm.learned([make_lamp("Lamp", "oak", "1", near)])

    assert reaching.prose_characters == len("word " * 100 + "dimmable")
    assert short.prose_characters == 120


def test_a_form_survives_its_json() -> None:
    form = PromptForm.learned([make_lamp(*lamp) for lamp in LAMPS])

    assert PromptForm.of_json(asdict(form)) == form
    with pytest.raises(KeyError):
        PromptForm.of_json({})
