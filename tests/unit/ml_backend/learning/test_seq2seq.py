from pathlib import Path

import pytest
import torch

from ml_backend.contract import Brief, ChannelRules, Example
from ml_backend.learning import seq2seq
from ml_backend.learning.base_models import BaseModel, base_model
from ml_backend.learning.fine_tuning import TrainingPlan
from ml_backend.learning.likelihoods import Reading
from ml_backend.learning.prompt_reader import stops
from ml_backend.learning.titler_language_model import LanguageModelTitler
from tests.unit.ml_backend.learning.tiny_seq2seq import write_tiny_seq2seq

COLOURS = ("red", "blue", "green", "black")
NOUNS = ("cup", "bowl")
PLAN = TrainingPlan(rank=16, learning_rate=1e-2, batch=4, most_epochs=60, weight_decay=0.0)
PROMPTS = [[5, 6, 7, 8, 9], [40, 41], [30, 5, 30]]
LORA = {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "target_modules": "all-linear"}


def make_example(colour: str, noun: str) -> Example:
    brief = Brief(
        catalog="demo",
        library="",
        sku=f"{colour}-{noun}",
        language="en",
        channel=ChannelRules(key="shop", max_length=60),
        attributes=(("Colour", colour), ("Type", noun)),
    )
    return Example(brief=brief, title=f"Norvik {noun} {colour}", tags=None, source="catalog", family=brief.sku)


EXAMPLES = [make_example(colour, noun) for colour in COLOURS for noun in NOUNS]
BRIEFS = [example.brief for example in EXAMPLES]


@pytest.fixture(scope="module", params=["t5", "bart"])
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [f"Colour: {c}\nType: {n}\nTitle: Norvik {n} {c}" for c in COLOURS for n in NOUNS]
    return write_tiny_seq2seq(tmp_path_factory.mktemp("base"), texts, request.param)


@pytest.fixture(scope="module")
def base(tiny: Path) -> BaseModel:
    return base_model(str(tiny), tiny)


@pytest.fixture(scope="module")
def norvik(tiny: Path) -> LanguageModelTitler:
    return LanguageModelTitler.learned(
        EXAMPLES,
        [],
        base_model=str(tiny),
        cache_folder=tiny,
        minutes=None,
        seed=0,
        report=lambda *_: None,
        plan=PLAN,
    )


def test_an_encoder_decoder_learns_a_catalog_s_habit(norvik: LanguageModelTitler) -> None:
    titles = [proposals[0].title for proposals in norvik.propose(BRIEFS, 1)]

    assert sum(title == example.title for title, example in zip(titles, EXAMPLES, strict=True)) >= 7


def test_it_proposes_different_titles_the_likeliest_first(norvik: LanguageModelTitler) -> None:
    for proposals in norvik.propose(BRIEFS, 3):
        scores = [proposal.log_proba for proposal in proposals if proposal.log_proba is not None]
        assert 2 <= len({proposal.title for proposal in proposals}) == len(scores) <= 3
        assert scores == sorted(scores, reverse=True)


def test_it_finds_its_own_proposals_as_likely_as_it_said_and_a_foreign_title_less_so(
    norvik: LanguageModelTitler,
) -> None:
    proposals = norvik.propose(BRIEFS, 1)

    found = norvik.likelihoods(BRIEFS, [[own[0].title, "Colour Type"] for own in proposals])

    for (own, foreign), (proposal,) in zip(found, proposals, strict=True):
        assert own.log_proba == pytest.approx(proposal.log_proba, abs=0.02)
        assert foreign.log_proba < own.log_proba
    assert norvik.likelihoods(BRIEFS[:2], [[], ["Norvik"]])[0] == []


def test_a_saved_titler_proposes_the_same(norvik: LanguageModelTitler, tmp_path: Path) -> None:
    norvik.save(tmp_path)

    assert LanguageModelTitler.load(tmp_path, cache_folder=tmp_path).propose(BRIEFS, 2) == norvik.propose(BRIEFS, 2)


def test_the_output_layer_has_no_adapter_but_encoder_and_decoder_have(base: BaseModel) -> None:
    adapted = base.weights(base.attach(LORA, seed=0))

    assert not any("lm_head" in name or "shared" in name for name in adapted)
    assert {"encoder", "decoder"} == {part for part in ("encoder", "decoder", "lm_head") for n in adapted if part in n}


def test_the_loss_is_that_of_the_title_tokens_whatever_stands_beside_a_pair_in_the_batch(base: BaseModel) -> None:
    titles = [[7, 8, 9, 1], [12, 1], [20, 21, 1]]
    readings = [Reading(prompt=prompt, continuations=[title]) for prompt, title in zip(PROMPTS, titles, strict=True)]

    with base.reading(base.attach(LORA, seed=0)) as model, torch.inference_mode():
        together = seq2seq.losses(model, PROMPTS, titles)[0].sum().item()
        alone = [seq2seq.likelihoods(model, [reading])[0][0].log_proba for reading in readings]

    assert together == pytest.approx(-sum(mean * len(t) for mean, t in zip(alone, titles, strict=True)), rel=1e-2)


def test_a_prompt_is_closed_once_wherever_its_parts_were(base: BaseModel) -> None:
    with base.reading(base.attach(LORA, seed=0)) as model:
        readings = [Reading(prompt=prompt, continuations=[[7, 1]]) for prompt in ([5, 1, 6], [5, 6], [5, 6, 1])]

        (first,), (second,), (third,) = seq2seq.likelihoods(model, readings)

    assert first == pytest.approx(second, abs=1e-6)
    assert third == pytest.approx(second, abs=1e-6)


def test_likeliest_titles_are_never_empty_nor_longer_than_asked_nor_go_round(base: BaseModel) -> None:
    with base.reading(base.attach(LORA, seed=0)) as model:
        found = [beam for n in (1, 3) for own in seq2seq.likeliest(model, PROMPTS, n, 30, {1}) for beam in own]

    for beam in found:
        assert 1 <= len(beam.tokens) <= 30
        assert not any(beam.tokens[i : i + 8] == beam.tokens[j : j + 8] for i in range(22) for j in range(i))


def test_titles_end_at_the_end_token_alone_where_the_tokenizer_knows_no_lines(base: BaseModel) -> None:
    assert stops(base.tokenizer) == {base.tokenizer.eos_token_id}


def test_what_a_base_was_set_up_to_generate_is_no_rule_for_titles(base: BaseModel) -> None:
    assert base.model.generation_config.min_length in (None, 0)
