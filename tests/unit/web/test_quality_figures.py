"""The overview and the drill-down tell what was decided, to whom it concerns, and lead to the Decisions."""

import datetime as dt
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_library, make_product
from tests.unit.web.worlds import client_of, make_person
from titlelab.catalog.models import Catalog
from titlelab.quality.figures import FIGURE_NAMES
from titlelab.quality.recording import record_measures
from titlelab.review.models import ReviewQueue
from titlelab.tags.renaming import rename
from titlelab.web.quality.drill_down import DIMENSIONS
from titlelab.web.quality.overview import last_days

pytestmark = pytest.mark.django_db
THIS_WEEK, WEEK_BEFORE = dt.date(2026, 7, 27), dt.date(2026, 7, 20)
MOST_QUERIES = 30
OVERVIEW, DRILL_DOWN = "quality_overview", "quality_drill_down"


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop", name="Shop", library=make_library(tags=["waterproof", "gift"]))


def decide(catalog: Catalog, *, n: int = 1, week: dt.date = THIS_WEEK, is_blind: bool = False, **fields: Any) -> None:
    """Let n Decisions be made on a Thursday; accepted unless told otherwise, measured by whoever asks for pages."""
    queue, _ = ReviewQueue.objects.get_or_create(catalog=catalog, name=f"{catalog} queue")
    at = dt.datetime.combine(week + dt.timedelta(days=3), NOW.timetz())
    arm = "random" if is_blind else "uncertain"
    for _ in range(n):
        draft = make_draft(product=make_product(catalog=catalog), titler_version=2)
        item = make_item(draft=draft, queue=queue, state="decided", arm=arm, is_blind=is_blind)
        make_decision(item=item, decided_at=at, **fields)


def decide_all_kinds(catalog: Catalog) -> None:
    decide(catalog)
    decide(catalog, outcome="edited", title="Norvik", title_edit=0.5, tags=["gift"])
    decide(catalog, outcome="rejected")
    decide(catalog, outcome="written", is_blind=True, title="Norvik", title_edit=0.6, seconds=None)
    without = make_item(product=make_product(catalog=catalog, category=[]))
    make_decision(item=without, draft=None, outcome="edited", title="Norvik", title_edit=1.0)
    record_measures()


def context(client: Client, name: str, **params: str) -> Any:
    answer = client.get(reverse(f"admin:{name}"), params)
    assert answer.status_code == 200
    return answer.context


def test_before_anything_was_decided_the_pages_say_so(boss: Client) -> None:
    assert "Nothing was decided yet" in boss.get(reverse(f"admin:{OVERVIEW}")).content.decode()
    assert "No Decision is of this kind" in boss.get(reverse(f"admin:{DRILL_DOWN}")).content.decode()


def test_the_latest_week_is_told_against_the_week_before(boss: Client, shop: Catalog) -> None:
    decide(shop, n=2, week=WEEK_BEFORE)
    decide(shop, n=6, week=WEEK_BEFORE, outcome="edited", title="Norvik", title_edit=0.5, tags=["gift"])
    decide(shop, n=8, seconds=4.0)
    record_measures()

    told = context(boss, OVERVIEW)

    cards = {card.label: card for card in told["cards"]}
    assert (told["week"], told["n"]) == (THIS_WEEK, 8)
    assert cards["Acceptance"].value == "100%"
    assert cards["Acceptance"].sentence == "Acceptance rose from 25% to 100% (+75 points, 28 to 93)."
    assert cards["Acceptance"].trend == "better"
    assert (cards["Tag precision"].value, cards["Tag recall"].value, cards["Time per task"].value) == (
        "100%", "100%", "4 s",
    )  # fmt: skip
    assert cards["Decisions per day"].value == "1.14"  # eight in seven days
    assert "Category accuracy" not in cards


def test_a_queue_tells_what_has_become_better_or_worse(boss: Client, shop: Catalog) -> None:
    for seconds in (7.0, 8.0, 9.0, 8.0, 7.5, 8.5):
        decide(shop, week=WEEK_BEFORE, seconds=seconds)
        decide(shop, seconds=seconds - 5, outcome="edited", title="Norvik", title_edit=seconds / 10, tags=["gift"])
        decide(shop, week=WEEK_BEFORE, outcome="edited", title="Norvik", title_edit=0.1, seconds=seconds, tags=["gift"])
    record_measures()

    (bar,) = context(boss, OVERVIEW)["by_queue"].bars

    assert bar.cells[0].startswith("Acceptance fell from 50% to 0%")
    edit, tag_f1, seconds_told = bar.cells[2:]
    assert (edit.endswith(", worse"), tag_f1.endswith(("better", "worse")), seconds_told) == (
        True, False, "3 s (2.26 s to 3.74 s), better",
    )  # fmt: skip


