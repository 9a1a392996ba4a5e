"""An annotator who knows the answers, the probe that measures, and who may read the answers."""

import re
from pathlib import Path

import numpy as np
import pytest

from ml_backend.contract import Candidate, Draft, TagScore
from ml_backend.labelstudio.annotations import FinalValues, final_values
from ml_backend.labelstudio.predictions import prediction
from titlelab.errors import BadFile
from titlelab.labelstudio.events import PredictionSeen
from titlelab.web.management.commands.simulate import Command
from titlelab.web.simulating.answers import Page, answer
from titlelab.web.simulating.gold import Gold, gold_file, read_gold
from titlelab.web.simulating.probe import Measurement, drawn, measurement
from titlelab.web.simulating.report import Round, Story, half_interval, table

ROOT = Path(__file__).resolve().parents[3]
GOLD = Gold(title="Norvik Steel Bottle 750 ml", tags=("gift", "waterproof"))
GROUPS = {"gift": "Occasion", "waterproof": "", "kitchen": "Place"}


def make_draft(title: str = GOLD.title, tags: tuple[str, ...] = GOLD.tags, *, sku: str = "A") -> Draft:
    return Draft(
        sku=sku,
        version="t3-g5.2",
        titler_version=3,
        tagger_version=5,
        candidates=(Candidate(title=title, score=1.0),),
        tags=tuple(TagScore(name=tag, proba=0.9, threshold=0.5) for tag in tags),
        title_uncertainty=0.5,
        tag_uncertainty=0.5,
    )


def make_page(draft: Draft | None) -> Page:
    shown = None
    if draft is not None:
        made = prediction(draft, tags_as="taxonomy", groups=GROUPS)
        shown = PredictionSeen(id=7, model_version=draft.version, result=made["result"], score=None)
    return Page(task_id=1, sku="A", tags_as="taxonomy", shown=shown)


def make_round(number: int, probe: Measurement) -> Round:
    return Round(
        number=number,
        n_decisions=25 * number,
        n_answered=25,
        n_as_shown=5,
        came_by="webhook",
        trained=(),
        probe=probe,
        seconds=61.4,
    )


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_right_draft_is_submitted_as_it_is() -> None:
    page = make_page(make_draft(tags=("waterproof", "gift")))

    given = answer(page, GOLD, groups=GROUPS, rng=rng())

    assert page.shown is not None
    assert given.result == page.shown.result
    assert (given.is_as_shown, given.parent_prediction) == (True, 7)


@pytest.mark.parametrize("draft", [make_draft("Norvik Bottle"), make_draft(tags=("gift", "kitchen")), None])
def test_what_is_wrong_is_typed_and_ticked(draft: Draft | None) -> None:
    given = answer(make_page(draft), GOLD, groups=GROUPS, rng=rng())

    assert final_values(given.result) == FinalValues(title=GOLD.title, tags=("gift", "waterproof"))
    assert [region["value"] for region in given.result][1] == {"taxonomy": [["Occasion", "gift"], ["waterproof"]]}
    assert (given.is_as_shown, given.parent_prediction) == (False, 7 if draft else None)


def test_a_tag_that_the_library_has_lost_is_not_ticked() -> None:
    given = answer(make_page(None), GOLD, groups={"gift": ""}, rng=rng())

    assert final_values(given.result).tags == ("gift",)


def test_the_more_is_to_be_done_the_longer_it_takes() -> None:
    nothing, typing, all_of_it = (
        answer(make_page(draft), GOLD, groups=GROUPS, rng=rng()).seconds
        for draft in (make_draft(), make_draft("Norvik Bottle"), make_draft("Norvik Bottle", ()))
    )

    assert 4 < nothing < typing < all_of_it < 60


def test_the_probe_is_the_same_for_the_same_seed_and_never_larger_than_the_pool() -> None:
    skus = [f"P-{n}" for n in range(50)]

    assert drawn(skus, 5, 1) == drawn(skus[::-1], 5, 1)
    assert drawn(skus, 5, 1) != drawn(skus, 5, 2)
    assert len(set(drawn(skus, 5, 1))) == 5
    assert drawn(skus, 99, 1) == sorted(skus)


