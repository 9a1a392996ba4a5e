"""What kinds of edits made one title of another, by rule. Computes only; see recording.py for the writes.

Words are matched by their longest common sequence, whatever their case, width and joints. What stands elsewhere in the
other title was moved; the rest are blocks of words that went, came, or took each other's place, and the most telling
rule that knows a word takes it: a banned phrase, the brand, a number, a filler, then the sorts of facts.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import DamerauLevenshtein, Indel

from ml_backend.contract import ChannelRules
from ml_backend.rules.brands import aliases, named_brands
from ml_backend.rules.policy import banned_spans
from ml_backend.rules.text import is_han, normal_form
from titlelab.channels.built_in import PHRASES
from titlelab.quality.title_words import Sort, TitleWord, sort_of, title_words, unit_of, written

Kind = Literal[
    "fact_added", "fact_corrected", "fact_removed", "shortened", "reordered", "brand", "number_or_unit", "style",
    "policy",
]  # fmt: skip
KINDS: tuple[Kind, ...] = (
    "fact_added", "fact_corrected", "fact_removed", "shortened", "reordered", "brand", "number_or_unit", "style",
    "policy",
)  # fmt: skip
LONGEST = 200  # characters of a mark's text; longer ones are whole titles, told by their diff
SHORTER = 0.8  # a title that kept less of its length was shortened
MANY = 4  # words side by side that went from a shortened title: nobody objected to each
MOST_UNLIKE = 3  # what takes the place of something this many times shorter or longer is no correction of it
LEAST_AFFIX = 2  # Han characters that two words share at an end, so that only the rest was changed: 运动男鞋, 跑步男鞋
LEAST_TYPO = 5  # letters; in shorter words one letter makes another word: men, hen; red, rod

# Praise that no list of a channel names: it tells no fact, and people take it out.
_PRAISE = (
    "best", "best seller", "best quality", "amazing", "awesome", "perfect", "incredible", "stunning", "must-have",
    "hot selling", "top rated",
    "top quality", "high quality", "premium quality", "great gift", "perfect gift", "best selling", "bestseller",
    "100% original", "hot", "new arrival",
    "爆款", "网红", "热卖", "热销", "畅销", "厂家直销", "正品", "特惠", "特卖", "旗舰店", "新品上市", "火爆", "人气",
    "推荐", "必备", "必买", "超值", "实惠",
)  # fmt: skip
_PRAISE_ALLOWED = ("hot water", "hot drink", "hot plate", "hot glue", "hot dog", "hot pot", "人气阀")
_FACTS: tuple[Sort, ...] = ("colour", "material", "size", "claim", "audience")


@dataclass(frozen=True, slots=True)
class Mark:
    """One edit of a kind: what stood there before and after, "" for nothing; of what was moved, where, as … X."""

    kind: Kind
    before: str
    after: str


@dataclass(slots=True)
class _Block:
    """Words that went and words that came between two words that stayed."""

    old: list[TitleWord] = field(default_factory=list)
    new: list[TitleWord] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """Two titles as words; pairs are the positions of those that stayed; brand_keys the brand's, if it came or went."""

    drafted: str
    final: str
    old: list[TitleWord]
    new: list[TitleWord]
    pairs: list[tuple[int, int]]
    brand: str
    brand_keys: frozenset[str]


