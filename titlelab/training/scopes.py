"""Scopes: what a titler and a tagger serve, which method learns for which, and who is concerned by a new version."""

from django.conf import settings
from django.db.models import QuerySet

from ml_backend.contract import Kind
from titlelab.catalog.models import Catalog
from titlelab.review.models import Decision, ReviewQueue
from titlelab.review.querysets import DecisionQuerySet
from titlelab.training.models import TrainingRun

Method = TrainingRun.Method

# What TITLELAB_BASE_MODEL, by default a small English model, can at least spell.
LATIN_SCRIPT = frozenset(
    [
        "ca",
        "cs",
        "da",
        "de",
        "en",
        "es",
        "et",
        "eu",
        "fi",
        "fr",
        "ga",
        "gl",
        "hr",
        "hu",
        "id",
        "is",
        "it",
        "lt",
        "lv",
        "ms",
        "nb",
        "nl",
        "nn",
        "no",
        "pl",
        "pt",
        "ro",
        "sk",
        "sl",
        "sv",
        "tr",
        "vi",
    ]
)


def kind_of(method: str) -> Kind:
    return "tagger" if method == Method.TAGGER else "titler"


def base_model(language: str) -> str:
    """Name the base model for a language; "" where none is set."""
    tongue = language.lower().replace("_", "-").split("-")[0]
    if tongue == "zh":
        return settings.BASE_MODEL_ZH
    return settings.BASE_MODEL if tongue in LATIN_SCRIPT else ""


def catalogs_of(kind: str, scope: str) -> QuerySet[Catalog]:
    """Return the catalogs that a model serves: one for a titler, all of the library for a tagger."""
    return Catalog.objects.filter(library__key=scope) if kind == "tagger" else Catalog.objects.filter(key=scope)


def decisions_of(kind: str, scope: str) -> DecisionQuerySet:
    """Return all Decisions, current or not, that a model could learn from."""
    return Decision.objects.filter(item__product__catalog__in=catalogs_of(kind, scope))


def open_queues(kind: str, scope: str) -> list[int]:
    """Return the ids of the open queues whose tasks show the model's drafts."""
    queues = ReviewQueue.objects.filter(catalog__in=catalogs_of(kind, scope), state=ReviewQueue.State.OPEN)
    return list(queues.order_by("pk").values_list("pk", flat=True))