def test_points_and_bars_lead_to_the_decisions_behind_them(boss: Client, shop: Catalog) -> None:
    decide(shop, week=WEEK_BEFORE)
    decide(shop)
    record_measures()

    told = context(boss, OVERVIEW, catalog=str(shop.pk))

    points = [point for _, chart in told["charts"] for line in chart.lines for point in line.points]
    assert {params(point.url)["week"] for point in points} == {"2026-07-20", "2026-07-27"}
    assert {params(point.url)["catalog"] for point in points} == {str(shop.pk)}
    assert all(boss.get(point.url).status_code == 200 for point in points[:2])
    (bar,) = told["by_queue"].bars
    assert (bar.label, bar.text, params(bar.url)["queue"]) == (
        "Shop: Shop queue", "100% (21% to 100%)", str(ReviewQueue.objects.get().pk),
    )  # fmt: skip


def test_a_point_leads_to_as_many_decisions_as_it_is_of(boss: Client, shop: Catalog) -> None:
    decide_all_kinds(shop)

    told = context(boss, OVERVIEW)

    behind = {
        str(caption): {n_behind(boss, p.url) for line in c.lines for p in line.points} for caption, c in told["charts"]
    }
    assert behind == {
        "Accepted as drafted, by week": {3},  # not the one without a draft, nor the blind one
        "Drafted against final titles, by week": {2},  # nor the rejected one
        "Proposed against final tags, by week": {3},  # of tags tells the blind one, too
        "Seconds per task, by week": {3},
        "Decisions per day, by week": {5},
    }
    for card in told["cards"]:
        if card.label != "Decisions per day":  # whose n are days
            assert card.n == f"{n_behind(boss, card.url)} Decisions"
    assert n_behind(boss, told["decisions_url"]) == told["n"] == 5
    (bar,) = [bar for bar in told["by_queue"].bars if bar.label == "Shop: Shop queue"]
    assert bar.cells[1] == str(n_behind(boss, bar.url)) == "4"


def test_the_days_of_four_weeks_are_drawn_each_with_its_decisions(boss: Client, shop: Catalog) -> None:
    decide(shop, week=WEEK_BEFORE - 5 * (THIS_WEEK - WEEK_BEFORE))
    decide(shop, n=2, week=WEEK_BEFORE)
    decide(shop, n=3, outcome="edited", title="Norvik", title_edit=0.5)
    record_measures()

    days = context(boss, OVERVIEW)["days"]

    told = {row.label: (row.cells, n_behind(boss, row.url)) for row in days.rows}
    assert list(told)[0::27] == ["July 6", "August 2"]
    assert {day: each for day, each in told.items() if each != (("0",), 0)} == {
        "July 23": (("2",), 2),
        "July 30": (("3",), 3),
    }


@pytest.mark.parametrize(
    ("first", "today", "shown"),
    [
        (dt.date(2026, 1, 1), dt.date(2026, 9, 1), (dt.date(2026, 7, 6), dt.date(2026, 8, 2), 28)),
        (dt.date(2026, 1, 1), dt.date(2026, 7, 29), (dt.date(2026, 7, 2), dt.date(2026, 7, 29), 28)),  # none to come
        (dt.date(2026, 7, 15), dt.date(2026, 7, 29), (dt.date(2026, 7, 15), dt.date(2026, 7, 29), 15)),
        (dt.date(2026, 7, 29), dt.date(2026, 7, 29), (dt.date(2026, 7, 23), dt.date(2026, 7, 29), 7)),
    ],
)
def test_days_are_drawn_from_the_first_on_but_a_week_at_least(
    first: dt.date, today: dt.date, shown: tuple[dt.date, dt.date, int]
) -> None:
    days = last_days(THIS_WEEK, first, today)

    assert (days[0], days[-1], len(days)) == shown


@pytest.mark.parametrize("day", ["yesterday", "0001-01-01", "2026-07-30T10:00"])
def test_what_is_no_day_narrows_nothing(day: str, boss: Client, shop: Catalog) -> None:
    decide(shop)
    record_measures()

    assert n_behind(boss, f"{reverse('admin:quality_decisions')}?day={day}") == 1


