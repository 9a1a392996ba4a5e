"""The sentences that rules, ranking, the gate and imports really compose are said in Chinese, none left in English."""

import re
from pathlib import Path

import numpy as np
import pytest
from django.utils.translation import override

from ml_backend.contract import Brief, ChannelRules, GoldenScore, TrainingReport, to_json
from ml_backend.learning.drafting import drafts
from ml_backend.learning.tagger import AliasTagger
from ml_backend.learning.titler_template import TemplateTitler
from ml_backend.rules.faithfulness import hard_facts, soft_facts
from ml_backend.rules.policy import violations
from tests.factories import NOW, make_decision, make_draft, make_product
from tests.unit.web.test_saving_sentences import outlook, saved
from titlelab.catalog.reading import Refusal, rows
from titlelab.errors import TitleLabError
from titlelab.labelstudio.label_config import REJECT_REASONS
from titlelab.languages.sentences import said
from titlelab.review.classifying import Final, judge
from titlelab.review.looking import Reviewer, send_back
from titlelab.review.priority import Candidate, most_useful
from titlelab.training.estimate import in_words
from titlelab.training.gate import verdict
from titlelab.web.admin.saving_sentences import outlook_sentence, saved_sentence
from titlelab.web.admin.verdicts import verdict_rows, verdict_sentence

CHANNEL = ChannelRules(
    key="amazon", max_length=20, banned_words=("best seller",), banned_characters="!", max_repeats=2, bans_shouting=True
)
BRIEF = Brief(
    catalog="c", library="", sku="A-1", language="en", channel=CHANNEL, title="", brand="Norvik",
    description="A red cotton cap of 58 cm for men. Not waterproof.", attributes=(("Colour", "red"),),
    category=("Clothing", "Caps"),
)  # fmt: skip
GOLDEN_KINDS = ("golden set", "held-out families")
TITLE = "Best seller blue silk cap for women cap cap 500 ml KX-200 waterproof SALE NOW BUY!"
FILE = (
    "sku,title,price,currency,image_url,attributes,category\n"
    ",Cap,1,EUR,,,\nA1,Cap,cheap,EUR,,,\nA2,Cap,-1,EUR,,,\nA3,Cap,1,euros,,,\nA4,Cap,1,EUR,ftp://x,,\n"
    "A5,Cap,1,EUR,,novalue,\nA6,Cap\nA7,Cap,1,EUR,,,\nA7,Cap,1,EUR,,,\n"
)


def left_in_english(sentence: str, *names: str) -> set[str]:
    with override("zh-hans"):
        told = said(sentence)
    for name in names:
        told = told.replace(name, "")
    return set(re.findall(r"[a-z]{2,}", told.casefold()))


def test_broken_rules_and_unsupported_facts() -> None:
    sentences = [*violations(TITLE, CHANNEL), *hard_facts(TITLE, BRIEF), *soft_facts(TITLE, BRIEF)]

    left = {sentence: left_in_english(sentence) - set(re.findall("[a-z]+", TITLE.casefold())) for sentence in sentences}

    assert len(left) > 8
    assert not {sentence: words for sentence, words in left.items() if words - {"red", "cotton", "men", "no"}}


def test_reasons_of_a_drafted_title() -> None:
    (draft,) = drafts(
        [BRIEF],
        titler=TemplateTitler.untrained(),
        tagger=AliasTagger(),
        library=None,
        titler_version=0,
        tagger_version=0,
    )

    reasons = [reason for candidate in draft.candidates for reason in candidate.reasons]

    names = {"norvik", "caps", "clothing", "colour", "red"}
    assert reasons
    assert not [reason for reason in reasons if left_in_english(reason) - names]


def test_why_a_product_is_asked_about() -> None:
    made = [
        Candidate(
            product_id=i,
            title_uncertainty=i / 9,
            tag_uncertainty=0.5,
            words=frozenset({"cap"}),
            age_days=40.0 * (i == 1),
        )
        for i in range(9)
    ]
    choices = most_useful(made, 5, n_random=1, patience_days=30, rng=np.random.default_rng(0), asked=())

    assert {choice.arm for choice in choices} >= {"random", "uncertain"}
    assert not [choice.why for choice in choices if left_in_english(choice.why)]


@pytest.mark.django_db
def test_why_a_product_is_asked_about_anew() -> None:
    decision = make_decision(draft=make_draft(product=make_product()))

    look = send_back(decision, by=Reviewer(email="ruth@shop.example"), reason="再看", now=NOW)

    assert look.asked_again is not None
    assert left_in_english(look.asked_again.why) == set()


@pytest.mark.parametrize(
    "final",
    [
        Final(title="x", was_cancelled=True),
        Final(title=""),
        *(Final(title="x", reject_reason=r) for r in REJECT_REASONS),
    ],
)
def test_why_a_draft_was_rejected(final: Final) -> None:
    assert left_in_english(judge(None, final).reject_reason) == set()


@pytest.mark.parametrize("qualities", [(0.9, 0.5), (0.2, 0.8), (0.5, 0.5)])
@pytest.mark.parametrize("n", [3, 20])
@pytest.mark.parametrize("golden_is", GOLDEN_KINDS)
def test_verdicts_of_the_gate(qualities: tuple[float, float], n: int, golden_is: str) -> None:
    candidate, serving = (
        tuple(GoldenScore(sku=f"S{i}", group="Caps", quality=quality, n_violations=i % 2) for i in range(n))
        for quality in qualities
    )
    report = TrainingReport(
        version_folder="v1", n_examples=9, seconds=1.0, device="cpu", metrics={}, serving_version=0,
        candidate=candidate, serving=serving,
    )  # fmt: skip
    judged = to_json(verdict(report, margin=0.02, golden_is=golden_is))

    told = [verdict_sentence(judged), *(row[0] for row in verdict_rows(judged))]

    assert not [text for text in told if left_in_english(text, "Caps")]


def test_refused_rows(tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_text(FILE)

    reasons = [row.reason for row in rows(file, file_name="new.csv") if isinstance(row, Refusal)]

    given = {"eur", "cheap", "euros", "http", "https", "json", "novalue", "colour", "blue", "size"}
    assert len(reasons) > 5
    assert not [reason for reason in reasons if left_in_english(reason) - given]


@pytest.mark.parametrize("content", ["", "\n\n", "name,price\nCap,1\n", "sku\n"])
def test_refused_files(content: str, tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_text(content)

    with pytest.raises(TitleLabError) as refused:
        list(rows(file, file_name="new.csv"))

    assert not left_in_english(str(refused.value)) - {"new", "csv", "sku", "name", "price"}


@pytest.mark.parametrize("left_s", [20.0, 70.0, 600.0])
def test_estimates(left_s: float) -> None:
    assert not left_in_english(in_words(left_s))


@pytest.mark.parametrize("low", [-90, -40, 40])
def test_what_choosing_saves(low: float) -> None:
    sentences = [
        saved_sentence(None), outlook_sentence(None), saved_sentence(saved(low, low + 60, low + 80)),
        outlook_sentence(outlook(low / 50, low / 50 + 1, low / 50 + 2)),
    ]  # fmt: skip

    assert not [sentence for sentence in sentences if left_in_english(sentence)]
