"""The values that titlelab and the ML backend share, and the protocols that every model meets.

Values only: nothing here computes a draft, reads a disk or talks. They travel as JSON (see `client.py`), in a run
folder's files (see `train.py`) and in the data of Label Studio's tasks.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from ml_backend.errors import BadRequest

T = TypeVar("T")
LengthUnit = Literal["characters", "gbk_bytes"]
Kind = Literal["titler", "tagger", "categorizer"]
CategoryPath = tuple[str, ...]  # names from the root to the leaf
GoldenIs = Literal["golden set", "held-out families"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRules:
    """What a channel demands of a title, as of the day the Brief was made.

    max_length counts in length_unit; max_repeats is how often one word may stand in a title, None for any number.
    banned_words are words or phrases, in which {n} stands for any number; within one of the allowed_phrases a banned
    word is honest (第一 in 第一次). bans_shouting: words in capitals, but for brands and acronyms.
    """

    key: str
    max_length: int
    length_unit: LengthUnit = "characters"
    banned_words: tuple[str, ...] = ()
    banned_characters: str = ""
    max_repeats: int | None = None
    allowed_phrases: tuple[str, ...] = ()
    bans_shouting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All that a model may know of a product.

    catalog is the titler's scope, library the tagger's ("" for none). title is what the shop has today, good or
    poor, and "" when it has none or when a good title is what is to be learnt. category runs from the root to the
    leaf. attributes keep the shop's order; several values of one attribute are joined by ", ".
    """

    catalog: str
    library: str
    sku: str
    language: str
    channel: ChannelRules
    title: str = ""
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    price: str = ""

    def digest(self) -> str:
        """Return 32 hex digits that change whenever any field does."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSpec:
    """One allowed tag as a tagger sees it.

    former_names are those by which Decisions and taggers of the past know it: its own, and of tags merged into it.
    """

    name: str
    group: str = ""
    aliases: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLibrary:
    """A tag library's active tags as they were published to the models folder; revision grows with every change."""

    key: str
    revision: int
    tags: tuple[TagSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTaxonomy:
    """The category paths that a catalog's products may stand under, as published to the models folder.

    key is the catalog's. Only a catalog that asks for categories has one; revision grows with every change.
    """

    key: str
    revision: int
    paths: tuple[CategoryPath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One proposed title.

    score ranks candidates of one Brief, higher is better. unsupported are hard facts that the Brief does not hold or
    contradicts, violations are broken channel rules: a candidate with either is never chosen while there is a clean
    one. warnings are facts merely unmentioned. All are short sentences; reasons say what spoke for the title.
    """

    title: str
    score: float
    reasons: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Say whether the title may be the draft: no hard fact without support and no broken rule."""
        return not self.unsupported and not self.violations


@dataclass(frozen=True, slots=True, kw_only=True)
class TagScore:
    """One tag's probability, the threshold it must reach to be proposed, and the source words that spoke for it."""

    name: str
    proba: float
    threshold: float
    reasons: tuple[str, ...] = ()

    @property
    def is_proposed(self) -> bool:
        """Say whether the tag is pre-filled."""
        return self.proba >= self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryScore:
    """The probability that a category path is the product's, and the source words that spoke for it.

    A product stands under one path: the probabilities of all paths sum to 1 at most.
    """

    path: CategoryPath
    proba: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a model pair proposes for a Brief.

    candidates are best first and never empty; tags hold the proposed tags and the likeliest of the rest, by falling
    probability. categories hold the likeliest few, of which the first is pre-filled; none where nothing speaks for any
    or the catalog does not ask. Uncertainties lie in [0, 1], 1 is least certain. version is the models as Label Studio
    is told them.
    """

    sku: str
    version: str
    titler_version: int
    tagger_version: int
    candidates: tuple[Candidate, ...]
    tags: tuple[TagScore, ...]
    title_uncertainty: float
    tag_uncertainty: float
    categories: tuple[CategoryScore, ...] = ()
    categorizer_version: int = 0

    @property
    def title(self) -> str:
        """Return the chosen title."""
        return self.candidates[0].title

    @property
    def proposed_tags(self) -> tuple[str, ...]:
        """Return the names of the tags that are pre-filled."""
        return tuple(tag.name for tag in self.tags if tag.is_proposed)

    @property
    def category(self) -> CategoryPath:
        """Return the category path that is pre-filled, () for none."""
        return self.categories[0].path if self.categories else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One training pair: a Brief with what people or the shop's own good titles say of it.

    title None: nothing is known of the title (rejected, or only tags were judged). tags and category None: likewise.
    source tells a Decision from what a catalog itself says; family names near twins, which are split together.
    """

    brief: Brief
    title: str | None
    tags: tuple[str, ...] | None
    source: Literal["decision", "catalog"]
    family: str
    category: CategoryPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """`request.json` of a run folder, beside `examples.jsonl` and `golden.jsonl` (one Example a line).

    scope is the catalog's key, but for a tagger the library's. number is the version to be written to
    `models_folder/kind/scope/v<number>`. golden is never trained on: the candidate and the serving version are both
    measured on it. minutes bounds training time (None: no bound). base_model as in `learning/base_models.py`.
    checkpoints is a folder from which a training that was stopped goes on ("": none are kept). n_neighbours titles of
    near products are shown to the neural titlers beside each Brief.
    """

    kind: Kind
    method: str
    scope: str
    number: int
    models_folder: str
    data_hash: str
    seed: int = 0
    minutes: float | None = None
    base_model: str = ""
    golden_is: GoldenIs = "golden set"
    checkpoints: str = ""
    n_neighbours: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenScore:
    """How one version did on one golden item.

    quality in [0, 1], higher is better: for a titler 1 - normalised Levenshtein distance, for a tagger the F1 of its
    proposed tags (1 where both sides are empty), for a categorizer the share of the path that is right, from the root.
    group is the product's top category or "" . unedited says whether the draft equals what people settled on. For
    titlers n_violations counts broken rules and unsupported facts. proposed and true list tag names, or a path's one
    name.
    """

    sku: str
    group: str
    quality: float
    unedited: bool = False
    n_violations: int = 0
    proposed: tuple[str, ...] = ()
    true: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """n predictions of like probability: their mean, and the share that came true, both in [0, 1]."""

    n: int
    proba: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How honest a model's probabilities are on n predictions: bins by rising probability, and the expected error."""

    n: int
    ece: float
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDraft:
    """What one version makes of a sample product: a titler its title, a tagger its tags, a categorizer its category."""

    title: str = ""
    tags: tuple[str, ...] = ()
    category: CategoryPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRequest:
    """`request.json` of a folder in which two versions draft the Briefs of `samples.jsonl`; number 0 is built in."""

    kind: Kind
    scope: str
    models_folder: str
    number: int
    beside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleReport:
    """`report.json` of such a folder: the drafts of both versions, in the order of the Briefs."""

    drafted: tuple[SampleDraft, ...]
    beside: tuple[SampleDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingReport:
    """`report.json` of a run folder: what was trained, on how much, and how both versions did on the golden items.

    candidate and serving are paired: the same items in the same order. serving_version 0 is the built-in model.
    reliability is the candidate's on the golden items, None for a titler and where nothing was predicted. samples are
    what both make of the folder's `samples.jsonl`, None where that failed or nothing was to be drafted.
    """

    version_folder: str
    n_examples: int
    seconds: float
    device: str
    metrics: dict[str, float]
    serving_version: int
    candidate: tuple[GoldenScore, ...]
    serving: tuple[GoldenScore, ...]
    reliability: Reliability | None = None
    samples: SampleReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A line of a run folder's `curves.jsonl`: a training's value at a step, told seconds after the training began.

    name is "training_loss", "validation_loss" or the like, after an ensemble's member and a slash. A step that is not
    after the one before it takes up the curve anew from there.
    """

    name: str
    step: int
    seconds: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleProposal:
    """What a titler returns for one Brief, before ranking.

    log_proba is the mean token log-probability, None if unknown. method names the titler that wrote it. judged holds
    what others say of it, by the ranking's features (see learning/ranking.py).
    """

    title: str
    log_proba: float | None = None
    reasons: tuple[str, ...] = ()
    method: str = ""
    judged: Mapping[str, float] = field(default_factory=dict)


class Titler(Protocol):
    """Proposes titles; every method behind one interface, chosen by the manifest's `method`."""

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief 1 to n different proposals, the likeliest first; never an empty list."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model's files into an existing, empty folder (JSON and safetensors only)."""
        ...


class Tagger(Protocol):
    """Gives every tag of a library a probability."""

    def score(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> list[list[TagScore]]:
        """Return for each Brief one TagScore per tag, in the order of `tags`; works for tags it never saw."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model's files into an existing, empty folder (JSON and safetensors only)."""
        ...


class Categorizer(Protocol):
    """Chooses one path of a taxonomy for each product."""

    def categorize(self, briefs: Sequence[Brief], paths: Sequence[CategoryPath]) -> list[list[CategoryScore]]:
        """Return for each Brief the likeliest few of `paths`, the likeliest first; none where nothing speaks for any.

        Works for paths it never saw. What a Brief says of its own category is not read.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the model's files into an existing, empty folder (JSON and safetensors only)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorizing:
    """How a catalog that asks for categories is answered: its taxonomy, and the version that serves it."""

    taxonomy: PublishedTaxonomy
    categorizer: Categorizer
    version: int


class Trainer(Protocol):
    """Runs a run folder's training to its report; the real one is a child process."""

    def train(self, run_folder: Path, heartbeat: Callable[[], None]) -> TrainingReport:
        """Train as `run_folder/request.json` says; raises ml_backend.errors.TrainingFailed with a sentence.

        Calls heartbeat about once a second; what that raises ends the training.
        """
        ...


def version_name(
    titler_version: int, tagger_version: int, library_revision: int, *, categorizer_version: int = 0, taxonomy: int = 0
) -> str:
    """Return the models as Label Studio is told them, such as "t3-g5.2", or "t3-g5.2-c1.4" where categories are asked.

    The revisions of library and taxonomy (0: no category is asked) stand in it because a change of either gives open
    tasks new drafts, and Label Studio must never be sent one version string twice for a task.
    """
    pair = f"t{titler_version}-g{tagger_version}.{library_revision}"
    return f"{pair}-c{categorizer_version}.{taxonomy}" if taxonomy else pair


def version_folder(models_folder: Path, kind: Kind, scope: str, number: int) -> Path:
    """Return where a version's artifacts stand; raises BadRequest on a scope that is no plain key."""
    return _scope_folder(models_folder, kind, scope) / f"v{number}"


def pointer_file(models_folder: Path, kind: Kind, scope: str) -> Path:
    """Return the file whose `{"number": n}` says which version serves; absent or 0 means the built-in model."""
    return _scope_folder(models_folder, kind, scope) / "serving.json"


def library_file(models_folder: Path, key: str) -> Path:
    """Return where a library's active tags are published as JSON of PublishedLibrary."""
    return models_folder / "libraries" / f"{_plain_key(key)}.json"


def taxonomy_file(models_folder: Path, catalog: str) -> Path:
    """Return where the taxonomy of a catalog that asks for categories is published as JSON of PublishedTaxonomy."""
    return models_folder / "taxonomies" / f"{_plain_key(catalog)}.json"


def path_name(path: Sequence[str]) -> str:
    """Return a category path as people read it: "Home › Kitchen › Kettles"."""
    return " › ".join(path)


def to_json(value: Any) -> Any:
    """Return a contract value as plain JSON types."""
    return _adapter(cast(Any, type(value))).dump_python(value, mode="json")


def from_json(kind: type[T], data: Any) -> T:
    """Make a contract value of plain JSON types; raises BadRequest naming each wrong field."""
    try:
        value: T = _adapter(cast(Any, kind)).validate_python(data)
        return value
    except ValidationError as e:
        wrong = "; ".join(f"{'.'.join(map(str, x['loc']))}: {x['msg']}" for x in e.errors()[:5])
        raise BadRequest(f"not a {kind.__name__}: {wrong}") from e


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _scope_folder(models_folder: Path, kind: Kind, scope: str) -> Path:
    return models_folder / kind / _plain_key(scope)


def _plain_key(key: str) -> str:
    """Keys become folder names, so they hold nothing that a path could be climbed with."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", key):
        raise BadRequest(f"{key!r} is no key: small letters, digits, - and _, 63 at most")
    return key
