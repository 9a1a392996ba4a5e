import json
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from ml_backend.contract import Brief, ChannelRules, Example
from ml_backend.errors import BadArtifact, TrainingFailed
from ml_backend.learning.fine_tuning import TrainingPlan
from ml_backend.learning.titler_language_model import LanguageModelTitler
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama

COLOURS = ("red", "blue", "green", "black", "white", "grey")
NOUNS = ("cup", "bowl")
PLAN = TrainingPlan(rank=16, dropout=0.0, learning_rate=1e-2, batch=4, most_epochs=40, weight_decay=0.0)


def make_brief(colour: str, noun: str, catalog: str = "demo") -> Brief:
    return Brief(
        catalog=catalog,
        library="",
        sku=f"{colour}-{noun}",
        language="en",
        channel=ChannelRules(key="shop", max_length=60),
        attributes=(("Colour", colour), ("Type", noun)),
    )


BRIEFS = [make_brief(colour, noun) for colour in COLOURS for noun in NOUNS]


def make_examples(pattern: str) -> list[Example]:
    return [
        Example(
            brief=brief,
            title=pattern.format(colour=dict(brief.attributes)["Colour"], noun=dict(brief.attributes)["Type"]),
            tags=None,
            source="catalog",
            family=brief.sku,
        )
        for brief in BRIEFS
    ]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [f"en, shop, 60 characters\nColour: {c}\nType: {n}\nTitle: Norvik {n} {c}" for c in COLOURS for n in NOUNS]
    return write_tiny_llama(tmp_path_factory.mktemp("base"), texts)


def learned(
    tiny: Path, pattern: str, *, valid: list[Example] | None = None, plan: TrainingPlan = PLAN
) -> LanguageModelTitler:
    return LanguageModelTitler.learned(
        make_examples(pattern),
        valid or [],
        base_model=str(tiny),
        cache_folder=tiny,
        minutes=None,
        seed=0,
        report=lambda *_: None,
        plan=plan,
    )


@pytest.fixture(scope="module")
def norvik(tiny: Path) -> LanguageModelTitler:
    return learned(tiny, "Norvik {noun} {colour}")


def test_it_learns_a_catalog_s_habit(norvik: LanguageModelTitler) -> None:
    titles = [proposals[0].title for proposals in norvik.propose(BRIEFS, 1)]

    right = sum(t == example.title for t, example in zip(titles, make_examples("Norvik {noun} {colour}"), strict=True))
    assert right >= 10


def test_it_proposes_n_different_titles_the_likeliest_first(norvik: LanguageModelTitler) -> None:
    for proposals in norvik.propose(BRIEFS, 4):
        scores = [proposal.log_proba for proposal in proposals if proposal.log_proba is not None]
        assert 3 <= len({proposal.title for proposal in proposals}) == len(scores) <= 4  # two beams may spell one title
        assert scores == sorted(scores, reverse=True)
        assert {proposal.method for proposal in proposals} == {"language_model"}


def test_it_finds_its_own_proposals_as_likely_as_it_said_and_a_foreign_title_less_so(
    norvik: LanguageModelTitler,
) -> None:
    proposals = norvik.propose(BRIEFS, 1)

    found = norvik.likelihoods(BRIEFS, [[own[0].title, "Krummholz"] for own in proposals])

    for (own, foreign), (proposal,) in zip(found, proposals, strict=True):
        assert own.log_proba == pytest.approx(proposal.log_proba, abs=0.02)
        assert foreign.log_proba < own.log_proba
    assert norvik.likelihoods(BRIEFS[:2], [[], ["Norvik"]])[0] == []


def test_a_saved_titler_proposes_the_same(norvik: LanguageModelTitler, tmp_path: Path) -> None:
    norvik.save(tmp_path)

    loaded = LanguageModelTitler.load(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"adapter.safetensors", "lm.json", "prompts.json"}
    assert loaded.propose(BRIEFS, 3) == norvik.propose(BRIEFS, 3)


def test_two_catalogs_titlers_on_one_base_keep_their_habits(tiny: Path, norvik: LanguageModelTitler) -> None:
    before = norvik.propose(BRIEFS, 1)

    other = learned(tiny, "{colour} {noun} for the table")

    assert norvik.propose(BRIEFS, 1) == before
    assert other.propose(BRIEFS, 1)[0][0].title.endswith("for the table")


