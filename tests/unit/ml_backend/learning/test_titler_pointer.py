import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ml_backend.contract import Brief, ChannelRules, Example
from ml_backend.errors import BadArtifact, TrainingFailed
from ml_backend.learning.pointer_network import Size
from ml_backend.learning.pointer_training import PointerPlan
from ml_backend.learning.titler_pointer import PointerTitler

BRANDS = ("Norvik", "Altamar", "Quellwood", "Brisio", "Tengel", "Oxbow9", "Lunaro", "Pardy", "Vestergaard", "Ikko")
COLOURS = ("navy blue", "red", "sand grey")
KINDS = ("T-shirt", "rain coat")
CHINESE_KINDS = ("水壶", "雨伞", "毛巾")
PLAN = PointerPlan(learning_rate=3e-3, most_epochs=40, patience=60, tokens=400, forgets=0.3)
SIZE = Size(width=48, heads=2, inner=96, encoders=1, decoders=1, dropout=0.0)


def make_brief(brand: str, colour: str, kind: str, *, max_length: int = 80, language: str = "en") -> Brief:
    return Brief(
        catalog="demo",
        library="",
        sku=f"{brand}-{colour}-{kind}",
        language=language,
        channel=ChannelRules(key="shop", max_length=max_length),
        brand=brand,
        description=f"{colour} {kind}, soft to the skin",
        attributes=(("Kind", kind), ("Made in", "Portugal")),
    )


def make_example(brief: Brief, title: str) -> Example:
    return Example(brief=brief, title=title, tags=None, source="catalog", family=brief.sku)


ENGLISH = [
    make_example(make_brief(brand, colour, kind), f"{brand} {colour.title()} {kind[0].upper() + kind[1:]} (New)")
    for brand, colour, kind in itertools.product(BRANDS, COLOURS, KINDS)
]


def learned(
    examples: list[Example], *, seed: int = 0, plan: PointerPlan = PLAN, n_neighbours: int = 0
) -> PointerTitler:
    return PointerTitler.learned(
        examples, [], minutes=None, seed=seed, report=lambda *_: None, plan=plan, size=SIZE, n_neighbours=n_neighbours
    )


@pytest.fixture(scope="module")
def titler() -> PointerTitler:
    return learned(ENGLISH)


def titles(titler: PointerTitler, briefs: list[Brief]) -> list[str]:
    return [proposals[0].title for proposals in titler.propose(briefs, 1)]


def test_it_learns_what_a_catalogs_titles_are_made_of(titler: PointerTitler) -> None:
    assert titles(titler, [ENGLISH[0].brief, ENGLISH[7].brief]) == [ENGLISH[0].title, ENGLISH[7].title]


def test_a_brand_and_a_colour_that_it_never_saw_are_copied_in_title_case(titler: PointerTitler) -> None:
    brief = make_brief("Zwetschgen2000", "pale ochre", "rain coat")

    assert titles(titler, [brief]) == ["Zwetschgen2000 Pale Ochre Rain coat (New)"]


def test_reasons_say_which_field_every_part_came_from(titler: PointerTitler) -> None:
    [[proposal]] = titler.propose([make_brief("Zwetschgen2000", "pale ochre", "rain coat")], 1)

    assert proposal.method == "pointer"
    assert "“Zwetschgen2000” from brand" in proposal.reasons
    assert any("Pale Ochre" in reason and reason.endswith("from description") for reason in proposal.reasons)
    assert "“New” learnt from other titles" in proposal.reasons


def test_n_titles_differ_and_the_likeliest_is_first(titler: PointerTitler) -> None:
    [proposals] = titler.propose([ENGLISH[0].brief], 4)

    assert 1 < len({proposal.title for proposal in proposals}) == len(proposals) <= 4
    assert proposals[0].title == ENGLISH[0].title


def test_scoring_a_draft_gives_the_log_probability_that_the_search_gave_it(titler: PointerTitler) -> None:
    briefs = [example.brief for example in ENGLISH[:5]] + [make_brief("Zwetschgen2000", "pale ochre", "rain coat")]
    proposals = titler.propose(briefs, 3)

    scores = titler.likelihoods(briefs, [[proposal.title for proposal in some] for some in proposals])

    found = [[one.log_proba for one in own] for own in scores]
    assert found == [pytest.approx([proposal.log_proba for proposal in some], abs=1e-3) for some in proposals]


