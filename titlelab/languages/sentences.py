"""Says an English sentence, stored or raised far from whoever reads it, in the reader's language.

The catalog holds a template for every sentence that the sources compose (sources.py): a sentence is recognised by it
and said again by the template's translation. What is recognised by none stays as it is, so a sentence is never lost.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale

from titlelab.languages.catalogs import CONTEXT, messages

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
WORD = re.compile(r"[A-Za-z]{3}|\(")  # "… to …" alone would recognise too much
JOINED = "join_"  # how sources.py names `', '.join(…)`
# What may be filled in with sentences of its own; anything else ends where a sentence ends.
SENTENCES = re.compile(
    r"(^|_)(e|error|found|loss|message|objections|outcome|problem|reason|sentence|str|told)(_\w+)?$|^text_300$|^_\d+$"
)
DEEPEST = 5  # sentences within sentences; ours have three levels
NEXT_SENTENCE = re.compile(r"\. [A-Z]")
HOLE = re.compile(r"\{\}")  # of format_html
# What these hold was named by somebody, and is no word of ours even where it reads like one.
GIVEN_NAMES = re.compile(
    r"(^|_)(account|catalog|column|email|file_?name|key|library|name|old|path|person|phrase|product|proposal|queue|scope|sku"
    r"|tag|text|title|token|url|user|value|word)(_strip|_\d+)?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """How a sentence is recognised, and what is said instead: translation with %(name)s.

    literals stand around the holes: one more than there are names. given are the placeholders that hold what somebody
    named: it is filled in again as it is.
    """

    literals: tuple[str, ...]
    names: tuple[str, ...]
    translation: str
    given: frozenset[str]

    @property
    def n_letters(self) -> int:
        return sum(map(len, self.literals))

    def read(self, text: str) -> dict[str, str] | None:
        """Return what fills the holes; None for another sentence.

        Each hole ends where what follows it first stands, the last one where the text does. Nothing is tried twice:
        a text that somebody made up takes no longer than another of its length, which a pattern could not promise.
        """
        if not text.startswith(self.literals[0]) or not text.endswith(self.literals[-1]):
            return None
        found: dict[str, str] = {}
        at, last = len(self.literals[0]), len(text) - len(self.literals[-1])
        for place, name in enumerate(self.names, start=1):
            follows = self.literals[place]
            end = last if place == len(self.names) else text.find(follows, at, last)
            if end < at or found.setdefault(name, text[at:end]) != text[at:end]:
                return None
            at = end + len(follows)
        return found if all(SENTENCES.search(n) or not NEXT_SENTENCE.search(v) for n, v in found.items()) else None


def said(text: str) -> str:
    """Return the sentence in the language that is active now; safe HTML stays safe: what fills it moves as it is."""
    language = get_language() or settings.LANGUAGE_CODE
    if not text or language == settings.LANGUAGE_CODE:
        return text
    told = _said(str(text), language, 0)
    return SafeString(told) if isinstance(text, SafeString) else told


@lru_cache(maxsize=10_000)
def _said(text: str, language: str, depth: int) -> str:
    whole, templates = _known(language)
    for spelling in (text, text[:1].upper() + text[1:]):
        if spelling in whole:
            return whole[spelling]
    for template in templates if depth < DEEPEST else ():
        if (found := template.read(text)) is not None:
            return template.translation % {
                name: value if name in template.given else _filled_in(name, value, language, depth + 1)
                for name, value in found.items()
            }
    return text


def _filled_in(name: str, value: str, language: str, depth: int) -> str:
    """Say what fills a placeholder; where the source joins a list, each of its parts."""
    if not name.startswith(JOINED):
        return _said(value, language, depth)
    parts, mark = (value.split("; "), "；") if "; " in value else (value.split(", "), "、")
    return mark.join(_said(part, language, depth) for part in parts)


@cache
def _known(language: str) -> tuple[dict[str, str], list[Template]]:
    """Return the whole sentences, and the templates, those first that say most themselves."""
    whole, templates = {}, []
    for text, translation in messages(catalog_file(language)).items():
        if CONTEXT in text or not translation:
            continue
        if PLACEHOLDER.search(text) and WORD.search(PLACEHOLDER.sub("", text)):
            templates.append(_template(text, translation))
        elif HOLE.search(text):
            templates.append(_template(*(_named_holes(each.replace("%", "%%")) for each in (text, translation))))
        else:
            whole[text.replace("%%", "%")] = translation.replace("%%", "%")
    return whole, sorted(templates, key=lambda template: -template.n_letters)


def catalog_file(language: str) -> Path:
    """Return where our compiled messages of a language stand."""
    return Path(settings.LOCALE_PATHS[0]) / to_locale(language) / "LC_MESSAGES" / "django.mo"


def _named_holes(text: str) -> str:
    numbers = count()
    return HOLE.sub(lambda _: f"%(_{next(numbers)})s", text)


def _template(text: str, translation: str) -> Template:
    holes = list(PLACEHOLDER.finditer(text))
    ends, starts = [0, *(hole.end() for hole in holes)], [*(hole.start() for hole in holes), len(text)]
    quoted = {hole[1] for hole in holes if text[: hole.start()].endswith("“")}
    return Template(
        literals=tuple(text[end:start].replace("%%", "%") for end, start in zip(ends, starts, strict=True)),
        names=tuple(hole[1] for hole in holes),
        translation=re.sub(r"(%\(\w+\))[a-z]", r"\1s", translation),
        given=frozenset(quoted | {hole[1] for hole in holes if GIVEN_NAMES.search(hole[1])}),
    )
