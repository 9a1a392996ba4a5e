"""Titles and sources as tokens that a pointer can copy: words, numbers, marks and Han characters, blanks included.

A token carries the blank before it (" Blue"), so joining tokens gives the text back exactly; `variants` says which
tokens copying one may write.
"""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from ml_backend.rules.text import HAN, is_han

HanUnit = Literal["characters", "words"]
N_VARIANTS = 6
N_SHAPES = 14
N_GRAMS = 6  # hashed n-grams that stand for a word; more of a long word are left out
N_BUCKETS = 4096
_REMEMBERED = 1 << 16  # tokens whose looks are kept: a catalog asks for the same few thousand again and again
_LONGEST_UNIT = 4  # letters that stick to a number: ml, inch

_TOKEN = re.compile(
    rf"""\s?(?:
        (?:[A-Za-z]\.){{2,}}  # U.S.
      | \d+(?:[.,]\d+)*(?=[^\W\d_{HAN}]{{1,{_LONGEST_UNIT}}}(?![^\W_]))  # 30 of "30ml": its unit is another token
      | \d+(?:[.,]\d+)+
      | (?:(?![{HAN}])[^\W_])+(?:['’][a-z]{{1,2}}(?![^\W_]))?
      | [{HAN}]+
      | [^\s]
    )""",
    re.VERBOSE,
)


def tokens_of(text: str, han_unit: HanUnit) -> list[str]:
    """Cut a text into tokens with the blank before each; joined and stripped they are the text, white space folded."""
    tokens: list[str] = []
    for token in _TOKEN.findall(" " + " ".join(text.split())):
        tokens += _han_tokens(token, han_unit) if is_han(token) else [token]
    if tokens and is_han(tokens[0]):
        tokens[0] = tokens[0].lstrip()  # a Han character is the same token at the start as within a title
    return tokens


def joined(tokens: Sequence[str]) -> str:
    """Return the text of title tokens."""
    return "".join(tokens).strip()


def key(token: str) -> str:
    """Return what tokens that differ in case or blank have in common."""
    return token.strip().lower()


@lru_cache(maxsize=_REMEMBERED)
def variants(token: str) -> tuple[str, ...]:
    """Return the N_VARIANTS tokens that copying may write: as is, capitalised, in lower case; blank or none."""
    surface = token.lstrip()
    forms = (surface, surface[:1].upper() + surface[1:], surface.lower())
    return tuple(blank + form for form in forms for blank in (" ", ""))


@lru_cache(maxsize=_REMEMBERED)
def shape(token: str) -> int:
    """Return 0 to N_SHAPES - 1: what kind of token it is, and whether a blank stands before it."""
    bare = token.lstrip()
    return 2 * _kind(bare) + (bare != token)


@lru_cache(maxsize=_REMEMBERED)
def end_of(token: str) -> int:
    """Return what a token ends with: 0 a mark or Han, 1 a number, 2 a word."""
    bare = token.strip()
    if is_han(bare) or not bare[-1:].isalnum():
        return 0
    return 1 if bare.replace(".", "").replace(",", "").isdecimal() else 2


@lru_cache(maxsize=_REMEMBERED)
def start_of(token: str) -> int:
    """Return what a token begins with: 0 a blank, mark or Han, 1 the letters of a unit, 2 another word.

    Where its product with the `end_of` the token before is above 1, the two would be one word.
    """
    if is_han(token) or not token[:1].isalnum():
        return 0
    return 1 if token.isalpha() and len(token) <= _LONGEST_UNIT else 2


@lru_cache(maxsize=_REMEMBERED)
def n_grams(word: str) -> tuple[int, ...]:
    """Return N_GRAMS buckets, 1 to N_BUCKETS - 1, of a key's beginning, end and character 3-grams; 0 pads."""
    marked = f"<{word}>"
    grams = [marked[:4], marked[-4:], *(marked[i : i + 3] for i in range(len(marked) - 2))]
    buckets = [1 + zlib.crc32(gram.encode()) % (N_BUCKETS - 1) for gram in dict.fromkeys(grams)][:N_GRAMS]
    return (*buckets, *[0] * (N_GRAMS - len(buckets)))


def _kind(bare: str) -> int:
    if is_han(bare):
        return 5
    if any(character.isdigit() for character in bare):
        return 3 if bare[0].isdigit() else 6
    if not any(character.isalpha() for character in bare):
        return 4
    if len(bare) > 1 and bare.isupper():
        return 2
    return 1 if bare[0].isupper() else 0


def _han_tokens(token: str, han_unit: HanUnit) -> list[str]:
    bare = token.lstrip()
    parts = list(bare) if han_unit == "characters" else _words(bare)
    return [token[: len(token) - len(bare)] + parts[0], *parts[1:]]


def _words(han: str) -> list[str]:
    import rjieba  # its dictionary takes a moment, and English catalogs never need it

    return list(rjieba.cut(han))
