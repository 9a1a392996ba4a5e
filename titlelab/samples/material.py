"""What a sample catalog is made of: values, fields, categories, traits, tags and the language around them.

The builders read a compact notation, so that the catalogs' pages stay readable as lists of goods.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One fact in three spellings: the shop's column, the editors' title, the seller's prose."""

    raws: tuple[str, ...]
    title: str
    proses: tuple[str, ...]
    tags: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A kind of fact: its possible values and how often and how it is told.

    `listed` is the share of products that hold it as an attribute; for the others, as for those
    without any column name, it stands in the prose alone. `present` is the share that has it at all.
    """

    columns: tuple[str, ...]
    values: tuple[Value, ...]
    says: tuple[str, ...]
    listed: float
    present: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A shelf of the shop: what lies on it, how sellers describe it and how editors title it.

    `title` is the editors' habit: slots in braces, square brackets around what is left out when
    the product has no such fact. `other_title` is the habit of the one editor who differs.
    A trait written "!Leather" is only ever denied there.
    A category that `is_new` has hardly any good titles yet; a `tidy` one has clean columns.
    """

    sku: str
    path: tuple[str, ...]
    brands: tuple[str, ...]
    price: tuple[int, int]
    fields: Mapping[str, Field]
    title: str
    other_title: str
    varies: tuple[str, ...]
    openers: tuple[str, ...]
    chat: tuple[str, ...]
    traits: tuple[str, ...]
    tags: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_new: bool = False
    tidy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A tag that only sentences tell: some that mean it, some that merely use its words.

    It is not told of a product that has a tag it clashes with.
    """

    told: tuple[str, ...]
    denied: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An allowed tag with the wordings sellers use for it."""

    name: str
    group: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """All that differs between the two catalogs besides their goods."""

    code: str
    library: str
    currency: str
    joiner: str
    seed: int
    size: Callable[[str], int]
    title_size: Callable[[str], int]
    title_limit: int
    description_sizes: tuple[int, int]
    polished: Callable[[str], str]
    untidy: Callable[[str, str, Random], str]
    listing: Callable[[str, str], str]
    price: Callable[[float], float]
    noise: tuple[str, ...]
    traits: Mapping[str, Trait]
    tags: tuple[Tag, ...]
    categories: tuple[Category, ...]
    poor_titles: tuple[Callable[["Spoilt", Random], str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """What a careless seller has at hand when he makes up a title."""

    sku: str
    brand: str
    shelf: str
    kind: str
    good: str


def value(notation: str) -> Value:
    """Read "column~column | title | prose~prose | tag; tag | fits; fits".

    What is missing is taken from the left; a title "-" is one that editors leave out. What
    the value fits are titles of facts drawn before it, say of the kind; none means any.
    """
    parts = [part.strip() for part in notation.split("|")]
    parts += [""] * (5 - len(parts))
    raws = _split(parts[0], "~")
    title = "" if parts[1] == "-" else parts[1] or raws[0]
    proses = _split(parts[2], "~") or ((title or raws[0]).lower(),)
    return Value(
        raws=raws,
        title=title,
        proses=proses if raws[0] in proses else proses + _figures(raws[0], title),
        tags=_split(parts[3], ";"),
        fits=_split(parts[4], ";"),
    )


def values(
    columns: str,
    *notations: str,
    says: tuple[str, ...] = ("{}",),
    listed: float = 0.75,
    present: float = 1.0,
) -> Field:
    """Make a field of column names "Colour~color" and values in the notation of `value`."""
    return Field(
        columns=_split(columns, "~"),
        values=tuple(value(notation) for notation in notations),
        says=says,
        listed=listed if columns else 0.0,
        present=present,
    )


def tag_library(*lines: str) -> tuple[Tag, ...]:
    """Read lines "Group: Name | alias | alias"."""
    tags = []
    for line in lines:
        group, rest = line.split(":", 1)
        name, *aliases = _split(rest, "|")
        tags.append(Tag(name=name, group=group.strip(), aliases=tuple(aliases)))
    return tuple(tags)


def names(text: str) -> tuple[str, ...]:
    """Read a list of proper names as values spelt alike everywhere."""
    return tuple(f"{name} || {name}" for name in words(text))


def words(text: str) -> tuple[str, ...]:
    """Split a list written with commas."""
    return _split(text, ",")


def _figures(raw: str, title: str) -> tuple[str, ...]:
    # Sellers write numbers out, and as often they do not.
    has_figure = any(c.isdigit() for c in title) and any(c.isdigit() for c in raw)
    return (raw,) if has_figure and not raw.isdigit() else ()


def _split(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())
