"""What Prometheus is told of the ML backend: requests, drafts and their seconds, the cache, the versions."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


class Metrics:
    """The counters of one process; safe in several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "titlelab_backend_requests", "Requests by path and status.", ["path", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "titlelab_backend_request_seconds",
            "How long requests took.",
            ["path"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.drafts = Counter(
            "titlelab_backend_drafts",
            'Drafts by where they came from: "cache" or "model".',
            ["source"],
            registry=self.registry,
        )
        self.drafting_seconds = Histogram(
            "titlelab_backend_drafting_seconds",
            "How long a chunk of drafts took a model.",
            buckets=SECONDS,
            registry=self.registry,
        )

    def tell_serving(self, serving: Callable[[], Iterable[Sequence[str]]]) -> None:
        """Tell (catalog, library, version) of each pair in use, asked anew each time."""
        self.registry.register(_Serving(serving))

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self.registry)


class _Serving(Collector):
    def __init__(self, serving: Callable[[], Iterable[Sequence[str]]]) -> None:
        self._serving = serving

    def collect(self) -> Iterator[Metric]:
        found = GaugeMetricFamily(
            "titlelab_backend_serving", "The pair that serves, 1 each.", labels=["catalog", "library", "version"]
        )
        for labels in self._serving():
            found.add_metric(labels, 1)
        yield found
