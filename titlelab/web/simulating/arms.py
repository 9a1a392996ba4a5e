"""Plays both arms of a seed on catalogs made for them: one learns, the other is asked the same and learns nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from titlelab.catalog.models import Catalog
from titlelab.review.drafting import DraftSource
from titlelab.review.models import ReviewQueue
from titlelab.web.simulating.annotating import Annotator
from titlelab.web.simulating.comparison import Pair
from titlelab.web.simulating.copying import freeze
from titlelab.web.simulating.gold import Gold
from titlelab.web.simulating.repeating import Repetition, ask
from titlelab.web.simulating.report import Arm
from titlelab.web.simulating.turning import Plan, Simulation

LONGEST_NAME = 24  # of a catalog's key: with what is added it is a queue's name, which has at most 50 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What arms are played on: make(key, seed) makes a catalog with an open queue; gold holds the answers."""

    of: str
    make: Callable[[str, int], ReviewQueue]
    gold: Mapping[str, Gold]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who plays, and who watches."""

    annotator: Annotator
    source: DraftSource
    tell: Callable[[str], object]


def play_pair(ground: Ground, plan: Plan, cast: Cast) -> Pair:
    """Play a seed's learning arm, then its control; their queues are paused in the end. Raises as Simulation.run."""
    start = free_key(ground.of)
    with _played(ground, f"{start}-s{plan.seed}-learning", plan.seed) as queue:
        learner = Simulation(queue, ground.gold, cast.annotator, cast.source, plan, _teller(cast, "learning"))
        learning = learner.run(learner.train_first())
    with _played(ground, f"{start}-s{plan.seed}-control", plan.seed) as queue:
        _move(queue, ReviewQueue.State.PAUSED)  # until nothing may be asked but what the other arm was
        repeater = Repetition(queue, ground.gold, cast.annotator, cast.source, plan, _teller(cast, "control"))
        first = repeater.train_first()
        freeze(queue.catalog)
        ask(queue, ())
        _move(queue, ReviewQueue.State.OPEN)
        control = repeater.repeat(learning, first)
    return Pair(learning=replace(learning, of=ground.of), control=replace(control, of=ground.of, arm="control"))


def free_key(of: str) -> str:
    """Return how the keys of a new pair's catalogs begin; no earlier simulation's begin so."""
    n = 1
    while Catalog.objects.filter(key__startswith=f"{of[:LONGEST_NAME]}-sim{n}-").exists():
        n += 1
    return f"{of[:LONGEST_NAME]}-sim{n}"


@contextmanager
def _played(ground: Ground, key: str, seed: int) -> Iterator[ReviewQueue]:
    """Make a queue; pause it when it has been played, so that nobody is asked and nothing is drafted any more."""
    queue = ground.make(key, seed)
    try:
        yield queue
    finally:
        _move(queue, ReviewQueue.State.PAUSED)


def _move(queue: ReviewQueue, state: ReviewQueue.State) -> None:
    queue.state = state
    queue.save(update_fields=["state"])


def _teller(cast: Cast, arm: Arm) -> Callable[[str], object]:
    return lambda line: cast.tell(f"{arm}: {line}")