def test_the_right_title_is_likelier_than_another_products_or_one_of_unknown_words(titler: PointerTitler) -> None:
    example = ENGLISH[0]

    [[right, other, unknown]] = titler.likelihoods([example.brief], [[example.title, ENGLISH[-1].title, "Qqx zzv pff"]])  # type: ignore[list-item]

    assert right.log_proba > other.log_proba > unknown.log_proba >= -12
    assert right.entropy < other.entropy


def test_titles_stay_within_the_channels_limit(titler: PointerTitler) -> None:
    short = replace(ENGLISH[1].brief, channel=ChannelRules(key="shop", max_length=14))

    assert all(0 < len(proposal.title) <= 14 for proposal in titler.propose([short], 3)[0])


def test_what_is_drafted_does_not_depend_on_what_is_drafted_beside_it(titler: PointerTitler) -> None:
    briefs = [example.brief for example in ENGLISH[:8]] + [
        make_brief("Zwetschgen2000", "very pale ochre red", "rain coat")
    ]

    together = titles(titler, briefs)

    assert together == [titles(titler, [brief])[0] for brief in briefs]


def test_a_saved_titler_drafts_the_same(titler: PointerTitler, tmp_path: Path) -> None:
    briefs = [example.brief for example in ENGLISH[::5]]

    titler.save(tmp_path)

    assert sorted(file.name for file in tmp_path.iterdir()) == ["pointer.json", "pointer.safetensors"]
    assert PointerTitler.load(tmp_path).propose(briefs, 2) == titler.propose(briefs, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", 99),
        ("longest_title", 10_000),
        ("size", {"width": 1_000_000}),
        ("size", {"width": 33, "heads": 2}),
        ("vocabulary", {"title_tokens": ["a"], "keys": [""], "fields": [""]}),
        ("reader", {"attributes": [1], "han_unit": "characters"}),
    ],
)
def test_a_folder_with_wrong_content_is_refused(
    titler: PointerTitler, tmp_path: Path, name: str, value: object
) -> None:
    titler.save(tmp_path)
    about = json.loads((tmp_path / "pointer.json").read_text(encoding="utf-8"))
    (tmp_path / "pointer.json").write_text(json.dumps({**about, name: value}), encoding="utf-8")

    with pytest.raises(BadArtifact):
        PointerTitler.load(tmp_path)


def test_the_same_seed_gives_the_same_titler() -> None:
    plan = replace(PLAN, most_epochs=3)
    briefs = [example.brief for example in ENGLISH[:6]]

    first, again = (learned(ENGLISH, seed=3, plan=plan).propose(briefs, 2) for _ in range(2))

    assert first == again


def test_chinese_titles_are_learnt_and_an_unknown_model_copied() -> None:
    examples = [
        make_example(make_brief(brand, colour, kind, language="zh"), f"{brand}新款{colour}{kind}家用")
        for brand, colour, kind in itertools.product(
            ("北山", "海棠", "Norvik", "青木", "Altamar", "Quellwood3", "Ikko"), ("红色", "蓝色"), CHINESE_KINDS
        )
    ]

    titler = learned(examples)

    assert titles(titler, [examples[4].brief, make_brief("Zwetschgen2000", "红色", "雨伞", language="zh")]) == [
        examples[4].title,
        "Zwetschgen2000新款红色雨伞家用",
    ]


def test_it_reads_near_titles_and_never_those_of_the_same_family(tmp_path: Path) -> None:
    titler = learned(ENGLISH, plan=replace(PLAN, most_epochs=2), n_neighbours=2)

    titler.save(tmp_path)

    assert PointerTitler.load(tmp_path).propose([ENGLISH[0].brief], 1) == titler.propose([ENGLISH[0].brief], 1)


def test_too_few_titles_are_refused() -> None:
    with pytest.raises(TrainingFailed, match="29 titles are too few"):
        learned([*ENGLISH[:29], replace(ENGLISH[30], title=None)])


def test_nothing_is_drafted_for_nobody(titler: PointerTitler) -> None:
    assert titler.propose([], 3) == []
    assert titler.likelihoods([], []) == []


def test_a_brief_that_says_nothing_still_gets_a_title(titler: PointerTitler) -> None:
    empty = Brief(catalog="demo", library="", sku="A-1", language="en", channel=ChannelRules(key="shop", max_length=80))

    assert titles(titler, [empty])[0]
