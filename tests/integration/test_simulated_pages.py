"""Every page by which the loop is steered holds what the JSON of a simulation tells of the same Decisions and runs."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from math import floor
from statistics import mean
from typing import Any

import pytest

from tests.integration.conftest import Simulated
from tests.integration.page_reading import Node, PageRead, Reader, Table
from tests.integration.rows import gold, products
from tests.integration.stack import ANNOTATOR
from tests.unit.web.worlds import make_person
from titlelab.review.models import Decision
from titlelab.training.models import TrainingRun

Asked = Mapping[str, Any]  # a product that was asked about, as the JSON holds it
Run = Mapping[str, Any]
QUALITY = "/quality/"  # some names stand twice in the sidebar
CATEGORIES = {str(row["sku"]): row["category"] for row in products()}
OUTCOMES = {each.value: str(each.label) for each in Decision.Outcome}
LANES = {"simulation": "Titles of", "simulation-tags": "Tags of"}
METHODS = {each.value: str(each.label) for each in TrainingRun.Method}
# What a page has to say where a simulation, with one annotator on one day, truly leaves nothing to show.
TRULY_EMPTY = {
    "People": ["No random product was decided by two people in the last twelve weeks."],
    "Alerts and drift": [
        "Nothing that a rule watches.",
        *["Too few on one of the two sides to compare."] * 3,
        "Nothing yet.",
    ],
}


@pytest.fixture(scope="module")
def reader(simulated: Simulated) -> Reader:
    """An admin of models who works on this one catalog, whatever else the stack holds."""
    return Reader(make_person("ML admin", [simulated.queue.catalog], name="reads-the-pages@shop.example"))


@pytest.fixture
def asked(simulated: Simulated) -> list[dict[str, Any]]:
    return simulated.asked


@pytest.fixture
def trained(simulated: Simulated) -> list[dict[str, Any]]:
    """The runs that made a version."""
    return [run for run in simulated.trained if run["number"]]


@pytest.mark.parametrize(
    ("name", "under"),
    [
        *(("Where the loop stands", ""), ("Second looks", ""), ("Training runs", ""), ("Model versions", "")),
        *((name, QUALITY) for name in ("Overview", "Drill-down", "Models", "Decisions", "Kinds of edits", "People")),
        *((name, QUALITY) for name in ("Alerts and drift", "Suggestions", "Quality by version")),
    ],
)
def test_a_page_of_the_sidebar_holds_data_or_says_truly_why_not(reader: Reader, name: str, under: str) -> None:
    empty = reader.go(name, under=under).empty_states()

    expected = TRULY_EMPTY.get(name, [])
    assert len(empty) == len(expected)
    assert all(said.startswith(start) for said, start in zip(empty, expected, strict=True))


def test_the_front_page(reader: Reader, simulated: Simulated, asked: list[Asked], trained: list[Run]) -> None:
    page = reader.front_page()
    told, outcomes = page.figures(), Counter(each["outcome"] for each in asked)

    assert told["products"][0] == str(len(CATEGORIES))
    assert told["decided"][0] == str(simulated.rounds[-1]["n_decisions"]) == str(len(asked))
    assert told["decided"][1] == (
        f"{outcomes['accepted']} accepted · {outcomes['edited']} edited · {outcomes['rejected']} rejected · "
        f"{outcomes['written']} written without a draft"
    )
    assert told["accepted unedited"][0] == percent(acceptance(asked)).replace("%", " %")
    assert first_words(page.table("By version"), "accepted unedited") == {
        version: percent(acceptance(own)) for version, own in by(asked, "version").items()
    }
    assert Counter(page.links("/training/trainingrun/")) >= Counter(METHODS[run["method"]] for run in trained)


def test_the_overview(reader: Reader, asked: list[Asked]) -> None:
    page = reader.go("Overview", under=QUALITY)
    cards = {name: value[0].split(" ")[0] for name, value in page.figures().items()}
    (by_queue,) = page.table("The week's acceptance by queue").rows

    assert page.says(f"{len(asked)} Decisions, against the week before.")
    assert cards["Acceptance"] == percent(acceptance(asked))
    assert cards["Edit distance"] == percent(edit(asked))
    assert cards["Time per task"] == f"{seconds(asked):.3g}"
    assert (cards["Tag precision"], cards["Tag recall"]) == tuple(map(percent, precision_and_recall(asked)))
    assert by_queue[1].text.startswith(percent(acceptance(asked)))
    assert by_queue[3].text == str(len(asked))
    assert n_behind(reader, page.link("See the week's Decisions")) == len(asked)
    days = page.table("Decisions per day, the last four weeks")
    assert sum(map(int, days.column("Decisions").values())) == len(asked)
    assert sum(n_behind(reader, day.address) for day, n in days.rows if n.text != "0") == len(asked)


@pytest.mark.parametrize(
    ("by_name", "value_of"),
    [
        ("version", lambda each: each["version"]),
        ("category", lambda each: CATEGORIES[each["sku"]][0]),
        ("person", lambda _each: ANNOTATOR),
        ("channel", lambda _each: "Google Merchant Center"),
    ],
)
def test_a_figure_by_what_it_is_broken_down_by(
    reader: Reader, asked: list[Asked], by_name: str, value_of: Callable[[Asked], str]
) -> None:
    page = reader.go("Drill-down", under=QUALITY, by=by_name)
    (table,) = page.tables()
    groups = by(asked, value_of)

    assert table.column("Decisions") == {value: str(len(own)) for value, own in groups.items()}
    assert first_words(table, "Acceptance") == {value: percent(acceptance(own)) for value, own in groups.items()}
    assert first_words(table, "Edit distance") == {value: percent(edit(own)) for value, own in groups.items()}
    behind = {value: n_behind(reader, table.address_of(value)) for value in groups}
    assert behind == {value: len(own) for value, own in groups.items()}


def test_the_weeks_of_the_drill_down(reader: Reader, asked: list[Asked]) -> None:
    chart, bars = reader.go("Drill-down", under=QUALITY, by="week").tables()

    assert sum(map(int, bars.column("Decisions").values())) == len(asked)
    assert first_words(chart, "Acceptance") == first_words(bars, "Acceptance")


def test_the_tags_of_the_drill_down(reader: Reader, asked: list[Asked]) -> None:
    (table,) = reader.go("Drill-down", under=QUALITY, by="tag").tables()
    added, removed = (Counter(tag for each in asked for tag in each[name]) for name in ("tags_added", "tags_removed"))
    final = Counter(tag for each in asked for tag in gold(each["sku"])[1])

    assert added["kitchen"] > 0
    assert table.column("Decisions") == {tag: str(final[tag] + removed[tag]) for tag in final | removed}
    assert first_words(table, "Tag recall") == {
        tag: percent((final[tag] - added[tag]) / final[tag]) if final[tag] else "–" for tag in final | removed
    }


def test_the_decisions(reader: Reader, asked: list[Asked]) -> None:
    articles = [article for page in all_pages(reader, reader.go("Decisions", under=QUALITY)) for article in cases(page)]

    assert Counter(map(sku_of, articles)) == Counter(each["sku"] for each in asked)
    told = {sku_of(article): article.text for article in articles}
    for each in asked:
        own = told[each["sku"]]
        assert each["version"] in own
        assert OUTCOMES[each["outcome"]] in own
        assert f"{floor(each['seconds'] + 0.5)} s" in own
        assert ("the draft was not shown" in own) is each["is_blind"]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_decisions_of_an_outcome(reader: Reader, asked: list[Asked], outcome: str) -> None:
    page = reader.go("Decisions", under=QUALITY, outcome=outcome)

    assert skus_of(reader, page) == {each["sku"] for each in asked if each["outcome"] == outcome}


def test_the_kinds_of_edits_are_those_of_every_title_that_was_not_kept(reader: Reader, simulated: Simulated) -> None:
    table = reader.go("Kinds of edits", under=QUALITY).table("Edits of drafted titles, by kind")
    behind = [skus_of(reader, reader.page(row[0].address)) for row in table.rows]
    changed = set().union(*behind)

    assert changed == {each["sku"] for each in shown(simulated.asked) if each["title_edit"]}
    assert len(shown(simulated.asked)) - len(changed) == sum(seen["n_titles_kept"] for seen in simulated.rounds)
    assert all(int(row[1].text) >= len(own) > 0 for row, own in zip(table.rows, behind, strict=True))


def test_the_suggestions_are_what_people_did_again_and_again(reader: Reader, asked: list[Asked]) -> None:
    page = reader.go("Suggestions", under=QUALITY).section("Aliases")
    n = sum("kitchen" in each["tags_added"] for each in asked)

    assert page.says("People add the tag “kitchen” where the source says “cooking”.")
    assert page.says(f": {n} products, 1 person")
    assert n_behind(reader, page.link("The Decisions behind it")) == n


@pytest.mark.parametrize(("scope", "lane"), LANES.items())
def test_the_models(reader: Reader, trained: list[Run], scope: str, lane: str) -> None:
    section = reader.go("Models", under=QUALITY).section(lane)
    own = [run for run in trained if run["scope"] == scope]
    serving = [f"v{run['number']} serves: {METHODS[run['method']]}." for run in own if run["state"] == "promoted"]

    verdicts = first_named(versions(section).column("the gate's verdict"))
    assert verdicts == {f"v{run['number']}": run["sentence"] for run in own}
    assert section.says(["The built-in model serves.", *serving][-1])


@pytest.mark.parametrize(("scope", "lane"), LANES.items())
def test_the_versions(reader: Reader, trained: list[Run], scope: str, lane: str) -> None:
    table = versions(reader.go("Models", under=QUALITY).section(lane))
    address = {row[0].text.split(" ")[0]: row[0].address for row in table.rows}

    for run in (run for run in trained if run["scope"] == scope):
        page = reader.page(address[f"v{run['number']}"])
        told = {name: value[0] for name, value in page.figures().items()}
        assert (told["products"], told["Decisions"]) == (str(run["n_examples"]), str(run["n_decisions"]))
        assert told["titles of the catalog"] == str(run["n_examples"] - run["n_decisions"])
        assert told["people"] == "1"
        assert page.says(f"{n_golden(run)} items, each drafted by this version")
        assert page.says(run["sentence"])
        assert page.empty_states() == []
        behind = reader.page(page.section("What it learnt from").link(str(run["n_decisions"])))
        assert len(behind.tables()[0].rows) == run["n_decisions"]


def test_the_runs(reader: Reader, simulated: Simulated) -> None:
    (table,) = reader.go("Training runs").tables()
    n_examples = table.headings.index("N examples")

    assert len(table.rows) == len(simulated.trained)
    for row, run in zip(table.rows, reversed(simulated.trained), strict=True):
        page = reader.page(row[1].address)
        assert row[n_examples].text == str(run["n_examples"])
        assert page.says(f"N examples {run['n_examples']} N decisions {run['n_decisions']} ")
        assert page.says(f"Method {METHODS[run['method']]} Scope {run['scope']} ")
        assert page.says(f"Message {run['sentence']}")
        assert page.says(f"Took {run['seconds']:.3g} s")
        assert page.says("Curves None: this method learns in one go, without steps that could be drawn.")


def test_the_people(reader: Reader, asked: list[Asked]) -> None:
    page = reader.go("People", under=QUALITY)
    table = page.table("Accepted as drafted")

    assert table.column("Decisions") == {ANNOTATOR: str(len(asked))}
    assert first_words(table, "Acceptance") == {ANNOTATOR: percent(acceptance(asked))}
    assert first_words(table, "Edit distance") == {ANNOTATOR: percent(edit(asked))}
    assert first_words(table, "Time per task") == {ANNOTATOR: f"{seconds(asked):.3g}"}
    assert sum(map(int, page.table("Decisions by week").column("Decisions").values())) == len(asked)
    assert n_behind(reader, table.address_of(ANNOTATOR)) == len(asked)


def test_the_second_pass(reader: Reader, asked: list[Asked]) -> None:
    page = reader.page(reader.go("Second looks").link_like("Take a second look"))
    sku = page.root.one("div", "tl-second-pass").one("h2").text

    assert page.says(f"{len(asked)} Decisions wait")
    assert sku in {each["sku"] for each in asked}
    assert gold(sku)[0] in [field.attributes.get("value") for field in page.root.all("input")]


def test_what_choosing_has_saved(reader: Reader, asked: list[Asked]) -> None:
    page = reader.go("Quality by version", under=QUALITY)
    n_random = sum(each["chosen_by"] == "random" for each in shown(asked))
    n_chosen = sum(each["chosen_by"] not in ("random", "overdue") for each in shown(asked))
    (table,) = page.tables()

    assert page.says(f"From {n_random} decided random items and {n_chosen} chosen ones.")
    assert page.says("Too little is known yet to tell what choosing saves")
    for version, own in by(asked, "version").items():
        (row,) = [row for row in table.rows if row[0].text == version]
        told = dict(zip(table.headings, row, strict=True))
        assert told["N"].text == str(len(shown(own)))
        assert told["N accepted"].text == str(sum(each["outcome"] == "accepted" for each in own))


def test_the_drift_of_a_day_old_catalog(reader: Reader) -> None:
    page = reader.go("Alerts and drift", under=QUALITY)

    assert page.text.count(f"{len(CATEGORIES)} looked at.") == 2


def all_pages(reader: Reader, page: PageRead) -> Iterable[PageRead]:
    """Yield a list of Decisions page by page, from the latest on."""
    yield page
    while page.links("older="):
        page = reader.page(page.link("Older Decisions"))
        yield page


def cases(page: PageRead) -> list[Node]:
    """Return the Decisions that a page shows."""
    return list(page.root.all("article", "tl-decision"))


def sku_of(case: Node) -> str:
    return next(a.text for a in case.all("a") if "/catalog/product/" in a.attributes["href"])


def skus_of(reader: Reader, page: PageRead) -> set[str]:
    """Return the products of all Decisions of a list, whose heading counts them."""
    skus = [sku_of(case) for each in all_pages(reader, page) for case in cases(each)]
    assert page.root.one("main").one("h2").text == f"{len(skus)} Decision{'s' * (len(skus) != 1)}"
    return set(skus)


def n_behind(reader: Reader, address: str) -> int:
    """Return how many Decisions stand behind a link."""
    return len([case for each in all_pages(reader, reader.page(address)) for case in cases(each)])


def versions(section: PageRead) -> Table:
    """Return the table of a lane's versions."""
    return next(table for table in section.tables() if "the gate's verdict" in table.headings)


