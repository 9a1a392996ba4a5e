"""What an import would change of a product, for people to see before it starts. Computes only."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from titlelab.catalog.rows import FIELDS, ProductRow

LONGEST_SHOWN = 200


def differences(before: Mapping[str, object], after: ProductRow) -> list[tuple[str, str, str]]:
    """Return (field, before, after) for every told field that changes, as texts; attributes each by its name.

    before: the stored product's values by field.
    """
    found = []
    for field in FIELDS[1:]:
        old, new = before[field], getattr(after, field)
        if field == "attributes":
            found += _of_attributes(old, new)
        elif _text(old) != _text(new):
            found.append((field, _shown(old), _shown(new)))
    return found


def _of_attributes(old: object, new: Sequence[Sequence[object]]) -> list[tuple[str, str, str]]:
    were = {str(name): value for name, value in old} if isinstance(old, list | tuple) else {}
    are = {str(name): value for name, value in new}
    names = dict.fromkeys([*were, *are])
    return [
        (name, _shown(were.get(name)), _shown(are.get(name)))
        for name in names
        if _text(were.get(name)) != _text(are.get(name))
    ]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return " › ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _shown(value: object) -> str:
    text = " ".join(_text(value).split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
