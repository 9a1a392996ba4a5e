"""How long drift and alerts take where there is much to look at.

`python -m benchmarks.alerts [--products 1000000] [--decisions 200000] [--out FILE.json]` makes an invented ledger of
half a year in a folder of its own, then takes the day's portraits, looks at everything that alert rules watch, and asks
for the page; each twice, for the first time reads what the second finds in memory.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.own_database import set_up

N_WEEKS = 26
BAR_S = 10.0


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--decisions", type=int, default=200_000)
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TITLELAB_HOME=home, TITLELAB_SECRET_KEY="of-a-benchmark")  # noqa: TID251, S106
        figures = measured(options.products, options.decisions)
    print(json.dumps(figures, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measured(n_products: int, n_decisions: int) -> dict[str, Any]:
    """Make the ledger and return seconds by the clock."""
    set_up()
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse
    from django.utils import timezone

    from benchmarks.synthetic_ledger import add_products, make_ledger
    from titlelab.alerts.models import Alert
    from titlelab.alerts.opening import check
    from titlelab.alerts.portraying import portray_all
    from titlelab.catalog.models import Product
    from titlelab.quality.recording import record_measures
    from titlelab.review.models import Draft

    now = timezone.now()
    first, *_ = make_ledger(n_decisions, now=now)
    record_measures()
    add_products(first, n_products - Product.objects.count())
    for model in (Product, Draft):
        _spread_over_weeks(model, now)
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    page = reverse("admin:quality_alerts")
    took = {
        "portraits_s": [_seconds(lambda: portray_all(now)) for _ in range(2)],
        "check_s": [_seconds(lambda: check(now)) for _ in range(2)],
        "page_s": [_seconds(lambda: client.get(page)) for _ in range(2)],
    }
    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    return {
        "products": Product.objects.count(),
        "drafts": Draft.objects.count(),
        "decisions": n_decisions,
        **took,
        "bar_s": BAR_S,
        "page_queries": len(queries),
        "open_alerts": [str(alert) for alert in Alert.objects.open()],
        "cpus": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _spread_over_weeks(model: Any, now: Any) -> None:  # noqa: ANN401 - Django comes once its home is made
    """Let the rows have come week by week."""
    from django.db.models import F

    for week in range(N_WEEKS):
        at = now - timedelta(weeks=week, days=1)
        moments = {name: at for name in ("created_at", "changed_at") if hasattr(model, name)}
        model.objects.alias(turn=F("pk") % N_WEEKS).filter(turn=week).update(**moments)


def _seconds(does: Callable[[], object]) -> float:
    started = time.perf_counter()
    does()
    return round(time.perf_counter() - started, 2)


if __name__ == "__main__":
    main()
