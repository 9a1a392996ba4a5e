"""Lets a tagger that was trained under former names answer for the tags as they are called today."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ml_backend.contract import Brief, Example, Tagger, TagScore, TagSpec


def tag_scores(tagger: Tagger, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> list[list[TagScore]]:
    """Return for each Brief one TagScore per tag, in the order of `tags`.

    A tag that was renamed since the tagger was trained is scored by the name that the tagger learnt; one that others
    were merged into by the name that is proposed most clearly. A tagger tells what it learnt by `learnt_names`; one
    without has learnt no names, and is asked by those of today.
    """
    learnt: frozenset[str] = getattr(tagger, "learnt_names", frozenset())
    asked = [[name for name in (tag.name, *tag.former_names) if name in learnt] or [tag.name] for tag in tags]
    specs = [replace(tag, name=name) for tag, names in zip(tags, asked, strict=True) for name in names]
    return [_answers(own, tags, asked) for own in tagger.score(briefs, specs)]


def renamed(examples: Iterable[Example], tags: Sequence[TagSpec]) -> list[Example]:
    """Return the examples with their tags as they are called today; of tags that were merged, one."""
    now = {former: tag.name for tag in tags for former in tag.former_names}
    return [
        example
        if example.tags is None
        else replace(example, tags=tuple(dict.fromkeys(now.get(tag, tag) for tag in example.tags)))
        for example in examples
    ]


def _answers(scores: Sequence[TagScore], tags: Sequence[TagSpec], asked: Sequence[Sequence[str]]) -> list[TagScore]:
    answers = iter(scores)
    return [
        replace(max([next(answers) for _ in names], key=_clearness), name=tag.name)
        for tag, names in zip(tags, asked, strict=True)
    ]


def _clearness(score: TagScore) -> float:
    return score.proba - score.threshold
