"""The Chinese catalog holds what people read, nothing else, and is compiled as it stands."""

import re

import polib
import pytest

from titlelab.languages.catalogs import messages
from titlelab.languages.inventory import inventory
from titlelab.languages.sentences import catalog_file
from titlelab.languages.sources import Message
from titlelab.people.roles import ROLES

LANGUAGE = "zh-hans"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
MEND = "run `manage.py translations`, translate what it names in titlelab/locale, and run it again"


@pytest.fixture(scope="module")
def catalog() -> polib.POFile:
    return polib.pofile(str(catalog_file(LANGUAGE).with_suffix(".po")))


def test_every_text_that_the_sources_hold_is_in_the_catalog(catalog: polib.POFile) -> None:
    held = {Message(text=e.msgid, plural=e.msgid_plural, context=e.msgctxt or "") for e in catalog}

    missing = [message.text for message in inventory(LANGUAGE) - held]

    assert not missing, f"{MEND}: {missing}"


def test_every_text_of_the_catalog_is_translated(catalog: polib.POFile) -> None:
    missing = [entry.msgid for entry in (*catalog.untranslated_entries(), *catalog.fuzzy_entries())]

    assert not missing, f"{MEND}: {missing}"


def test_a_translation_fills_in_what_its_text_fills_in(catalog: polib.POFile) -> None:
    wrong = [entry.msgid for entry in catalog if not _filled_in(entry) <= _asked(entry)]

    assert not wrong


def test_a_translation_is_chinese(catalog: polib.POFile) -> None:
    """Names of products, formats and measures stay; a sentence does not."""
    told = {entry.msgid: PLACEHOLDER.sub("", _told(entry)) for entry in catalog}

    english = [
        text
        for text, chinese in told.items()
        if not re.search("[\u4e00-\u9fff]", chinese) and len(re.findall("[a-z]{3,}", chinese)) > 2
    ]

    assert english == []


def test_what_is_compiled_is_what_is_written() -> None:
    path = catalog_file(LANGUAGE)

    assert path.read_bytes() == polib.pofile(str(path.with_suffix(".po"))).to_binary()


def test_compiled_messages_are_read_with_their_plurals() -> None:
    held = messages(catalog_file(LANGUAGE))

    assert held["Tag libraries"] == "标签库"
    assert held["%(n)s alert"] == held["%(n)s alerts"] == "%(n)s 条警报"


def test_roles_have_names_in_chinese() -> None:
    assert not ROLES.keys() - messages(catalog_file(LANGUAGE)).keys()


def _told(entry: polib.POEntry) -> str:
    return entry.msgstr or entry.msgstr_plural[0]


def _filled_in(entry: polib.POEntry) -> set[str]:
    return set(PLACEHOLDER.findall(_told(entry)))


def _asked(entry: polib.POEntry) -> set[str]:
    return set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