def edit_marks(drafted: str, final: str, *, brand: str, banned: Collection[str]) -> tuple[Mark, ...]:
    """Return what was done to a drafted title, each edit once; nothing for the same title, else at least one.

    banned: phrases that the channel forbids, {n} standing for any number; praise and promotions count as such anyway.
    """
    if drafted == final:
        return ()
    (old, old_end), (new, new_end) = title_words(drafted), title_words(final)
    pairs, ranges = _matched(old, new, brand)
    edit = _Edit(
        drafted=drafted,
        final=final,
        old=old,
        new=new,
        pairs=pairs,
        brand=brand,
        brand_keys=_keys_of_changed_names(old, new, brand) if brand else frozenset(),
    )
    moved_old, moved_new, moves = _moved(edit, ranges)
    blocks = [
        _Block([old[i] for i in o if i not in moved_old], [new[j] for j in n if j not in moved_new]) for o, n in ranges
    ]
    marks = dict.fromkeys(moves)
    if any(block.old for block in blocks):
        marks |= dict.fromkeys(_policy_marks(edit, blocks, tuple(banned)))
    for block in blocks:
        marks |= dict.fromkeys(_block_marks(block, edit))
    marks |= dict.fromkeys(_style_marks(edit, (old_end, new_end)))
    found = [mark for mark in marks if mark.before != mark.after or mark.kind == "reordered"]
    return tuple(found) or (_whole_change(drafted, final),)


def _mark(kind: Kind, before: str, after: str) -> Mark:
    return Mark(kind, _short(before), _short(after))


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _matched(
    old: Sequence[TitleWord], new: Sequence[TitleWord], brand: str
) -> tuple[list[tuple[int, int]], list[tuple[range, range]]]:
    """Return the positions of words that stayed, and the ranges between them where anything changed."""
    pairs: list[tuple[int, int]] = []
    ranges: list[tuple[range, range]] = []
    a = c = 0
    keys, keys_new = [word.key for word in old], [word.key for word in new]
    if brand and keys and keys_new:
        keys = _without_a_moved_brand(keys, keys_new, brand)
    for start, start_new, n in Indel.opcodes(keys, keys_new).as_matching_blocks():
        if start > a or start_new > c:
            ranges.append((range(a, start), range(c, start_new)))
        pairs += [(start + i, start_new + i) for i in range(n)]
        a, c = start + n, start_new + n
    return pairs, ranges


def _without_a_moved_brand(old: list[str], new: list[str], brand: str) -> list[str]:
    """Leave the brand unmatched where it came to or left the front: it was moved then, and not all that it passed."""
    names = {key for _, *keys in _names_of(brand) for key in keys}
    if (old[0] in names) == (new[0] in names):
        return old
    return ["" if key in names else key for key in old]


def _moved(edit: _Edit, ranges: Sequence[tuple[range, range]]) -> tuple[set[int], set[int], list[Mark]]:
    """Return the positions of words that went here and came there, and a mark for each run of them."""
    gone: defaultdict[str, deque[int]] = defaultdict(deque)
    for positions, _ in ranges:
        for i in positions:
            gone[edit.old[i].key].append(i)
    runs: list[list[tuple[int, int]]] = []
    for _, positions in ranges:
        for j in positions:
            key = edit.new[j].key
            if key not in gone or not gone[key] or sort_of(key) == "filler":
                continue
            i = gone[key].popleft()
            if runs and runs[-1][-1] == (i - 1, j - 1):
                runs[-1].append((i, j))
            else:
                runs.append([(i, j)])
    moved_old, moved_new = ({pair[side] for run in runs for pair in run} for side in (0, 1))
    return moved_old, moved_new, [_move(edit, run) for run in runs]


def _move(edit: _Edit, run: Sequence[tuple[int, int]]) -> Mark:
    (i, j), (i_end, j_end) = run[0], run[-1]
    before = _placed(edit.old, i, i_end)
    after = _placed(edit.new, j, j_end)
    if before == after:  # from one place within to another: told by what stands before it
        before, after = (f"… {written(words[k - 1 : end + 1])} …" for words, k, end in
                         ((edit.old, i, i_end), (edit.new, j, j_end)))  # fmt: skip
    return _mark("reordered", before, after)


def _placed(words: Sequence[TitleWord], start: int, end: int) -> str:
    text = written(words[start : end + 1])
    return f"{'' if start == 0 else '… '}{text}{'' if end == len(words) - 1 else ' …'}"


