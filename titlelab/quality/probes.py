"""How near people come to answers that a reviewer has settled, where they are asked without knowing. Computes only.

A golden probe is a random product that chance drew for a second look, that a reviewer settled, and that somebody else
was asked about as if nobody had been.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from titlelab.quality.figures import Figure, mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The settled title and tags, and what the person said; a title of "" is a rejection."""

    settled_title: str
    settled_tags: frozenset[str]
    title: str
    tags: frozenset[str]


def title_accuracy(probes: Sequence[Probe], likeness: Callable[[str, str], float]) -> Figure | None:
    """Return how like the settled titles a person's are: 1 where both rejected the product, 0 where one did."""
    return _mean([_title(probe, likeness) for probe in probes])


def tag_accuracy(probes: Sequence[Probe]) -> Figure | None:
    """Return the mean F1 of a person's tags, of the products that neither rejected; 1 where neither gave any."""
    return _mean([_f1(probe.tags, probe.settled_tags) for probe in probes if probe.title and probe.settled_title])


def _title(probe: Probe, likeness: Callable[[str, str], float]) -> float:
    if probe.title and probe.settled_title:
        return likeness(probe.title, probe.settled_title)
    return float(probe.title == probe.settled_title)


def _f1(told: Collection[str], settled: Collection[str]) -> float:
    n = len(told) + len(settled)
    return 2 * len(set(told) & set(settled)) / n if n else 1.0


def _mean(values: Sequence[float]) -> Figure | None:
    return mean(len(values), sum(values), sum(value * value for value in values), most=1.0)
