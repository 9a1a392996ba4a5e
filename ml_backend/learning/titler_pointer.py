"""A titler that is a small pointer-generator transformer, trained from scratch on one catalog's titles.

What it reads of a Brief stands in pointer_source.py, the network in pointer_network.py. Its copy weights say of every
word of a draft where it comes from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ml_backend.contract import Brief, Example, LengthUnit, TitleProposal
from ml_backend.errors import BadArtifact, BadRequest, TrainingFailed
from ml_backend.learning import devices
from ml_backend.learning.curves import Curve, unheard
from ml_backend.learning.likelihoods import Likelihood
from ml_backend.learning.neighbours import Neighbours
from ml_backend.learning.pointer_batches import Lexicon, Pair, Sources, Tables, rows_within
from ml_backend.learning.pointer_reasons import reasons, traces
from ml_backend.learning.pointer_source import Source, SourceReader
from ml_backend.learning.pointer_tokens import end_of, joined, start_of, tokens_of
from ml_backend.learning.pointer_vocabulary import END, UNKNOWN, PointerVocabulary
from ml_backend.rules.text import length

if TYPE_CHECKING:
    import torch

    from ml_backend.learning.beams import Beam
    from ml_backend.learning.pointer_network import PointerNetwork, Reading, Size
    from ml_backend.learning.pointer_search import Limits
    from ml_backend.learning.pointer_training import PointerPlan, Report

LEAST_PAIRS = 30  # with fewer a network learns nothing that the template does not know
_FEW_PAIRS = 500
_WEIGHTS, _ABOUT = "pointer.safetensors", "pointer.json"
_FORMAT = 1
_LONGEST_TITLE = 60  # tokens
_ROOM_FOR_LONGER_TITLES = 6  # tokens beyond the longest title it was trained on
_WIDEST, _MOST_LAYERS = 1024, 12
_BATCH_TOKENS = 6_000  # a batch of the search: about 64 sources, some 300 MB with four beams
_BEAMS = 3  # a wider search finds better titles even where only one is asked for
_UNITS: tuple[LengthUnit, ...] = ("characters", "gbk_bytes")
_FLOOR = -12.0  # log-probability of a token that can neither be written nor copied


class PointerTitler:
    """Drafts with a pointer network; immutable once trained, and safe to share between threads."""

    def __init__(
        self,
        network: PointerNetwork,
        vocabulary: PointerVocabulary,
        reader: SourceReader,
        *,
        longest_title: int,
        n_neighbours: int = 0,
        neighbours: Neighbours | None = None,
    ) -> None:
        self._network, self._vocabulary, self._reader = network, vocabulary, reader
        self._longest_title, self._n_neighbours, self._neighbours = longest_title, n_neighbours, neighbours

    @classmethod
    def learned(
        cls,
        examples: Sequence[Example],
        valid: Sequence[Example],
        *,
        minutes: float | None,
        seed: int,
        report: Report,
        plan: PointerPlan | None = None,
        size: Size | None = None,
        n_neighbours: int = 0,
        han_unit: str = "characters",
        curve: Curve = unheard,
    ) -> PointerTitler:
        """Train on the Examples that have a title and keep the state of lowest loss on `valid`.

        valid shares no family with examples; without valid the last state is kept. report is told the share done, 0 to
        1, and a sentence; curve is told the losses. n_neighbours titles of the nearest products, never of the same
        family, are read beside each Brief. Raises TrainingFailed with fewer than LEAST_PAIRS titles.
        """
        import torch

        from ml_backend.learning.pointer_network import PointerNetwork
        from ml_backend.learning.pointer_training import PointerCourse, PointerPlan

        titled = [example for example in examples if example.title]
        if len(titled) < LEAST_PAIRS:
            raise TrainingFailed(f"{len(titled)} titles are too few to learn from: accept {LEAST_PAIRS} first")
        report(0.0, f"reading {len(titled)} products")
        reader = SourceReader.learned(titled, "words" if han_unit == "words" else "characters")
        neighbours = Neighbours.learned(titled) if n_neighbours else None
        sources = _sources(reader, [e.brief for e in titled], neighbours, n_neighbours, [e.family for e in titled])
        titles = [tokens_of(example.title or "", reader.han_unit)[:_LONGEST_TITLE] for example in titled]
        vocabulary = PointerVocabulary.learned(sources, titles)
        lexicon = Lexicon(vocabulary)
        pairs = [lexicon.pair(source, title) for source, title in zip(sources, titles, strict=True)]
        known = [example for example in valid if example.title]
        valid_pairs = [
            lexicon.pair(source, tokens_of(example.title or "", reader.han_unit)[:_LONGEST_TITLE])
            for source, example in zip(
                _sources(reader, [e.brief for e in known], neighbours, n_neighbours, None), known, strict=True
            )
        ]
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            network = PointerNetwork(
                size or _size_for(len(pairs)),
                n_titles=len(vocabulary.title_tokens),
                n_keys=len(vocabulary.keys),
                n_fields=len(vocabulary.fields),
            ).to(devices.device())
        course = PointerCourse(
            network,
            lexicon.tables(devices.device()),
            plan or PointerPlan(),
            minutes=minutes,
            seed=seed,
            report=report,
            dtype=devices.weights_dtype(),
            curve=curve,
        )
        course.run(pairs, valid_pairs)
        longest = min(max(map(len, titles)) + _ROOM_FOR_LONGER_TITLES, _LONGEST_TITLE)
        return cls(network, vocabulary, reader, longest_title=longest, n_neighbours=n_neighbours, neighbours=neighbours)

    @classmethod
    def load(cls, folder: Path) -> PointerTitler:
        """Read a saved titler; raises BadArtifact when a file is missing or does not fit."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from ml_backend.learning.pointer_network import PointerNetwork, Size

        try:
            about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
            if about["format"] != _FORMAT:
                raise ValueError(f"format {about['format']!r} is not {_FORMAT}")
            size = _checked(Size(**about["size"]))
            vocabulary = PointerVocabulary.from_json(about["vocabulary"])
            reader = SourceReader.from_json(about["reader"])
            longest, n_neighbours = int(about["longest_title"]), int(about["n_neighbours"])
            if not (0 < longest <= _LONGEST_TITLE and 0 <= n_neighbours <= 8):
                raise ValueError("its longest title or number of neighbours is out of bounds")
            network = PointerNetwork(
                size,
                n_titles=len(vocabulary.title_tokens),
                n_keys=len(vocabulary.keys),
                n_fields=len(vocabulary.fields),
            )
            network.load_state_dict(load_file(folder / _WEIGHTS))
            neighbours = Neighbours.load(folder) if n_neighbours else None
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            RuntimeError,
            SafetensorError,
            BadRequest,
            TrainingFailed,
        ) as e:
            raise BadArtifact(f"{folder.name} holds no pointer titler: {e}") from e
        network = network.to(devices.device()).eval()
        return cls(network, vocabulary, reader, longest_title=longest, n_neighbours=n_neighbours, neighbours=neighbours)

    def save(self, folder: Path) -> None:
        """Write pointer.safetensors, pointer.json and, where it reads neighbours, those into an existing folder."""
        from safetensors.torch import save_file

        save_file(
            {name: value.cpu().contiguous() for name, value in self._network.state_dict().items()}, folder / _WEIGHTS
        )
        about = {
            "format": _FORMAT,
            "size": asdict(self._network.size),
            "vocabulary": self._vocabulary.to_json(),
            "reader": self._reader.to_json(),
            "longest_title": self._longest_title,
            "n_neighbours": self._n_neighbours,
        }
        (folder / _ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        if self._neighbours:
            self._neighbours.save(folder)

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief 1 to n different titles, the likeliest first; the same at every call.

        Sources of like length are searched together, in batches of bounded size.
        """
        sources = self._sources(briefs)
        proposals: list[list[TitleProposal]] = [[] for _ in briefs]
        for rows in rows_within([len(source.tokens) for source in sources], _BATCH_TOKENS):
            drafted = self._proposals([briefs[i] for i in rows], [sources[i] for i in rows], n)
            for i, some in zip(rows, drafted, strict=True):
                proposals[i] = some
        return proposals

    def likelihoods(self, briefs: Sequence[Brief], titles: Sequence[Sequence[str]]) -> list[list[Likelihood]]:
        """Return how likely given titles are, one list per Brief, the end token counted.

        A token that can neither be written nor copied counts _FLOOR.
        """
        sources = self._sources(briefs)
        scores: list[list[Likelihood]] = [[] for _ in briefs]
        costs = [len(source.tokens) * len(some) for source, some in zip(sources, titles, strict=True)]
        for rows in rows_within(costs, _BATCH_TOKENS):
            found = iter(self._scores([sources[i] for i in rows], [titles[i] for i in rows]))
            for i in rows:
                scores[i] = [next(found) for _ in titles[i]]
        return scores

    def _scores(self, sources: Sequence[Source], titles: Sequence[Sequence[str]]) -> list[Likelihood]:
        """Score one batch; returns one likelihood per title, in order."""
        owners = [i for i, some in enumerate(titles) for _ in some]
        if not owners:
            return []
        lexicon = Lexicon(self._vocabulary)
        pairs = [lexicon.pair(source) for source in sources]
        ids = [lexicon.title_ids(self._tokens(title)) for some in titles for title in some]
        tables = lexicon.tables(devices.device())
        traced = traces(self._network, self._reading(pairs, tables).rows(_numbers(owners)), ids, tables)
        return [trace.likelihood(_FLOOR) for trace in traced]

    def _proposals(self, briefs: Sequence[Brief], sources: Sequence[Source], n: int) -> list[list[TitleProposal]]:
        """Draft for one batch."""
        from ml_backend.learning.pointer_search import likeliest

        lexicon = Lexicon(self._vocabulary)
        pairs = [lexicon.pair(source) for source in sources]
        tables, tokens = lexicon.tables(devices.device()), lexicon.title_tokens()
        reading = self._reading(pairs, tables)
        found = likeliest(
            self._network, reading, tables, _limits(briefs, tokens), n=n, beams=_BEAMS, most=self._longest_title
        )
        kept = [_different(lines, tokens)[:n] for lines in found]
        owners = [i for i, lines in enumerate(kept) for _ in lines]
        lines = [line for some in kept for line in some]
        ids = [[*line.tokens, END] for line in lines]
        traced = traces(self._network, reading.rows(_numbers(owners)), ids, tables) if ids else []
        proposals: list[list[TitleProposal]] = [[] for _ in briefs]
        for i, line, trace in zip(owners, lines, traced, strict=True):
            words = [tokens[token] for token in line.tokens]
            proposals[i].append(
                TitleProposal(
                    title=joined(words),
                    log_proba=line.mean_log_proba,
                    reasons=reasons(words, trace, sources[i]),
                    method="pointer",
                )
            )
        plain = [[TitleProposal(title=_plainest(brief), method="pointer")] for brief in briefs]
        return [own or instead for own, instead in zip(proposals, plain, strict=True)]

    def _reading(self, pairs: Sequence[Pair], tables: Tables) -> Reading:
        import torch

        with torch.inference_mode():
            return self._network.read(Sources.of(pairs, devices.device()), tables)

    def _sources(self, briefs: Sequence[Brief]) -> list[Source]:
        return _sources(self._reader, briefs, self._neighbours, self._n_neighbours, None)

    def _tokens(self, title: str) -> list[str]:
        return tokens_of(title, self._reader.han_unit)[:_LONGEST_TITLE]


def _sources(
    reader: SourceReader,
    briefs: Sequence[Brief],
    neighbours: Neighbours | None,
    n_neighbours: int,
    families: Sequence[str] | None,
) -> list[Source]:
    if neighbours is None:
        return [reader.source(brief) for brief in briefs]
    near = neighbours.nearest(briefs, n_neighbours, families=families)
    return [reader.source(b, [neighbour.title for neighbour in some]) for b, some in zip(briefs, near, strict=True)]


def _numbers(rows: Sequence[int]) -> torch.Tensor:
    import torch

    return torch.tensor(rows, device=devices.device())


def _different(lines: Sequence[Beam], tokens: Sequence[str]) -> list[Beam]:
    """Return the lines whose texts differ, the first of each."""
    texts: dict[str, Beam] = {}
    for line in lines:
        if text := joined([tokens[token] for token in line.tokens]):
            texts.setdefault(text, line)
    return list(texts.values())


def _limits(briefs: Sequence[Brief], tokens: Sequence[str]) -> Limits:
    """Return how much room the Briefs' channels leave; the blank before the first word is given."""
    import torch

    from ml_backend.learning.pointer_search import Limits

    device = devices.device()
    looks = [_look("" if i <= UNKNOWN else token) for i, token in enumerate(tokens)]
    characters, gbk_bytes, is_mark, starts, ends = (
        torch.tensor(column, device=device) for column in zip(*looks, strict=True)
    )
    return Limits(
        room=torch.tensor([brief.channel.max_length + 1 for brief in briefs], device=device),
        unit=torch.tensor([_UNITS.index(brief.channel.length_unit) for brief in briefs], device=device),
        lengths=torch.stack([characters, gbk_bytes]),
        is_mark=is_mark.bool(),
        starts=starts,
        ends=ends,
    )


@lru_cache(maxsize=1 << 16)
def _look(text: str) -> tuple[int, ...]:
    """Return a title token's length in each unit, whether it is a mark, and how it joins its neighbours."""
    lengths = (length(text, unit) for unit in _UNITS)
    return (*lengths, not any(map(str.isalnum, text)), start_of(text), end_of(text))


def _size_for(n_pairs: int) -> Size:
    """Return a narrower network, with more dropout, where there is less to learn from."""
    from ml_backend.learning.pointer_network import Size

    if n_pairs < _FEW_PAIRS:
        return Size(width=128, heads=4, inner=384, encoders=2, decoders=2, dropout=0.25)
    return Size()


def _checked(size: Size) -> Size:
    """Return the size if a network can be made of it; raises ValueError."""
    whole = (size.width, size.heads, size.inner, size.encoders, size.decoders)
    if not all(isinstance(number, int) and number > 0 for number in whole):
        raise ValueError("its size is no size")
    if size.width > _WIDEST or size.inner > 4 * _WIDEST or max(size.encoders, size.decoders) > _MOST_LAYERS:
        raise ValueError("its network is larger than any that is made here")
    if size.width % size.heads or not 0 <= size.dropout < 1:
        raise ValueError("its size does not fit together")
    return size


def _plainest(brief: Brief) -> str:
    """Return a title for a Brief that the network had nothing to say of."""
    return " ".join([brief.brand, *brief.category[-1:]]).strip() or brief.title or brief.sku
