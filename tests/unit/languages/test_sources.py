"""What is found in sources to translate."""

from titlelab.languages.sources import (
    Message,
    called_messages,
    composed_sentences,
    raised_sentences,
    template_messages,
)


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
