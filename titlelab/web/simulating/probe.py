"""The probe: products that measure, and how well drafts of them do. Computes only; turning.py asks and writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml_backend.contract import Draft
from titlelab.quality.rates import mean, micro_f1
from titlelab.review.classifying import Final, Shown, judge
from titlelab.web.simulating.gold import Gold


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One product of the probe: what was drafted and what is right; title_edit as a Decision's."""

    sku: str
    title: str
    right_title: str
    title_edit: float
    tags: tuple[str, ...]
    right_tags: tuple[str, ...]
    is_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """How a version pair did on the probe.

    unedited: share whose title is right to the letter; accepted: whose tags are right too. title_edit: mean
    normalised Levenshtein distance. tag_f1: all tags counted together, None where there are none. seconds: how long
    the ML backend took for all drafts.
    """

    version: str
    titler: str
    tagger: str
    n: int
    unedited: float
    accepted: float
    title_edit: float
    tag_f1: float | None
    seconds: float
    products: tuple[Probed, ...]


def drawn(skus: Sequence[str], n: int, seed: int) -> list[str]:
    """Draw n skus, all where there are fewer; the same for the same skus and seed, whatever their order."""
    pool = sorted(skus)
    places = np.random.default_rng(seed).choice(len(pool), size=min(n, len(pool)), replace=False)
    return sorted(pool[place] for place in places)


def measurement(
    drafts: Sequence[Draft], gold: Mapping[str, Gold], *, titler: str, tagger: str, seconds: float
) -> Measurement:
    """Measure at least one draft; every product of theirs has an answer."""
    products = tuple(_probed(draft, gold[draft.sku]) for draft in drafts)
    return Measurement(
        version=drafts[0].version,
        titler=titler,
        tagger=tagger,
        n=len(products),
        unedited=sum(p.title_edit == 0 for p in products) / len(products),
        accepted=sum(p.is_accepted for p in products) / len(products),
        title_edit=mean(p.title_edit for p in products) or 0.0,
        tag_f1=micro_f1((p.tags, p.right_tags) for p in products),
        seconds=seconds,
        products=products,
    )


def _probed(draft: Draft, gold: Gold) -> Probed:
    judged = judge(Shown(title=draft.title, tags=draft.proposed_tags), Final(title=gold.title, tags=gold.tags))
    return Probed(
        sku=draft.sku,
        title=draft.title,
        right_title=gold.title,
        title_edit=judged.title_edit,
        tags=draft.proposed_tags,
        right_tags=gold.tags,
        is_accepted=judged.outcome == "accepted",
    )