def _policy_marks(edit: _Edit, blocks: Sequence[_Block], banned: tuple[str, ...]) -> Iterator[Mark]:
    """Tell banned phrases that are gone, and take their words out of the blocks."""
    found = _banned_texts(edit.drafted, banned)
    for text in sorted(found - _banned_texts(edit.final, banned)) if found else ():
        keys = {word.key for word in title_words(text)[0]}
        touched = False
        for block in blocks:
            rest = [word for word in block.old if word.key not in keys]
            touched |= len(rest) < len(block.old)
            block.old = rest
        if touched:
            yield _mark("policy", text, "")


def _banned_texts(title: str, banned: tuple[str, ...]) -> set[str]:
    text = normal_form(title)
    return {text[start:end].lower() for _, (start, end) in banned_spans(title, _rules(banned))}


@lru_cache(maxsize=256)
def _rules(banned: tuple[str, ...]) -> ChannelRules:
    promotions = (phrase for phrases in PHRASES for phrase in phrases.phrases)
    allowed = (phrase for phrases in PHRASES for phrase in phrases.exceptions)
    return ChannelRules(
        key="",
        max_length=LONGEST,
        banned_words=tuple(dict.fromkeys([*banned, *promotions, *_PRAISE])),
        allowed_phrases=(*allowed, *_PRAISE_ALLOWED),
    )


def _block_marks(block: _Block, edit: _Edit) -> Iterator[Mark]:
    if not block.old and not block.new:
        return
    if _is_respelt(block.old, block.new):
        yield _mark("style", written(block.old), written(block.new))
        return
    yield from _filler_marks(block)
    yield from _brand_marks(block, edit)
    yield from _number_marks(block)
    _trim(block)
    if _is_respelt(block.old, block.new):
        yield _mark("style", written(block.old), written(block.new))
    else:
        yield from _fact_marks(block, edit)


def _is_respelt(old: Sequence[TitleWord], new: Sequence[TitleWord]) -> bool:
    """Say whether the same letters stand there, or those of the same words but for a slip or an ending."""
    a, b = "".join(w.key for w in old), "".join(w.key for w in new)
    if not a or not b:
        return False
    if a == b:
        return True
    if len(old) != len(new) or is_han(a) or is_han(b):
        return False
    return all(_is_slip(x.key, y.key) for x, y in zip(old, new, strict=True) if x.key != y.key)


def _is_slip(a: str, b: str) -> bool:
    if any(sort_of(key) not in ("", "filler") for key in (a, b)) and sort_of(a) == sort_of(b):
        return False
    if a.rstrip("s") == b.rstrip("s") and len(a.rstrip("s")) > 2:
        return True
    return min(len(a), len(b)) >= LEAST_TYPO and DamerauLevenshtein.distance(a, b, score_cutoff=1) <= 1


def _brand_marks(block: _Block, edit: _Edit) -> Iterator[Mark]:
    old, new = (_named(words, edit.brand_keys) for words in (block.old, block.new))
    if not old and not new:
        return
    rest_old, rest_new = _without(block.old, old), _without(block.new, new)
    if new and not old and not rest_new and all(_may_be_a_name(word) for word in rest_old):
        old, rest_old = rest_old, []  # another name stood in the brand's place
    block.old, block.new = rest_old, rest_new
    yield _mark("brand", written(old), written(new))


def _named(words: Sequence[TitleWord], brand_keys: Collection[str]) -> list[TitleWord]:
    """Return the words of the brand, or of another well-known one."""
    found = [word for word in words if word.key in brand_keys]
    if found or not words:
        return found
    known = {word.key for name in named_brands(written(words)) for word in title_words(name)[0]}
    return [word for word in words if word.key in known]


def _keys_of_changed_names(old: Sequence[TitleWord], new: Sequence[TitleWord], brand: str) -> frozenset[str]:
    """Return the words of the brand's names that stand whole in one of the titles alone: half of a name is no brand."""
    texts = [f" {' '.join(word.key for word in words)} " for words in (old, new)]
    changed = (names for names in _names_of(brand) if _holds(texts[0], names[0]) != _holds(texts[1], names[0]))
    return frozenset(key for _, *keys in changed for key in keys)


