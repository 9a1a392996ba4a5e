"""Names by which a category path is known in a product's text; computes only."""

import re
from collections.abc import Iterator

from ml_backend.contract import CategoryPath, TagSpec, path_name
from ml_backend.rules.text import is_han, normal_form

_AND = re.compile(r"\s*(?:[,&/、，]|\band\b|和|及|与)\s*")
_SHORTEST_PLURAL = 4  # letters; "gas" is no plural
_SINGULARS = (  # the first that fits
    (re.compile(r"(?i)ies$"), "y"),
    (re.compile(r"(?i)(?<=ch|sh|ss)es$"), ""),
    (re.compile(r"(?i)(?<=[xz])es$"), ""),
    (re.compile(r"(?i)(?<![sui])s$"), ""),
)


def spec_of(path: CategoryPath) -> TagSpec:
    """Return a path as a tagger sees it: the whole path is its name, what its leaf is called are its aliases."""
    return TagSpec(name=path_name(path), aliases=leaf_names(path))


def leaf_names(path: CategoryPath) -> tuple[str, ...]:
    """Return the leaf's name, the parts of "Bags & Shoes", and the singular of each, as one product is told.

    >>> leaf_names(("Fashion", "Bags & Watches"))
    ('Bags & Watches', 'Bags', 'Bag', 'Watches', 'Watch')
    """
    leaf = normal_form(path[-1])
    return tuple(dict.fromkeys([leaf, *_forms(leaf)]))


def _forms(leaf: str) -> Iterator[str]:
    for part in filter(None, _AND.split(leaf)):
        yield part
        yield _singular(part)


def _singular(name: str) -> str:
    if is_han(name) or len(name) < _SHORTEST_PLURAL:
        return name
    for ending, instead in _SINGULARS:
        if ending.search(name):
            return ending.sub(instead, name)
    return name
