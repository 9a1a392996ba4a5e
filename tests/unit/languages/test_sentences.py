"""A sentence that was composed in English is said in the reader's language."""

import pytest
from django.utils.html import format_html
from django.utils.translation import override

from titlelab.languages.sentences import said

CHINESE = "zh-hans"


def test_a_template_is_recognised_and_filled_in_again() -> None:
    with override(CHINESE):
        told = said("new.csv holds more than 1,000 rows: import it in parts")

    assert told == "new.csv 超过 1,000 行：请分几次导入"


def test_a_sentence_within_a_sentence_is_said_too() -> None:
    verdict = "Passed. Passed on 60 items (golden set): 0.812 against 0.799; not worse. Judged on 60 items: golden set."

    with override(CHINESE):
        told = said(verdict)

    assert told == "通过。在 60 个条目（黄金样本）上：0.812 对 0.799；不比原来差，通过。在 60 个条目上评判：黄金样本。"


def test_what_somebody_named_keeps_its_name() -> None:
    with override(CHINESE):
        told = said("“Tags” is an alias of “Open” now.")

    assert told == "“Tags”现在是“Open”的别名。"


@pytest.mark.parametrize("text", ["", "xyzzy", "ValueError: no such thing 17"])
def test_what_is_recognised_by_nothing_stays(text: str) -> None:
    with override(CHINESE):
        assert said(text) == text


def test_english_stays_as_it_is() -> None:
    assert said("nothing new to learn") == "nothing new to learn"


def test_markup_stays_safe_and_what_fills_it_escaped() -> None:
    sentence = format_html('A training run is queued: <a class="tl-link" href="{}">{}</a>.', "/runs/7/", "<b>")

    with override(CHINESE):
        told = said(sentence)

    assert told == '一次训练已排队：<a class="tl-link" href="/runs/7/">&lt;b&gt;</a>。'
    assert hasattr(told, "__html__")


def test_text_is_never_made_safe() -> None:
    with override(CHINESE):
        assert not hasattr(said("new.csv holds no products"), "__html__")


@pytest.mark.parametrize("text", ["x: " * 5000, "a, b: c. " * 2000, "of in to and ; ( " * 1000, "“x” " * 3000])
def test_a_text_made_up_of_what_stands_between_placeholders_is_said_in_one_pass(text: str) -> None:
    """Neither does it end in as many levels as it has words, nor are its words tried in every combination."""
    with override("zh-hans"):
        assert said(text).count("x") == text.count("x")
