"""The English sample catalog: US dollars, inches and editors who like commas."""

import re
from random import Random

from titlelab.samples.english_goods import KEPT
from titlelab.samples.english_new_goods import NEW
from titlelab.samples.english_wording import NOISE, TAGS, TRAITS
from titlelab.samples.material import Language, Spoilt

GOOD_TITLE_LIMIT = 95  # editors' own; the channel takes 150


def _polished(text: str) -> str:
    """Write a capital after each full stop and "an" before a vowel."""
    text = re.sub(r"\b([Aa]) (?=[aeiouAEIOU](?!ne\b|SB))", r"\1n ", text)
    text = re.sub(r"(^|[.?!] )([a-z])", lambda m: m[1] + m[2].upper(), text)
    return text.replace("..", ".")


def _untidy(column: str, raw: str, rng: Random) -> str:
    """Write a value as careless sellers do."""
    return rng.choice((raw.upper(), raw.lower().replace(" ", "_"), f"{column}: {raw}"))


def _price(price: float) -> float:
    return int(price) + 0.99


def _shouted(spoilt: Spoilt, rng: Random) -> str:
    return f"{spoilt.kind} {spoilt.shelf} {rng.choice(('hot sale', 'new', 'top'))} {spoilt.kind}".upper()


def _advertised(spoilt: Spoilt, rng: Random) -> str:
    return f"{rng.choice(('NEW!!!', 'WOW!!'))} best price {spoilt.kind} free shipping"


def _numbered(spoilt: Spoilt, _: Random) -> str:
    return f"{spoilt.sku} {spoilt.brand}"


def _cut(spoilt: Spoilt, _: Random) -> str:
    return spoilt.good[:20].rstrip()


def _shelved(spoilt: Spoilt, _: Random) -> str:
    return spoilt.shelf


def _jumbled(spoilt: Spoilt, rng: Random) -> str:
    jumble = f"{spoilt.good} {spoilt.kind}".lower().split()
    rng.shuffle(jumble)
    word = spoilt.kind.split()[-1].lower()
    return " ".join([word, *jumble[:5], word, *jumble[5:8], word])


def _overlong(spoilt: Spoilt, rng: Random) -> str:
    spam = ["gift for mom", "gift for dad", "home", "office", "trending 2024", "best seller"]
    spam += ["top quality", "cheap", "fast delivery", "limited offer", "must have"]
    rng.shuffle(spam)
    return f"{spoilt.good} {' '.join(spam)} {spoilt.kind} {spoilt.shelf}"


ENGLISH = Language(
    code="en",
    library="Sample tags (English)",
    currency="USD",
    joiner=" ",
    seed=20417,
    size=lambda text: len(text.split()),
    title_size=len,
    title_limit=GOOD_TITLE_LIMIT,
    description_sizes=(34, 118),
    polished=_polished,
    untidy=_untidy,
    listing=lambda column, prose: f"{column.capitalize()}: {prose}.",
    price=_price,
    noise=NOISE,
    traits=TRAITS,
    tags=TAGS,
    categories=KEPT + NEW,
    poor_titles=(_shouted, _advertised, _numbered, _cut, _shelved, _jumbled, _overlong),
)
