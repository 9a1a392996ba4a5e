"""The admin's pages in a browser, as each role reads them.

Two languages, desktop and phone, light and dark, no barrier that axe-core finds, no other site.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from benchmarks.synthetic_ledger import make_ledger
from tests.browser.signing_in import signed_in
from tests.factories import make_run, make_version
from tests.unit.web.worlds import make_person
from titlelab.catalog.models import Catalog
from titlelab.quality.measuring import take_all_snapshots
from titlelab.review.models import Decision, ReviewQueue
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.web.admin.quality import PAGES

N_DECISIONS = 2000
WIDTHS = {"desktop": 1440, "phone": 390}
LANGUAGES = ("en", "zh-hans")
BARRIERS = ("serious", "critical")
# Pages of one row, and where a shop's rows of that kind are found.
OF_A_ROW: dict[str, Callable[[Catalog], QuerySet[Any]]] = {
    "review_decision_change": lambda shop: Decision.objects.of_catalog(shop.pk),
    "review_reviewqueue_change": lambda shop: ReviewQueue.objects.filter(catalog=shop),
    "training_trainingrun_change": lambda shop: TrainingRun.objects.filter(scope=shop.key),
    "training_modelversion_change": lambda shop: ModelVersion.objects.filter(scope=shop.key),
}
NAMES = ["index", *(name for _, name, _ in PAGES), "review_second_pass", *OF_A_ROW]
# What an annotator may read of these; the others refuse all alike, so that one stands for them.
OF_ANNOTATORS = ("index", "review_reviewqueue_change")
PAGES_OF = {"admin": NAMES, "reviewer": NAMES, "annotator": [*OF_ANNOTATORS, "quality_overview"]}
# Who reads what, in which language, how wide and by which light: each width by both lights, each role in all ways.
READINGS = [
    (role, name, language, width, "light" if (language == "en") is (width == "desktop") else "dark")
    for role, names in PAGES_OF.items()
    for language in LANGUAGES
    for width in WIDTHS
    for name in names
]


@pytest.fixture(scope="module")
def catalogs(stack: None) -> list[Catalog]:
    """Two shops with half a year of invented Decisions, measured."""
    made = make_ledger(N_DECISIONS, now=timezone.now())
    make_version(scope=made[0].key, number=1, run=make_run(scope=made[0].key, number=1))
    take_all_snapshots()
    return made


@pytest.fixture(scope="module")
def reader(request: pytest.FixtureRequest, browser: BrowserContext, catalogs: list[Catalog]) -> Iterator[Page]:
    """Somebody who reads the pages, logged in; a reviewer and an annotator work on one of the two shops."""
    with signed_in(browser, who(request.param, catalogs)) as tab:
        yield tab


@pytest.mark.parametrize(
    ("reader", "role", "name", "language", "width", "light"), [(r[0], *r) for r in READINGS], indirect=["reader"]
)
def test_a_page_can_be_read_by_everybody(
    reader: Page,
    catalogs: list[Catalog],
    role: str,
    name: str,
    language: str,
    width: str,
    light: Literal["light", "dark"],
    picture: Callable[[Page, str], None],
) -> None:
    strangers, troubles = watch(reader)
    reader.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": settings.TITLELAB_URL}]
    )
    reader.set_viewport_size({"width": WIDTHS[width], "height": 900})
    reader.emulate_media(color_scheme=light)

    response = reader.goto(f"{settings.TITLELAB_URL}{address(name, catalogs[0])}")

    assert response is not None
    assert response.status == (403 if role == "annotator" and name not in OF_ANNOTATORS else 200)
    assert is_dark(reader) is (light == "dark")
    assert reader.evaluate("document.documentElement.lang") == language
    assert reader.locator("h1, h2").count() > 0
    assert reader.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, "it scrolls sideways"
    assert barriers(reader) == []
    assert (strangers, troubles) == ([], [])
    if (role, name, language, width, light) == ("admin", "quality_overview", "en", "desktop", "light"):
        picture(reader, "quality")


def address(name: str, shop: Catalog) -> str:
    args = [OF_A_ROW[name](shop)[0].pk] if name in OF_A_ROW else []
    return reverse(f"admin:{name}", args=args)


def who(role: str, catalogs: list[Catalog]) -> User:
    """Return an admin of everything, or somebody of the role who works on the first shop; the same one each time."""
    name = f"{role}-reads@shop.example"
    if found := User.objects.filter(username=name).first():
        return found
    return (
        User.objects.create_superuser(name, name)
        if role == "admin"
        else make_person(role.capitalize(), catalogs[:1], name=name)
    )


def is_dark(page: Page) -> bool:
    """Say whether the page is read as light text on a dark ground."""
    return bool(page.evaluate(_HAS_LIGHT_TEXT))


_HAS_LIGHT_TEXT = """() => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = getComputedStyle(document.querySelector("h1, h2")).color;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
    return red + green + blue > 384;
}"""


def watch(page: Page) -> tuple[list[str], list[str]]:
    """Collect what the page asks of other sites, and the errors of its scripts."""
    own, strangers, troubles = urlsplit(settings.TITLELAB_URL).netloc, [], []
    page.on("request", lambda r: strangers.append(r.url) if urlsplit(r.url).netloc not in (own, "") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    return strangers, troubles


def barriers(page: Page) -> list[str]:
    """Return what axe-core calls serious or worse, each with the first place where it stands."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in BARRIERS]
