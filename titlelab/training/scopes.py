"""Scopes: what each kind of model serves, which method learns for which, and who is concerned by a new version."""

from django.conf import settings
from django.db.models import QuerySet

from ml_backend.contract import Kind
from titlelab.catalog.models import Catalog
from titlelab.review.models import Decision, ReviewQueue
from titlelab.review.querysets import DecisionQuerySet
from titlelab.tags.models import TagLibrary
from titlelab.training.models import TrainingRun

Method = TrainingRun.Method
# What the loop trains by itself, the quickest first; the single titlers are for comparison, by hand.
IN_THE_LOOP = (Method.TAGGER, Method.CATEGORIZER, Method.ENSEMBLE, Method.FULL_ENSEMBLE)
TAKE_MINUTES = frozenset([Method.POINTER, Method.LANGUAGE_MODEL, Method.FULL_ENSEMBLE])  # the others take seconds
ADAPT_A_BASE = frozenset([Method.LANGUAGE_MODEL, Method.FULL_ENSEMBLE])  # the latter does without one, too
_TITLERS = (  # the quickest first
    Method.TEMPLATE,
    Method.NEIGHBOUR,
    Method.ENSEMBLE,
    Method.POINTER,
    Method.LANGUAGE_MODEL,
    Method.FULL_ENSEMBLE,
)

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


_OTHER_KINDS: dict[str, Kind] = {Method.TAGGER: "tagger", Method.CATEGORIZER: "categorizer"}


def kind_of(method: str) -> Kind:
    return _OTHER_KINDS.get(method, "titler")


def base_model(language: str) -> str:
    """Name the base model for a language; "" where none is set."""
    tongue = language.lower().replace("_", "-").split("-")[0]
    if tongue == "zh":
        return settings.BASE_MODEL_ZH
    return settings.BASE_MODEL if tongue in LATIN_SCRIPT else ""


def trainable(catalog: Catalog) -> list[tuple[str, str]]:
    """Return (method, scope) of all that could learn from a catalog's Decisions, the quickest first."""
    tagger = [(Method.TAGGER.value, catalog.library.key)] if catalog.library else []
    categorizer = [(Method.CATEGORIZER.value, catalog.key)] if catalog.asks_for_category else []
    titlers = [m.value for m in _TITLERS if m != Method.LANGUAGE_MODEL or base_model(catalog.language)]
    return [*tagger, *categorizer, *((method, catalog.key) for method in titlers)]


def methods_of(catalog: Catalog) -> list[tuple[str, str]]:
    """Return (method, scope) of what the loop trains from a catalog's Decisions, the quickest first."""
    return [(method, scope) for method, scope in trainable(catalog) if method in IN_THE_LOOP]


def catalogs_of(kind: str, scope: str) -> QuerySet[Catalog]:
    """Return the catalogs that a model serves: all of the library for a tagger, else one."""
    return Catalog.objects.filter(library__key=scope) if kind == "tagger" else Catalog.objects.filter(key=scope)


def promotes_by_hand(kind: str, scope: str) -> bool:
    """Say whether a version of the scope that passed the gate waits for a person's click."""
    owners: QuerySet[Catalog] | QuerySet[TagLibrary] = (
        TagLibrary.objects.filter(key=scope) if kind == "tagger" else Catalog.objects.filter(key=scope)
    )
    return owners.filter(promotes_by_hand=True).exists()


def decisions_of(kind: str, scope: str) -> DecisionQuerySet:
    """Return all Decisions, current or not, that a model could learn from."""
    return Decision.objects.filter(item__product__catalog__in=catalogs_of(kind, scope))


def open_queues(kind: str, scope: str) -> list[int]:
    """Return the ids of the open queues whose tasks show the model's drafts."""
    queues = ReviewQueue.objects.filter(catalog__in=catalogs_of(kind, scope), state=ReviewQueue.State.OPEN)
    return list(queues.order_by("pk").values_list("pk", flat=True))
