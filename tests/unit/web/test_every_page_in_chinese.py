"""Every page of the admin, read in Chinese, holds no English; so a text that nobody marked for translation is found."""

import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils.translation import override

from tests.unit.web.test_every_page import MODELS, is_read_only, url
from titlelab.catalog.models import Catalog
from titlelab.quality.recording import record_measures
from titlelab.review.models import Decision
from titlelab.tags.models import Tag, TagLibrary, TagProposal
from titlelab.web.admin.quality import PAGES

SILENT = {"script", "style", "template", "code", "pre", "kbd", "option"}  # what no person reads, or types as it stands
READ_ALOUD = ("title", "aria-label", "placeholder", "alt")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Texts(HTMLParser):
    """Collects what a page shows and reads aloud."""

    def __init__(self, silent: Collection[str] = SILENT) -> None:
        super().__init__()
        self.silent = silent
        self.open: list[bool] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag in self.silent or "material-symbols-outlined" in told.get("class", ""))
        if not any(self.open):
            self.found += [told[name] for name in READ_ALOUD if name in told]
            if tag == "input" and told.get("type") in ("submit", "button"):
                self.found.append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.found.append(" ".join(data.split()))


def texts_of(page: str, silent: Collection[str] = SILENT) -> list[str]:
    reader = Texts(silent)
    reader.feed(page)
    return reader.found


@pytest.fixture
def reader(boss: Client) -> Iterator[Client]:
    """A superuser who has chosen Chinese; the language ends with the test, for requests leave it on."""
    boss.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    with override(settings.LANGUAGE_CODE):
        yield boss


# What stays as it is in Chinese: names, formats and measures, what is typed into a file or a setting, …
KEPT = """
TitleLab Label Studio Google Crontab Cron Celery AMQP RabbitMQ Redis LDAP Webhook URL ID API SKU CSV Excel JSON Lines
XLSX TSV gzip Parquet GBK UTF HTML UTC chrF ChrF ROUGE Jensen Shannon English en zh hans sku Control Mac Command
False True None all enabled arg argument value off PENDING TITLELAB_EMAIL_URL CELERY_TASK_QUEUES content_encoding
content_type doctor make MASI Krippendorff Task Group dM MY ANNOTATION_CREATED Enter
"""
# … and what somebody named or wrote, as this test's own rows.
DATA = """
boss Boss anna Anna ruth shop example PIM catalog Catalog Custom custom Library library Queue Cries cries on sale bottle
Bottle bottles Bottles Norvik Steel Blue blue Colour Volume ml Outdoor light steel that keeps tea hot for day non Non
slip mat gift Gift waterproof admins sweep Sweep tasks sweeping new New csv price is not number The disk full Accept
Keeps https EUR in PhraseList_channels Group_permissions ApiToken_catalogs object
"""
ALLOWED = frozenset(f"{KEPT} {DATA}".split())
WORD = re.compile(r"[A-Za-z][A-Za-z_]+")
HASH = re.compile(r"\b[0-9a-f]{8,}\b|\btl_\w+|\b[tgc]\d+(-[tgc]\d+)*(\.\d+)?\b")


def english_in(page: str, silent: Collection[str] = SILENT) -> list[str]:
    return [text for text in texts_of(page, silent) if set(WORD.findall(HASH.sub("", text))) - ALLOWED]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_models_pages_hold_no_english(model: type[Model], reader: Client, decision: Decision) -> None:
    row = model._default_manager.first()
    assert row is not None
    pages = [url(model, "changelist"), *(url(model, page, row.pk) for page in ("change", "history", "delete"))]
    pages += [] if is_read_only(model) else [url(model, "add")]

    responses = [reader.get(page) for page in pages]

    told = {r.request["PATH_INFO"]: english_in(r.content.decode()) for r in responses if r.status_code == 200}
    assert not {page: texts for page, texts in told.items() if texts}


def addresses() -> Iterator[str]:
    """Return the admin's own pages that are about no single row."""
    for entry in admin.site.get_urls():
        inner = [entry] if isinstance(entry, URLPattern) else entry.url_patterns
        for each in inner:
            path = str(entry.pattern) + ("" if each is entry else str(each.pattern))
            if each.name and not re.search("[<(]", path) and not path.endswith(("add/", "jsi18n/", "logout/")):
                yield f"/admin/{path}"


@pytest.mark.parametrize("address", sorted(set(addresses())))
def test_a_page_about_no_row_holds_no_english(address: str, reader: Client, decision: Decision) -> None:
    record_measures()

    response = reader.get(address)

    assert response.status_code in (200, 302, 403, 404, 405)
    assert response.status_code != 200 or english_in(response.content.decode()) == []


@pytest.mark.parametrize("name", [name for _, name, _ in PAGES])
def test_what_a_quality_page_lets_choose_holds_no_english(name: str, reader: Client, decision: Decision) -> None:
    record_measures()

    response = reader.get(reverse(f"admin:{name}"))

    assert english_in(response.content.decode(), SILENT - {"option"}) == []


@pytest.mark.parametrize(
    ("model", "page", "more"),
    [
        (Catalog, "upload", []),
        (TagLibrary, "upload", []),
        (Tag, "ask", ["rename"]),
        (Tag, "ask", ["merge"]),
        (TagProposal, "ask", ["merge"]),
    ],
)
def test_a_page_that_asks_for_something_holds_no_english(
    model: type[Model], page: str, more: list[str], reader: Client, decision: Decision
) -> None:
    row = model._default_manager.first()
    assert row is not None

    response = reader.get(url(model, page, row.pk, *more))

    assert response.status_code == 200
    assert english_in(response.content.decode()) == []


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("<p>Where the loop stands</p>", ["Where the loop stands"]),
        ('<button aria-label="Close it">×</button>', ["Close it"]),
        ("<script>let me = 'pass'</script><code>make up</code>", []),
        ("<p>导出 CSV</p><span class='material-symbols-outlined'>arrow_back</span>", []),
    ],
)
def test_english_is_found_where_people_read_or_hear_it(page: str, texts: list[str]) -> None:
    assert english_in(page) == texts