def _holds(text: str, name: str) -> bool:
    return f" {name} " in text or (is_han(name) and name.replace(" ", "") in text.replace(" ", ""))


@lru_cache(maxsize=4096)
def _names_of(brand: str) -> tuple[tuple[str, ...], ...]:
    """Return each name of the brand: its keys in a row, joined by blanks, then each key that is no filler."""
    named = []
    for alias in aliases(brand):
        keys = [word.key for word in title_words(alias)[0]]
        if keys:
            named.append((" ".join(keys), *(key for key in keys if sort_of(key) != "filler")))
    return tuple(named)


def _may_be_a_name(word: TitleWord) -> bool:
    return sort_of(word.key) == ""


def _without(words: Iterable[TitleWord], taken: Collection[TitleWord]) -> list[TitleWord]:
    return [word for word in words if word not in taken]


def _number_marks(block: _Block) -> Iterator[Mark]:
    old, new = _counted(block.old), _counted(block.new)
    block.old, block.new = (
        [word for word in words if all(word not in group for group in groups)]
        for words, groups in ((block.old, old), (block.new, new))
    )
    for same in (_have_one_unit, _any):
        for group in list(old):
            partner = next((other for other in new if same(group, other)), None)
            if partner is not None:
                old.remove(group)
                new.remove(partner)
                yield _mark("number_or_unit", written(group), written(partner))
    yield from (_mark("number_or_unit", written(group), "") for group in old)
    yield from (_mark("number_or_unit", "", written(group)) for group in new)


def _counted(words: Sequence[TitleWord]) -> list[list[TitleWord]]:
    """Return each number, a bare one with what it counts: 160 pages."""
    groups = []
    for i, word in enumerate(words):
        if sort_of(word.key) == "number":
            noun = words[i + 1] if i + 1 < len(words) and not unit_of(word.key) else None
            groups.append([word, noun] if noun is not None and _is_counted_by(word, noun) else [word])
    return groups


def _is_counted_by(number: TitleWord, noun: TitleWord) -> bool:
    """Say whether a number and what follows it are one: 160 pages, 3-4人."""
    is_beside = noun.gap in (" ", "-") or (not noun.gap and len(noun.text) == 1)
    return noun.at == number.at + 1 and is_beside and not sort_of(noun.key)


def _have_one_unit(a: Sequence[TitleWord], b: Sequence[TitleWord]) -> bool:
    return unit_of(a[0].key) == unit_of(b[0].key)


def _any(a: Sequence[TitleWord], b: Sequence[TitleWord]) -> bool:  # noqa: ARG001 - the same question, less choosy
    return True


def _filler_marks(block: _Block) -> Iterator[Mark]:
    """Tell fillers where nothing else was changed; beside other words they go and come with them."""
    old = [word for word in block.old if sort_of(word.key) != "filler"]
    new = [word for word in block.new if sort_of(word.key) != "filler"]
    if not old and not new and (block.old or block.new):
        yield _mark("style", written(block.old), written(block.new))
    block.old, block.new = old, new


def _trim(block: _Block) -> None:
    """Cut off the Han characters that both sides begin or end with: the dictionary cut the same words otherwise."""
    old, new = written(block.old), written(block.new)
    if not (is_han(old) and is_han(new)):
        return
    start = _n_shared(old, new)
    end = _n_shared(old[start:][::-1], new[start:][::-1])
    if start or end:
        block.old, block.new = (title_words(text[start : len(text) - end])[0] for text in (old, new))


def _n_shared(a: str, b: str) -> int:
    n = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return n if n >= LEAST_AFFIX else 0