@pytest.mark.parametrize("figure", FIGURE_NAMES)
def test_of_each_figure_a_point_leads_to_its_decisions(figure: str, boss: Client, shop: Catalog) -> None:
    decide_all_kinds(shop)
    expected = {"category": 0, "acceptance": 3, "seconds": 3, "edit": 2, "chrf": 2, "rouge_l": 2}.get(figure, 3)

    told = context(boss, DRILL_DOWN, by="week", figure=figure)

    points = [point for line in told["chart"].lines for point in line.points]
    assert [n_behind(boss, point.url) for point in points] == ([expected] if expected else [])


def test_every_figure_stands_with_its_interval(boss: Client, shop: Catalog) -> None:
    for seconds, edit in [(4.0, 0.1), (6.0, 0.2), (8.0, 0.3), (9.0, 0.2), (5.0, 0.4), (7.0, 0.3)]:
        decide(shop, outcome="edited", title="Norvik", title_edit=edit, tags=["gift"], seconds=seconds)
        decide(shop, seconds=seconds)
    record_measures()

    cards = {card.label: card for card in context(boss, OVERVIEW)["cards"]}
    (of_queue,) = context(boss, OVERVIEW)["by_queue"].bars
    (of_person,) = context(boss, DRILL_DOWN, by="person")["bars"].bars

    assert all(card.interval for card in cards.values() if card.value not in ("100%", "0%")), cards
    for cell in (*of_queue.cells[2:], of_queue.text, *of_person.cells[1:], of_person.text):
        assert " to " in cell


@pytest.mark.parametrize("by", DIMENSIONS)
def test_each_dimension_leads_to_its_decisions(by: str, boss: Client, shop: Catalog) -> None:
    decide_all_kinds(shop)

    bars = context(boss, DRILL_DOWN, by=by)["bars"].bars

    for bar in bars:
        assert n_behind(boss, bar.url) == int(bar.cells[0])
        assert context(boss, DRILL_DOWN, **params(bar.narrow_url))["bars"].bars
    # Of tags tell the accepted, the edited (two) and the blind one.
    assert sum(int(bar.cells[0]) for bar in bars) == (4 if by == "tag" else 5)
    assert ("none" in [bar.label for bar in bars]) is (by in ("category", "version"))


def test_a_search_finds_what_the_longest_list_leaves_out(boss: Client, shop: Catalog) -> None:
    names = [f"tag {n}" for n in range(50)]
    decide(shop, outcome="edited", title="Norvik", title_edit=0.5, tags=names)
    record_measures()

    told = context(boss, DRILL_DOWN, by="tag")
    found = context(boss, DRILL_DOWN, by="tag", q="TAG 49")

    assert (len(told["bars"].bars), told["n_left_out"]) == (40, 11)
    assert [bar.label for bar in found["bars"].bars] == ["tag 49"]


def test_a_renamed_tag_goes_by_its_name_of_today(boss: Client, shop: Catalog) -> None:
    decide(shop)
    record_measures()
    assert shop.library is not None
    rename(shop.library.tags.get(name="waterproof"), "dry")
    record_measures()

    assert [bar.label for bar in context(boss, DRILL_DOWN, by="tag")["bars"].bars] == ["dry"]


def test_a_reader_is_told_of_own_catalogs_alone(shop: Catalog) -> None:
    other = make_catalog(key="other")
    decide(shop, n=2)
    decide(other, n=3)
    record_measures()
    client = client_of(make_person("Reviewer", [shop]))

    assert context(client, OVERVIEW)["n"] == 2
    assert [bar.label for bar in context(client, OVERVIEW)["by_queue"].bars] == ["Shop: Shop queue"]
    for by in DIMENSIONS:
        assert sum(int(bar.cells[0]) for bar in context(client, DRILL_DOWN, by=by)["bars"].bars) == 2
    assert context(client, DRILL_DOWN, catalog=str(other.pk))["bars"] is None


@pytest.mark.parametrize("params", [{}, *({"by": by} for by in DIMENSIONS), {"by": "nothing", "figure": "nothing"}])
def test_a_page_takes_few_queries(params: dict[str, str], boss: Client, shop: Catalog) -> None:
    decide_all_kinds(shop)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        context(boss, DRILL_DOWN if params else OVERVIEW, **params)

    assert len(queries) < MOST_QUERIES


def n_behind(client: Client, url: str) -> int:
    """Return how many Decisions the page counts that a point leads to."""
    return int(client.get(url).context["n"])


def params(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
