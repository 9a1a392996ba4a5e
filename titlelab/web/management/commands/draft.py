"""`draft CATALOG`: draft a whole catalog with the versions that serve, and go on where an earlier start was stopped."""

import signal
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import FrameType

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ml_backend.errors import MLBackendError
from titlelab.catalog.models import Catalog
from titlelab.errors import TitleLabError
from titlelab.review.backend import draft_client
from titlelab.review.bulk_drafting import PAGE, Progress, draft_catalog

TELL_EVERY_S = 10.0
MOST_CANDIDATES = 50  # as the ML backend takes
MOST_BATCH = 256  # likewise


class Command(BaseCommand):
    help = (
        "Draft every product of a catalog that has no fresh draft of the serving version. May be stopped and started "
        "again at any time: what is drafted is stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("catalog", metavar="CATALOG", help="its key")
        parser.add_argument(
            "--candidates",
            type=_whole(MOST_CANDIDATES),
            metavar="N",
            help="titles a product: 1 is quickest, more give annotators a choice (the ML backend's number if not told)",
        )
        parser.add_argument("--batch", type=_whole(MOST_BATCH), default=PAGE, metavar="N", help="products a request")

    def handle(self, *, catalog: str, candidates: int | None, batch: int, **_: object) -> None:
        found = Catalog.objects.select_related("channel", "library").filter(key=catalog).first()
        if found is None:
            known = ", ".join(Catalog.objects.values_list("key", flat=True)) or "none yet"
            raise CommandError(f"there is no catalog {catalog!r}; there are: {known}")
        source = replace(draft_client(), n_candidates=candidates)
        try:
            with _stop_asked() as is_stopping:
                self._follow(draft_catalog(found, source, today=timezone.localdate(), page=batch), is_stopping)
        except (TitleLabError, MLBackendError) as e:
            raise CommandError(f"{e} (what was drafted is stored: start again to go on)") from e

    def _follow(self, drafting: Iterator[Progress], is_stopping: Callable[[], bool]) -> None:
        progress, told_at, versions = None, time.monotonic(), set[str]()
        for progress in drafting:
            versions.add(progress.version)
            for sku in progress.refused:
                self.stderr.write(self.style.WARNING(f"no draft for {sku}: the ML backend's log says why"))
            if is_stopping():
                self.stdout.write(f"{line(progress)}\nstopped as asked: start again to go on")
                return
            if time.monotonic() - told_at >= TELL_EVERY_S:
                told_at = time.monotonic()
                self.stdout.write(line(progress))
                self.stdout.flush()
        self.stdout.write(line(progress) if progress else "the catalog holds no products")
        if len(versions) > 1:
            self.stdout.write("another version began to serve meanwhile: start again to draft the first products anew")


def line(progress: Progress) -> str:
    """Return the progress as a person reads it."""
    share = 100 * progress.n_seen / progress.n_products
    parts = [
        f"{progress.n_seen:,} of {progress.n_products:,} products ({share:.0f} %)",
        f"{progress.n_drafted:,} drafted now by {progress.version}",
        f"{progress.per_second:.1f} a second",
    ]
    if progress.n_refused:
        parts.append(f"{progress.n_refused:,} refused")
    if progress.seconds_left:
        parts.append(f"about {timedelta(seconds=round(progress.seconds_left))} left")
    return ", ".join(parts)


@contextmanager
def _stop_asked() -> Iterator[Callable[[], bool]]:
    """Give a question whether SIGTERM or SIGINT came; the page under way is stored before anybody asks."""
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _whole(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
            raise ArgumentTypeError(f"must be a whole number from 1 to {most}, not {text!r}")
        return int(text)

    return read
