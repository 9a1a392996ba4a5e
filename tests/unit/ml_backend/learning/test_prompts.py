from ml_backend.contract import Brief, ChannelRules
from ml_backend.learning.prompts import prompt_ids, title_ids


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
    ids = prompt_ids(make_brief(description="long " * 100), LetterEncoder(), 150)

    assert len(ids) == 150
    assert "Colour: blue\nSize: 1 l\nlong" in text_of(ids)
    assert text_of(ids).endswith("\nTitle:")


def test_an_attribute_line_that_does_not_fit_is_left_out_whole() -> None:
    text = text_of(prompt_ids(make_brief(description="long " * 100, colour="blue " * 50), LetterEncoder(), 150))

    assert "Colour" not in text
    assert "Size: 1 l" in text


def test_a_brief_that_holds_nothing_but_its_channel_has_a_prompt() -> None:
    brief = Brief(catalog="c", library="", sku="1", language="zh", channel=ChannelRules(key="taobao", max_length=60))

    assert text_of(prompt_ids(brief, LetterEncoder())) == "zh, taobao, 60 characters\nTitle:"


def test_the_answer_is_the_title_and_the_end_token() -> None:
    assert title_ids("Cup", LetterEncoder(), 0) == [ord(" "), ord("C"), ord("u"), ord("p"), 0]