def test_the_state_of_lowest_loss_on_held_out_families_is_kept(tiny: Path) -> None:
    messages: list[str] = []
    examples = make_examples("Norvik {noun} {colour}")

    LanguageModelTitler.learned(
        examples[:8],
        examples[8:],
        base_model=str(tiny),
        cache_folder=tiny,
        minutes=None,
        seed=0,
        report=lambda _, message: messages.append(message),
        plan=PLAN,
    )

    losses = [float(message.split()[-1]) for message in messages if "valid loss" in message]
    assert min(losses) < 0.75 * losses[0]


def test_training_ends_when_its_time_is_over(tiny: Path) -> None:
    done: list[float] = []

    LanguageModelTitler.learned(
        make_examples("{noun}"),
        [],
        base_model=str(tiny),
        cache_folder=tiny,
        minutes=0.01,
        seed=0,
        report=lambda share, _: done.append(share),
        plan=TrainingPlan(most_epochs=10_000),
    )

    assert done[-1] == 1.0
    assert done == sorted(done)


def test_no_title_to_learn_from_is_a_failed_training(tiny: Path) -> None:
    with pytest.raises(TrainingFailed, match="accept some titles first"):
        LanguageModelTitler.learned(
            [], [], base_model=str(tiny), cache_folder=tiny, minutes=None, seed=0, report=lambda *_: None
        )


def test_an_adapter_of_another_base_is_refused(norvik: LanguageModelTitler, tmp_path: Path) -> None:
    norvik.save(tmp_path)
    about = tmp_path / "lm.json"
    text = about.read_text()
    about.write_text(text.replace('"base_fingerprint": "', '"base_fingerprint": "0'))

    with pytest.raises(BadArtifact, match="another base model"):
        LanguageModelTitler.load(tmp_path)


def test_an_adapter_trained_on_other_prompts_is_refused(norvik: LanguageModelTitler, tmp_path: Path) -> None:
    norvik.save(tmp_path)
    about = tmp_path / "lm.json"
    about.write_text(about.read_text().replace('"prompt_version": ', '"prompt_version": 9'))

    with pytest.raises(BadArtifact, match="train again"):
        LanguageModelTitler.load(tmp_path)


@pytest.mark.parametrize("missing", ["adapter.safetensors", "lm.json", "prompts.json"])
def test_an_incomplete_folder_is_refused(norvik: LanguageModelTitler, tmp_path: Path, missing: str) -> None:
    norvik.save(tmp_path)
    (tmp_path / missing).unlink()

    with pytest.raises(BadArtifact, match=r"adapter|prompts"):
        LanguageModelTitler.load(tmp_path)


def test_a_damaged_adapter_is_refused(norvik: LanguageModelTitler, tmp_path: Path) -> None:
    norvik.save(tmp_path)
    (tmp_path / "adapter.safetensors").write_bytes(b"damaged")

    with pytest.raises(BadArtifact):
        LanguageModelTitler.load(tmp_path)


def test_a_base_with_a_large_vocabulary_is_trained_and_loaded_on_the_part_that_the_catalog_uses(tmp_path: Path) -> None:
    texts = [f"Colour: {c}\nType: {n}\nTitle: Norvik {n} {c}" for c in COLOURS for n in NOUNS]
    wide = write_tiny_llama(tmp_path / "base", texts, n_unused=2_000)
    (tmp_path / "version").mkdir()

    titler = learned(wide, "Norvik {noun} {colour}")
    titler.save(tmp_path / "version")
    loaded = LanguageModelTitler.load(tmp_path / "version", cache_folder=tmp_path)

    kept = json.loads((tmp_path / "version" / "prompts.json").read_text())["kept"]
    titles = [proposals[0].title for proposals in titler.propose(BRIEFS, 1)]
    assert 256 < len(kept) < 400
    assert (
        AutoTokenizer.from_pretrained(wide)
        .decode(titler.prompt_ids(BRIEFS[0]))
        .endswith("Colour: red\nType: cup\nTitle:")
    )
    assert sum(title.startswith("Norvik") for title in titles) >= 10
    assert loaded.propose(BRIEFS, 2) == titler.propose(BRIEFS, 2)
