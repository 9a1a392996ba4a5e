"""Takes each catalog's portraits of the day: what its products and drafts are like, and how far they have moved."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils import timezone

from titlelab.alerts.models import Portrait
from titlelab.alerts.populations import (
    DraftSample,
    Histograms,
    draft_histograms,
    draft_samples,
    product_histograms,
    product_sample,
    usual_version,
)
from titlelab.catalog.models import Catalog
from titlelab.quality.drift import OTHERS, Drift, Histogram, drift

PERIOD = dt.timedelta(days=7)  # "now": a week has all its weekdays
REFERENCE = dt.timedelta(days=28)  # what drafts are held against: four such weeks before
KEPT = dt.timedelta(days=400)  # a year and a month, to be drawn
MOST_LABELS = 200  # of a feature that are kept; the rarer ones are no comparison's business
SEED = 20061  # of the shuffling: the same populations are the same distance apart, whenever they are compared
Population = Portrait.Population
EMPTY = DraftSample(before=(), now=())


def portray_all(now: dt.datetime) -> int:
    """Take the portraits of all catalogs; return how many. Later the same day they are taken anew."""
    since = now - PERIOD
    drafts = draft_samples(since - REFERENCE, since)
    catalogs = list(Catalog.objects.order_by("pk"))
    for catalog in catalogs:
        _portray_products(catalog, now)
        _portray_drafts(catalog, drafts.get(catalog.pk, EMPTY), now)
    Portrait.objects.filter(day__lt=timezone.localdate(now - KEPT)).delete()
    return len(catalogs)


def _portray_products(catalog: Catalog, now: dt.datetime) -> None:
    """Hold what came lately against what was there, and all there is against what there was some weeks ago."""
    sample = product_sample(catalog, now - PERIOD)
    arrived, all_there_is = product_histograms(sample.arrived), product_histograms(sample.all)
    before = product_histograms(sample.before)
    _keep(catalog, Population.ARRIVALS, arrived, before, {}, now)
    earlier = _earlier(catalog, timezone.localdate(now))
    about = {"day_before": str(earlier.day)} if earlier else {}
    _keep(catalog, Population.RANGE, all_there_is, _histograms(earlier.counts) if earlier else {}, about, now)


def _portray_drafts(catalog: Catalog, sample: DraftSample, now: dt.datetime) -> None:
    about = {"version_before": usual_version(sample.before), "version_now": usual_version(sample.now)}
    _keep(catalog, Population.DRAFTS, draft_histograms(sample.now), draft_histograms(sample.before), about, now)


def _earlier(catalog: Catalog, today: dt.date) -> Portrait | None:
    """Return the portrait of all products from about a reference period ago, at least one period."""
    old = Portrait.objects.filter(catalog=catalog, population=Population.RANGE, day__lte=today - PERIOD, n__gt=0)
    return old.filter(day__lte=today - REFERENCE).order_by("-day").first() or old.order_by("day").first()


def _keep(
    catalog: Catalog, population: str, now_: Histograms, before: Histograms, about: Mapping[str, str], now: dt.datetime
) -> None:
    rng = np.random.default_rng(SEED)
    measured = {feature: drift(before[feature], now_[feature], rng=rng) for feature in now_ if feature in before}
    Portrait.objects.update_or_create(
        catalog=catalog,
        population=population,
        day=timezone.localdate(now),
        defaults={
            "n": max((each.n for each in now_.values()), default=0),
            "counts": {f: _counts(h) for f, h in now_.items()} if population == Population.RANGE else {},
            "drifts": {feature: _figures(found) for feature, found in measured.items() if found},
            "about": about,
            "taken_at": now,
        },
    )


def _counts(histogram: Histogram) -> dict[str, Any]:
    counts = dict(Counter(histogram.counts).most_common(MOST_LABELS))
    if histogram.is_exclusive and sum(counts.values()) < histogram.n:
        counts[OTHERS] = counts.get(OTHERS, 0) + histogram.n - sum(counts.values())
    return {"n": histogram.n, "counts": counts, "is_exclusive": histogram.is_exclusive}


def _histograms(counts: Mapping[str, Any]) -> Histograms:
    return {feature: Histogram(**told) for feature, told in counts.items()}


def _figures(found: Drift) -> dict[str, Any]:
    return {
        "psi": round(found.psi, 4),
        "js": round(found.js, 4),
        "by_chance": round(found.by_chance, 4),
        "n_before": found.n_before,
        "n_now": found.n_now,
        "moved": [[move.label, round(move.before, 4), round(move.now, 4)] for move in found.moved],
    }