def first_named(column: Mapping[str, str]) -> dict[str, str]:
    """Return a column by the first word of each label: a version's number without its method."""
    return {label.split(" ")[0]: text for label, text in column.items()}


def first_words(table: Table, heading: str) -> dict[str, str]:
    """Return a column's figures without their intervals."""
    return {label: text.split(" ")[0] for label, text in table.column(heading).items()}


def n_golden(run: Run) -> str:
    """Return on how many golden items a verdict was given."""
    found = re.search(r"on (\d+) items", run["sentence"])
    assert found
    return found[1]


def by(asked: Iterable[Asked], name: str | Callable[[Asked], str]) -> dict[str, list[Asked]]:
    """Return what was asked in groups."""
    groups: dict[str, list[Asked]] = {}
    for each in asked:
        groups.setdefault(each[name] if isinstance(name, str) else name(each), []).append(each)
    return groups


def shown(asked: Iterable[Asked]) -> list[Asked]:
    """Leave those that saw a drafted title."""
    return [each for each in asked if not each["is_blind"]]


def acceptance(asked: Iterable[Asked]) -> float:
    return mean(each["outcome"] == "accepted" for each in shown(asked))


def edit(asked: Iterable[Asked]) -> float:
    return mean(each["title_edit"] for each in shown(asked))


def seconds(asked: Iterable[Asked]) -> float:
    return mean(each["seconds"] for each in shown(asked))


def precision_and_recall(asked: Iterable[Asked]) -> tuple[float, float]:
    """Return which share of the proposed tags was kept, and which share of the final ones was proposed."""
    asked = list(asked)
    n_final = sum(len(gold(each["sku"])[1]) for each in asked)
    n_kept = n_final - sum(len(each["tags_added"]) for each in asked)
    return n_kept / (n_kept + sum(len(each["tags_removed"]) for each in asked)), n_kept / n_final


def percent(share: float) -> str:
    return f"{share:.0%}"
