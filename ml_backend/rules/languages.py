"""Which language a product's text is in: by its script where that tells, else by py3langid (langid.py's model)."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Shops' languages; the model knows 140, and the rarer ones are mostly mistaken for these in titles without grammar.
_LANGUAGES = (
    "cs", "da", "de", "en", "es", "et", "fi", "fr", "hr", "hu", "id", "it", "lt", "lv", "ms", "nl", "no", "pl", "pt",
    "ro", "sk", "sl", "sv", "tr", "vi", "bg", "ru", "sr", "uk", "ar", "fa", "ur", "hi", "mr",
)  # fmt: skip
_SCRIPTS = {
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "ja": re.compile(r"[\u3041-\u306d\u306f-\u30fa\u30fd-\u30ff]"),  # の stands in Chinese shops' texts too
    "ko": re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"),
    "he": re.compile(r"[\u05d0-\u05ea]"),
    "th": re.compile(r"[\u0e01-\u0e5b]"),
    "el": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
}
_LETTERS_IN = {"zh": 3, "ja": 2, "ko": 2}  # a character of these says as much as so many letters
_MOST_KANJI = 9  # Han characters to one kana; Japanese prose has about one to one
_LARGEST_SHARE = 0.6  # a script with this share of the letters is the text's own; brands and units stand in another
_CODE = re.compile(r"\S*\d\S*|\b[A-Z]{2,}\b|https?:\S+")
_LEAST_CHARACTERS = 2  # of such a script; one Han character may be a size or a mark
_LEAST_LETTERS = 25
_LEAST_WORDS = 4
_SURE = 0.9  # of 3,600 English product texts none was taken for another language at this probability
_LONGEST = 1500  # characters; more changes no verdict and costs time


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the text's language, or None where it is too short or too mixed to be sure."""
    text = text[:_LONGEST]
    found = {code: len(script.findall(text)) for code, script in _SCRIPTS.items()}
    if found["ja"] * _MOST_KANJI >= found["zh"] and found["ja"]:
        found["ja"] += found.pop("zh")
    letters = {code: n * _LETTERS_IN.get(code, 1) for code, n in found.items()}
    total = sum(map(str.isalpha, text)) + sum(letters.values()) - sum(found.values())
    code = max(letters, key=lambda code: letters[code])
    if letters[code] < (1 - _LARGEST_SHARE) * total or not total:
        return _language_of_letters(_CODE.sub(" ", text))
    is_clear = letters[code] >= _LARGEST_SHARE * total and found[code] >= _LEAST_CHARACTERS
    return code if is_clear else None


def own_language(text: str, language: str) -> str:
    """Return a catalog's language (a tag such as en or zh-TW) unless the text is clearly in another one."""
    found = language_of(text)
    return language if found is None or found == language.split("-")[0].lower() else found


def _language_of_letters(text: str) -> str | None:
    if sum(map(str.isalpha, text)) < _LEAST_LETTERS or len(text.split()) < _LEAST_WORDS:
        return None
    language, proba = _identifier().classify(text.lower() if text.istitle() else text)
    return str(language) if proba >= _SURE else None


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """Load the model when a text first needs it: 0.7 s and about 100 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