def test_a_measurement_counts_titles_to_the_letter_and_all_tags_together() -> None:
    gold = dict.fromkeys("ABCD", GOLD)
    drafts = [
        make_draft(sku="A"),
        make_draft(sku="B", tags=("gift",)),
        make_draft("Norvik Steel Bottle 500 ml", sku="C"),
        make_draft("Norvik Steel Bottle 750 ml ", ("kitchen",), sku="D"),
    ]

    measured = measurement(drafts, gold, titler="template v3", tagger="tagger v5", seconds=1.0)

    assert (measured.n, measured.version) == (4, "t3-g5.2")
    assert (measured.unedited, measured.accepted) == (0.75, 0.25)
    assert measured.title_edit == pytest.approx(2 / 26 / 4)
    assert measured.tag_f1 == pytest.approx(2 * 5 / (6 + 8))


def test_the_table_has_a_row_a_round() -> None:
    bad, good = (
        measurement([make_draft(title)], {"A": GOLD}, titler=titler, tagger="tagger v1", seconds=0.2)
        for title, titler in (("Norvik", "built in"), (GOLD.title, "template v1"))
    )

    lines = table(Story(catalog="shop", queue="Shop", rounds=(make_round(0, bad), make_round(1, good)))).splitlines()

    assert lines[4] == "| 0 | 0 | 0% | 0% | 0.769 | 1.000 | built in | tagger v1 | 61 |"
    assert lines[5] == "| 1 | 25 | 100% | 100% | 0.000 | 1.000 | template v1 | tagger v1 | 61 |"


def test_the_table_tells_what_chance_makes_of_so_few_products() -> None:
    drafts = [make_draft(GOLD.title if i < 3 else "Norvik", sku=str(i)) for i in range(4)]
    probe = measurement(drafts, {str(i): GOLD for i in range(4)}, titler="template v1", tagger="none", seconds=0.1)

    last_line = table(Story(catalog="shop", queue="Shop", rounds=(make_round(0, probe),))).splitlines()[-1]

    assert last_line == "95 % intervals of the last round: unedited ± 49 points, edit distance ± 0.377"


def test_an_interval_shrinks_with_the_root_of_the_number() -> None:
    assert half_interval([0.0, 1.0] * 200) == pytest.approx(half_interval([0.0, 1.0] * 50) / 2, rel=0.01)
    assert half_interval([1.0]) == 0.0


@pytest.mark.parametrize("catalog", ["sample-en", "sample-zh"])
def test_each_sample_has_its_answers(catalog: str) -> None:
    gold = read_gold(gold_file(catalog))

    assert len(gold) > 400
    assert all(each.title and each.tags for each in gold.values())


@pytest.mark.parametrize("line", ["no json", '{"sku": "A"}', '{"sku": "A", "title": "", "tags": []}', "[1]"])
def test_a_wrong_answer_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text('{"sku": "A", "title": "Norvik", "tags": []}\n' + line, encoding="utf-8")

    with pytest.raises(BadFile, match="line 2"):
        read_gold(file)


def test_a_catalog_without_answers_is_told_how_to_give_them() -> None:
    with pytest.raises(BadFile, match="--gold"):
        read_gold(gold_file("a-shop-of-ones-own"))


def test_nothing_but_the_simulation_reads_the_hidden_answers() -> None:
    sources = {
        path: path.read_text(encoding="utf-8")
        for part in ("titlelab", "tasks", "ml_backend")
        for path in (ROOT / part).rglob("*.py")
    }

    named = {str(path.relative_to(ROOT)) for path, text in sources.items() if re.search(r'"hidden"|gold\.jsonl', text)}
    imported = {str(path.relative_to(ROOT)) for path, text in sources.items() if "web.simulating" in text}

    assert named == {"titlelab/samples/writing.py", "titlelab/web/simulating/gold.py"}
    assert all(p.startswith("titlelab/web/simulating/") or p.endswith("commands/simulate.py") for p in imported)


def test_a_simulation_trains_what_the_loop_does_unless_told_otherwise() -> None:
    parser = Command().create_parser("manage.py", "simulate")

    assert parser.parse_args(["--catalog", "shop"]).methods == "tagger,categorizer,ensemble,full_ensemble"