def _fact_marks(block: _Block, edit: _Edit) -> Iterator[Mark]:
    """Pair the values of each sort, then the names of things; what has no partner was added or removed."""
    old, new = block.old, block.new
    for sort in (*_FACTS, ""):
        gone = [word for word in old if sort_of(word.key) == sort]
        come = [word for word in new if sort_of(word.key) == sort]
        if gone and come and (sort or _may_correct(gone, come)):
            old, new = _without(old, gone), _without(new, come)
            yield _mark("fact_corrected", written(gone), written(come))
    if old and new and _is_one_unlisted_value(old, new):
        yield _mark("fact_corrected", written(old), written(new))
        return
    if old:
        yield from _removed(old, edit)
    yield from (_mark("fact_added", "", written(run)) for run in _runs(new, lambda word: sort_of(word.key)))


def _is_one_unlisted_value(old: Sequence[TitleWord], new: Sequence[TitleWord]) -> bool:
    """Say whether a word took the place of a listed value, or the reverse: sand, sage."""
    sorts = [{sort_of(word.key) for word in words} for words in (old, new)]
    return len(old) == len(new) == 1 and {""} in sorts and sorts[0] != sorts[1]


def _may_correct(gone: Sequence[TitleWord], come: Sequence[TitleWord]) -> bool:
    a, b = len(written(gone)), len(written(come))
    return max(a, b) <= MOST_UNLIKE * min(a, b)


def _removed(words: Sequence[TitleWord], edit: _Edit) -> Iterator[Mark]:
    left = {word.key for word in edit.new}
    is_shorter = len(edit.final) <= SHORTER * len(edit.drafted)
    is_tail = is_shorter and len(words) >= MANY

    def is_cut(word: TitleWord) -> bool:
        """Say whether it is said elsewhere or went for the title's length: with many others, or no listed fact."""
        return word.key in left or is_tail or (is_shorter and not sort_of(word.key))

    for run in _runs(words, lambda word: "cut" if is_cut(word) else sort_of(word.key)):
        yield _mark("shortened" if is_cut(run[0]) else "fact_removed", written(run), "")


def _runs(words: Iterable[TitleWord], sort: Callable[[TitleWord], str]) -> Iterator[list[TitleWord]]:
    """Return neighbours of one sort together."""
    run: list[TitleWord] = []
    for word in words:
        if run and sort(run[-1]) != sort(word):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _style_marks(edit: _Edit, ends: tuple[str, str]) -> Iterator[Mark]:
    """Tell words that stayed and are spelt otherwise, and other marks or blanks between words that stayed side by side.

    What stands beside a word that went or came goes and comes with it.
    """
    brand_keys = {key for _, *keys in _names_of(edit.brand) for key in keys}
    for n, (i, j) in enumerate(edit.pairs):
        old, new = edit.old[i], edit.new[j]
        if old.text != new.text:
            yield _mark("brand" if old.key in brand_keys else "style", old.text, new.text)
        is_neighbour = edit.pairs[n - 1] == (i - 1, j - 1) if n else i == j == 0
        if is_neighbour and old.gap != new.gap:
            yield _gap_mark(old.gap, new.gap, edit.old[i - 1 : i + 1], edit.new[j - 1 : j + 1])
    if edit.pairs and edit.pairs[-1] == (len(edit.old) - 1, len(edit.new) - 1) and ends[0] != ends[1]:
        yield _gap_mark(*ends, edit.old[-1:], edit.new[-1:])


def _gap_mark(old: str, new: str, beside: Sequence[TitleWord], beside_new: Sequence[TitleWord]) -> Mark:
    """Tell marks by themselves, and blanks by the words that they part."""
    if old.strip() != new.strip() or not beside:
        return _mark("style", old, new)
    return _mark("style", written(beside), written(beside_new))


def _whole_change(drafted: str, final: str) -> Mark:
    """Return an edit that no rule names, such as a mark beside a word that went."""
    start = next((i for i, (x, y) in enumerate(zip(drafted, final, strict=False)) if x != y), 0)
    return Mark("style", _short(drafted[start:]), _short(final[start:]))
