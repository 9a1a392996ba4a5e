"""What is found in sources to translate."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from titlelab.languages.sources import (
    Message,
    called_messages,
    composed_sentences,
    raised_sentences,
    template_messages,
)

# What speaks to people by gettext alone; who composes sentences that are said again later is in the inventory's list.
PAGES = sorted(
    path
    for pattern in (
        "web/quality/*.py", "web/alerting.py", "web/model_charts.py", "alerts/sentences.py", "alerts/mailing.py",
        "labelstudio/task_data.py",
    )
    for path in (settings.BASE_DIR / "titlelab").glob(pattern)
)  # fmt: skip
TEMPLATES = sorted((settings.BASE_DIR / "titlelab" / "web" / "templates").rglob("*.html"))


def test_calls_of_gettext_are_found_under_their_imported_names() -> None:
    source = """
from django.utils.translation import gettext as tell, ngettext, pgettext

def page(n):
    tell("Where the loop " "stands")
    ngettext("%(n)s event", "%(n)s events", n)
    return pgettext("item", "open")
"""

    found = set(called_messages(source))

    assert found == {
        Message("Where the loop stands"),
        Message("%(n)s event", "%(n)s events"),
        Message("open", context="item"),
    }


def test_a_templates_texts_are_found_trimmed_as_django_looks_for_them() -> None:
    source = """{% translate "Serving" %}{% blocktranslate trimmed with n=many %}
        {{ n }} of
        them
    {% endblocktranslate %}"""

    assert set(template_messages(source)) == {Message("Serving"), Message("%(n)s of them")}


def test_a_raised_sentence_becomes_a_template() -> None:
    source = """raise BadFile(f"{path.name} holds {n:,} rows, {MOST} at most") from e
raise KeyError(f"{key} is missing")
"""

    assert list(raised_sentences(source, ["BadFile"])) == ["%(path_name)s holds %(n)s rows, %(MOST)s at most"]


def test_every_way_that_a_sentence_may_turn_is_a_template() -> None:
    source = """raise Lost(f"{run} is {'cancelled' if over else 'being cancelled'}.")"""

    assert set(raised_sentences(source, ["Lost"])) == {"%(run)s is cancelled.", "%(run)s is being cancelled."}


def test_sentences_are_told_from_keys_queries_markup_and_documentation() -> None:
    source = '''
"""A module's own words."""

def because(tag: "Tag | None") -> "str | None":
    """Say why."""
    logger.info("%s begins", tag)
    cursor.execute("SELECT name FROM tag")
    return f"<b>{tag}</b> is bold" if tag else "nothing is known"
'''

    assert list(composed_sentences(source)) == ["nothing is known"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_composes_no_sentence_outside_gettext(path: Path) -> None:
    assert list(composed_sentences(path.read_text())) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_text_outside_translate(path: Path) -> None:
    assert texts_outside_translate(path.read_text()) == []


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("<p>Not marked {{ n }}</p>", ["Not marked"]),
        ('<a aria-label="{{ x }} of all" href="/read/me">×</a>', ["of all"]),
        ('<p title="{% translate "Marked" %}">{% blocktranslate %}<b>Marked</b>, too{% endblocktranslate %}</p>', []),
        ("{# for developers #}{% if a %}<style>body { color: red }</style>{% endif %}", []),
    ],
)
def test_a_text_that_nobody_marked_is_found_in_a_template(template: str, texts: list[str]) -> None:
    assert texts_outside_translate(template) == texts


def texts_outside_translate(template: str) -> list[str]:
    """Return what a template shows or reads aloud in words of its own, but for names of programs."""
    left = re.sub(r"(?s){% *blocktranslate.*?{% *endblocktranslate *%}", "", template)
    left = re.sub(r"(?s){#.*?#}|{%.*?%}|{{.*?}}|<(style|script)\b.*?</\1>|<!doctype html>", "", left)
    left = re.sub(r'(?s)<(\w+) class="material-symbols-outlined.*?</\1>|<(code|pre|kbd)\b.*?</\2>', "", left)
    read_aloud = re.findall(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"', left)
    shown = re.sub(r"(?s)<[^>]*>", "\n", left).splitlines()
    texts = (re.sub(r"Label Studio|TitleLab|&\w+;", "", text).strip() for text in (*shown, *read_aloud))
    return [text for text in texts if re.search("[A-Za-z]{2,}", text)]
