"""Taggers: what names and aliases give at once, and what Decisions teach."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from ml_backend.contract import Brief, ChannelRules, Example, Tagger, TagSpec
from ml_backend.learning.metrics import mean, tag_quality
from ml_backend.learning.tagger import AliasTagger, LinearTagger
from ml_backend.learning.uncertainty import tag_uncertainty

WARM = TagSpec(name="For Winter", aliases=("winter",))
LEATHER = TagSpec(name="Leather")
UNSEEN = TagSpec(name="防水", aliases=("不怕雨",))
FACES = ["keeps out frost", "lined with fleece", "for snowy walks"]
OTHERS = ["for the beach", "made of mesh", "for hot days"]


def make_example(i: int) -> Example:
    """Return a coat; winter is meant by its wording, and denied where the word itself stands."""
    rng = np.random.default_rng(i)
    is_warm, is_leather = bool(rng.integers(2)), bool(rng.integers(2))
    wording = str(rng.choice(FACES if is_warm else OTHERS))
    denial = "" if is_warm or i % 3 else " Not made for winter."
    brief = Brief(
        catalog="c",
        library="l",
        sku=str(i),
        language="en",
        channel=ChannelRules(key="k", max_length=75),
        description=f"Coat number {i}, {wording}, made of {'leather' if is_leather else 'nylon'}.{denial}",
    )
    tags = tuple(tag.name for tag, applies in ((WARM, is_warm), (LEATHER, is_leather)) if applies)
    return Example(brief=brief, title=None, tags=tags, source="decision", family=str(i))


TRAIN, TEST = [make_example(i) for i in range(60)], [make_example(i) for i in range(100, 130)]


def quality(tagger: Tagger) -> float:
    scores = tagger.score([example.brief for example in TEST], [WARM, LEATHER])
    proposed = [[score.name for score in own if score.is_proposed] for own in scores]
    return mean([tag_quality(own, example.tags or ()) for own, example in zip(proposed, TEST, strict=True)])


@pytest.fixture(scope="module")
def learned() -> LinearTagger:
    return LinearTagger.learned(TRAIN, [WARM, LEATHER], seed=0)


def test_what_decisions_teach_beats_names_and_aliases(learned: LinearTagger) -> None:
    assert quality(learned) > 0.95 > quality(AliasTagger())


def test_a_new_tag_works_at_once_by_its_alias(learned: LinearTagger) -> None:
    brief = Brief(
        catalog="c",
        library="l",
        sku="1",
        language="zh",
        channel=ChannelRules(key="k", max_length=60),
        description="这件外套不怕雨",
    )

    built_in = AliasTagger().score([brief], [UNSEEN, LEATHER])[0]
    trained = learned.score([brief], [UNSEEN])[0][0]

    assert [(score.proba, score.is_proposed) for score in built_in] == [(0.9, True), (0.05, False)]
    assert trained.reasons == ("不怕雨",)
    assert trained.proba > 2 * learned.score([brief], [TagSpec(name="保暖")])[0][0].proba


def test_reasons_are_words_of_the_source(learned: LinearTagger) -> None:
    fleece = next(e for e in TEST if "fleece" in e.brief.description)

    score = learned.score([fleece.brief], [WARM])[0][0]

    assert score.is_proposed
    assert score.reasons
    assert all(word in fleece.brief.description.lower() for reason in score.reasons for word in reason.split())


def test_a_saved_tagger_gives_the_same_scores(learned: LinearTagger, tmp_path: Path) -> None:
    learned.save(tmp_path)
    briefs = [example.brief for example in TEST]

    again = LinearTagger.load(tmp_path).score(briefs, [WARM, LEATHER])

    for one, other in zip(learned.score(briefs, [WARM, LEATHER]), again, strict=True):
        assert [score.proba for score in one] == pytest.approx([score.proba for score in other], abs=1e-4)


@pytest.mark.parametrize(
    "spoilt", [{"word_idf": np.ones(3)}, {"thresholds": np.array([0.5])}, {"cold": np.array([np.nan, 0.0, 0.0])}]
)
def test_arrays_that_do_not_fit_or_are_no_numbers_are_refused(
    learned: LinearTagger, tmp_path: Path, spoilt: dict[str, NDArray[np.float64]]
) -> None:
    learned.save(tmp_path)
    file = tmp_path / "tagger.safetensors"
    save_file({**load_file(file), **spoilt}, file)

    with pytest.raises(ValueError, match=f"its {next(iter(spoilt))} fit neither"):
        LinearTagger.load(tmp_path)


def test_a_threshold_that_is_no_probability_is_refused(learned: LinearTagger, tmp_path: Path) -> None:
    learned.save(tmp_path)
    names = json.loads((tmp_path / "tagger.json").read_text())
    (tmp_path / "tagger.json").write_text(json.dumps({**names, "cold_threshold": float("nan")}))

    with pytest.raises(ValueError, match="no probability"):
        LinearTagger.load(tmp_path)


def test_tag_uncertainty_of_a_draft_is_a_share(learned: LinearTagger) -> None:
    scores = learned.score([TEST[0].brief], [WARM, LEATHER])[0]

    assert 0 <= tag_uncertainty(scores) <= 1
    assert tag_uncertainty([]) == 0


def test_probabilities_of_many_products_are_those_of_their_scores(learned: LinearTagger) -> None:
    briefs, tags = [example.brief for example in TEST], [LEATHER, UNSEEN, WARM]

    scores = learned.score(briefs, tags)

    assert learned.probabilities(briefs, tags) == pytest.approx(
        np.array([[score.proba for score in own] for own in scores])
    )
    assert learned.thresholds(tags).tolist() == pytest.approx([score.threshold for score in scores[0]])
