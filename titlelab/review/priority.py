"""Which products are worth a person's minute, and in what order they are asked.

Computes only; see filling.py for the writes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml_backend.learning.diversity import MOST_CONSIDERED, most_informative, word_vectors
from ml_backend.learning.uncertainty import told_variance, worth

FloatArray = NDArray[np.float64]
Arm = Literal["uncertain", "random", "overdue"]
# When a whole catalog has waited too long, age alone would fill the queue and nobody would be asked what the model
# is unsure of: so the overdue get at most half of the places that chance leaves.
OVERDUE_SHARE = 0.5
MOST_WEIGHED = MOST_CONSIDERED  # candidates; of more, a part is weighed against each other
# Ranks go to Label Studio as scores, which must lie in [0, 1] and which serves the lowest first. At this scale the
# millionth item's rank still differs from its neighbour's by 1e-9.
RANK_SCALE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A product that may be asked about.

    Uncertainties lie in [0, 1], 1 is least certain. words are what the product says of itself, for diversity.
    is_by_chance is False for one that came into the pool for its age or because it was drafted before: the random arm
    must not draw it.
    """

    product_id: int
    title_uncertainty: float
    tag_uncertainty: float
    words: frozenset[str]
    age_days: float
    is_by_chance: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A product to ask about, the arm that chose it, and why in words."""

    product_id: int
    arm: Arm
    why: str


def random_places(share: float, *, n_waiting: int, n_waiting_random: int, room: int) -> int:
    """Return how many of `room` new places chance fills, so that at least `share` of all that wait is random.

    It depends on counts alone, never on a product, so what it lets in stays a random sample. Counting what waits keeps
    the share when a queue is refilled one place at a time; a plain ceiling would then make every item a random one.
    """
    wanted = math.ceil(round(share * (n_waiting + room), 9)) - n_waiting_random
    return min(max(wanted, 0), room)


def most_useful(
    candidates: Sequence[Candidate],
    n: int,
    *,
    n_random: int,
    patience_days: float,
    rng: np.random.Generator,
    asked: Sequence[frozenset[str]] = (),
) -> list[Choice]:
    """Choose up to `n` candidates: some by chance, then the overdue by age, then the least certain that are diverse.

    The random arm is drawn first and uniformly, before anything is known of the candidates, so that it is a true
    random sample of what is still unasked. The overdue get at most OVERDUE_SHARE of the rest. asked holds the words of
    what waits or was decided: what they tell of is not asked again, and their near twins come last.
    """
    by_chance = [c for c in candidates if c.is_by_chance]
    drawn = rng.permutation(len(by_chance))[: min(n_random, n)]
    random = [by_chance[i] for i in drawn]
    rest = _without(candidates, random)
    late = sorted((c for c in rest if c.age_days >= patience_days), key=lambda c: (-c.age_days, c.product_id))
    overdue = late[: int(OVERDUE_SHARE * (n - len(random)))]
    rest = _without(rest, overdue)
    words = [*asked, *(c.words for c in (*random, *overdue))]
    return [
        *(Choice(product_id=c.product_id, arm="random", why="drawn at random") for c in random),
        *(Choice(product_id=c.product_id, arm="overdue", why=f"waiting for {c.age_days:.0f} days") for c in overdue),
        *_telling(rest, n - len(random) - len(overdue), asked=words, rng=rng),
    ]


def combined_worth(candidates: Sequence[Candidate]) -> FloatArray:
    """Combine title and tag uncertainty as shares, for the two are on different scales: (n,), > 0, mean 1."""
    titles = np.array([c.title_uncertainty for c in candidates], dtype=np.float64)
    tags = np.array([c.tag_uncertainty for c in candidates], dtype=np.float64)
    return worth(titles, told_variance(tags))


def _telling(
    candidates: Sequence[Candidate], n: int, *, asked: Sequence[frozenset[str]], rng: np.random.Generator
) -> list[Choice]:
    """Choose up to n candidates that are unsure and tell of many others that nobody was asked about."""
    if not candidates or n < 1:
        return []
    vectors = word_vectors([*(c.words for c in candidates), *asked])
    m = len(candidates)
    picks = most_informative(vectors[:m], combined_worth(candidates), n, asked=vectors[m:], rng=rng)
    return [
        Choice(
            product_id=candidates[pick.row].product_id,
            arm="uncertain",
            why=_doubt(candidates[pick.row], n_alike=pick.n_alike),
        )
        for pick in picks
    ]


def interleaved(choices: Sequence[Choice]) -> list[Choice]:
    """Return the choices in the order of asking, the random ones spread evenly through it.

    Of n choices with r random ones, the first m hold exactly floor(m * r / n) random ones, whatever m: annotators who
    stop early have still answered their share. Both kinds keep their own order.
    """
    random = [c for c in choices if c.arm == "random"]
    chosen = [c for c in choices if c.arm != "random"]
    n, r = len(choices), len(random)
    order = []
    for m in range(n):
        is_random = (m + 1) * r // n > m * r // n
        order.append(random[m * r // n] if is_random else chosen[m - m * r // n])
    return order


def rank(position: int) -> float:
    """Return the rank of the item that is asked at a position counted from 0: [0, 1), growing."""
    return position / (position + RANK_SCALE)


def _without(candidates: Sequence[Candidate], taken: Sequence[Candidate]) -> list[Candidate]:
    gone = {c.product_id for c in taken}
    return [c for c in candidates if c.product_id not in gone]


def _doubt(candidate: Candidate, *, n_alike: int) -> str:
    doubt = f"unsure of the title {candidate.title_uncertainty:.0%}, of the tags {candidate.tag_uncertainty:.0%}"
    return f"{doubt}; about {n_alike} that may be asked are like it" if n_alike > 1 else doubt
