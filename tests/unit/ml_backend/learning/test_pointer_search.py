"""The batched search with kept keys and values against a plain one that recomputes everything."""

import itertools

import pytest
import torch

from ml_backend.learning.pointer_batches import Lexicon, Pair, Sources, Tables, titles_of
from ml_backend.learning.pointer_network import PointerNetwork, Size, log_probas
from ml_backend.learning.pointer_search import Limits, likeliest
from ml_backend.learning.pointer_source import Source
from ml_backend.learning.pointer_tokens import end_of, start_of
from ml_backend.learning.pointer_vocabulary import END, UNKNOWN, PointerVocabulary

MOST = 7
SOURCES = [
    Source(
        tokens=(" Norvik", " red", " rain", " coat"), fields=("brand", "Colour", "Kind", "Kind"), places=(0, 0, 0, 1)
    ),
    Source(tokens=(" Zed9", " sand", " hat"), fields=("brand", "Colour", "Kind"), places=(0, 0, 0)),
    Source(tokens=(" Altamar", "北", "山"), fields=("brand", "Kind", "Kind"), places=(0, 0, 1)),
]
VOCABULARY = PointerVocabulary(
    title_tokens=("<start>", "<end>", "<unknown>", " Coat", " (", "New", ")", "山"),
    keys=("", "norvik", "red", "coat", "new", "("),
    fields=("", "brand", "category", "description", "neighbour", "Kind"),
)


def make_network(seed: int) -> PointerNetwork:
    torch.manual_seed(seed)
    network = PointerNetwork(
        Size(width=16, heads=2, inner=32, encoders=1, decoders=2), n_titles=8, n_keys=6, n_fields=6
    ).eval()
    with torch.no_grad():  # wider than a fresh network's, so that beams differ clearly
        network.logits.weight.mul_(60)
        network.switch.weight.mul_(4)
    return network


def make_batch() -> tuple[list[Pair], Tables, Limits, list[str]]:
    lexicon = Lexicon(VOCABULARY)
    pairs = [lexicon.pair(source) for source in SOURCES]
    tables, tokens = lexicon.tables(torch.device("cpu")), lexicon.title_tokens()
    texts = ["" if i <= UNKNOWN else token for i, token in enumerate(tokens)]
    limits = Limits(
        room=torch.tensor([24, 17, 30]),
        unit=torch.tensor([0, 0, 0]),
        lengths=torch.tensor([[len(text) for text in texts]]),
        is_mark=torch.tensor([not any(map(str.isalnum, text)) for text in texts]),
        starts=torch.tensor([start_of(text) for text in texts]),
        ends=torch.tensor([end_of(text) for text in texts]),
    )
    return pairs, tables, limits, texts


def next_log_probas(network: PointerNetwork, pair: Pair, tables: Tables, written: list[int]) -> list[float]:
    """Recompute from nothing the log-probability of every token after those written."""
    n = len(tables.key_of)
    rows = [
        Pair(
            keys=pair.keys,
            fields=pair.fields,
            places=pair.places,
            shapes=pair.shapes,
            written=pair.written,
            title=[*written, i],
        )
        for i in range(n)
    ]
    with torch.inference_mode():
        sources, (before, after) = (
            Sources.of(rows, torch.device("cpu")),
            titles_of([row.title for row in rows], torch.device("cpu")),
        )
        said = network.written(network.read(sources, tables), before, tables)
        values: list[float] = log_probas(said, sources, after, tables.n_known_titles)[:, len(written)].tolist()
    can = {i for some in pair.written for i in some} | set(range(tables.n_known_titles))
    return [value if i in can else float("-inf") for i, value in enumerate(values)]


def may_follow(token: int, written: list[int], texts: list[str], room: int) -> bool:
    if token == END:
        return bool(written)
    if token <= UNKNOWN or sum(len(texts[i]) for i in [*written, token]) > room:
        return False
    if not written or not any(map(str.isalnum, texts[token])):
        return True
    pairs = list(itertools.pairwise(written))
    return (
        token != written[-1]
        and written.count(token) < 2
        and (written[-1], token) not in pairs
        and end_of(texts[written[-1]]) * start_of(texts[token]) <= 1
    )


def plain_search(
    network: PointerNetwork, pair: Pair, tables: Tables, texts: list[str], room: int, n: int, beams: int
) -> list[tuple[tuple[int, ...], float]]:
    alive: list[tuple[list[int], float]] = [([], 0.0)]
    ended: list[tuple[list[int], float]] = []
    for step in range(MOST + 1):
        options = [
            (written, token, total + value)
            for written, total in alive
            for token, value in enumerate(next_log_probas(network, pair, tables, written))
            if may_follow(token, written, texts, room) and value > float("-inf")
        ]
        options.sort(key=lambda option: -option[2])
        ended += [(written, total / (step + 1)) for written, token, total in options[:beams] if token == END]
        ended = sorted(ended, key=lambda end: -end[1])[:beams]
        if step == MOST:
            break
        alive = [([*written, token], total) for written, token, total in options if token != END][:beams]
        if not alive or (len(ended) >= n and ended[n - 1][1] > alive[0][1] / (step + 1)):
            alive = []
            break
    unfinished = [(written, total / len(written)) for written, total in alive]
    return [(tuple(written), mean) for written, mean in [*ended, *unfinished][:n]]


@pytest.mark.parametrize(("n", "beams"), [(1, 1), (1, 3), (3, 3), (4, 2)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_batched_search_finds_what_a_plain_one_finds(seed: int, n: int, beams: int) -> None:
    network = make_network(seed)
    pairs, tables, limits, texts = make_batch()

    with torch.inference_mode():
        reading = network.read(Sources.of(pairs, torch.device("cpu")), tables)

    found = likeliest(network, reading, tables, limits, n=n, beams=beams, most=MOST)

    for lines, pair, room in zip(found, pairs, limits.room.tolist(), strict=True):
        plain = plain_search(network, pair, tables, texts, room, n, max(n, beams))
        assert [line.tokens for line in lines[:n]] == [tokens for tokens, _ in plain]
        assert [line.mean_log_proba for line in lines[:n]] == pytest.approx([mean for _, mean in plain], abs=1e-4)
