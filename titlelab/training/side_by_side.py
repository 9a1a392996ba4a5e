"""What a version made of the sample products beside another, as far as both are known. Reads the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ml_backend.contract import SampleDraft, from_json
from ml_backend.errors import BadRequest
from titlelab.training.models import ModelVersion, SampleDrafts
from titlelab.training.sampling import number_beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both drafts of a product."""

    product_id: int
    beside: SampleDraft
    drafted: SampleDraft

    @property
    def is_changed(self) -> bool:
        return self.beside != self.drafted


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A version beside another one, 0 for the built-in; the pairs that differ come first."""

    beside: int
    pairs: tuple[Pair, ...]

    @property
    def n_changed(self) -> int:
        return sum(pair.is_changed for pair in self.pairs)


def comparison(version: ModelVersion) -> Comparison | None:
    """Return the version beside the one that matters now; None where either's drafts were never made.

    Drafts of another day are compared where the product is told as it was then.
    """
    own = SampleDrafts.objects.filter(version=version).first()
    if own is None or not own.lines:
        return None
    number = number_beside(version)
    others = {line["product"]: line for line in own.lines} if number == own.beside else _drafts_of(version, number)
    key = "beside" if number == own.beside else "drafted"
    pairs = list(_pairs(own.lines, others, key))
    if not pairs:
        return None
    return Comparison(beside=number, pairs=tuple(sorted(pairs, key=lambda pair: not pair.is_changed)))


def _drafts_of(version: ModelVersion, number: int) -> Mapping[int, Any]:
    found = SampleDrafts.objects.filter(
        version__kind=version.kind, version__scope=version.scope, version__number=number
    ).first()
    return {line["product"]: line for line in found.lines} if found else {}


def _pairs(lines: list[Any], others: Mapping[int, Any], key: str) -> Iterator[Pair]:
    for line in lines:
        other = others.get(line["product"])
        if other is None or other["brief"] != line["brief"]:
            continue
        try:
            beside, drafted = from_json(SampleDraft, other[key]), from_json(SampleDraft, line["drafted"])
        except (KeyError, BadRequest):
            continue
        yield Pair(product_id=line["product"], beside=beside, drafted=drafted)
