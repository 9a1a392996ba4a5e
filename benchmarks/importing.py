"""How fast product files are imported, beside django-import-export, and what memory a million products take.

`python -m benchmarks.importing` imports 20,000 invented products into an empty catalog by both, and the same file
again, round by round side by side, and prints each round, the medians and their spread, of the processor's seconds and
by the clock; `--products 1000000 --alone` imports a large file and prints its rate and the peak of memory.

django-import-export is given what it needs to do the same: known skus are updated, rows that do not change are
skipped; in its usual mode (a row at a time), with `use_bulk`, and in bulk without the difference that it makes of every
row (`skip_diff`: then it writes unchanged rows again). It does less for a product: it keeps HTML, refuses far less, and
judges no title. So both are told: an import whole, and without the judging, which is measured by itself.
"""

import argparse
import csv
import json
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.own_database import set_up

COLUMNS = ["sku", "title", "description", "brand", "category", "attr:Colour", "attr:Size", "price", "currency"]
WORDS = """
steel bottle keeps tea hot for a long day light tent warm soft wool socks trail lamp folding chair with bag kettle mug
insulated handle camping quick dry towel compact stove rope pack cover
""".split()  # noqa: SIM905 (one a line would fill the page)


def write_file(path: Path, n_products: int) -> None:
    """Write invented products, the same ones for the same number."""
    rng = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for n in range(n_products):
            size = rng.choice(["", f" {rng.randint(1, 99)} cm"])  # without it the description must bear the title out
            title = f"Norvik {' '.join(rng.choices(WORDS, k=6)).title()}{size}"
            text = f"<p>{' '.join(rng.choices(WORDS, k=40))}</p>"
            colour, size = rng.choice(["blue", "red", "green"]), f"{rng.randint(1, 99)} cm"
            price = f"{rng.randint(100, 9999) / 100:.2f}"
            writer.writerow([f"S-{n}", title, text, "Norvik", "Outdoor > Camping", colour, size, price, "EUR"])


def ours(catalog: Any, path: Path) -> None:
    """Import by titlelab."""
    from titlelab.catalog.importing import import_file

    import_file(catalog, path, file_name=path.name)


def judging_seconds(catalog: Any, path: Path) -> float:
    """Return what judging every title of the file takes, which no other importer does."""
    from django.utils import timezone

    from titlelab.catalog.brief import has_good_title
    from titlelab.catalog.reading import ProductRow, rows
    from titlelab.channels.rules import rules_on

    rules = rules_on(catalog.channel, timezone.localdate())
    products = [row for row in rows(path, file_name=path.name) if isinstance(row, ProductRow)]
    started = time.process_time()
    for product in products:
        has_good_title(product, rules)
    return time.process_time() - started


def theirs(*, use_bulk: bool, skip_diff: bool = False) -> Callable[[Any, Path], None]:
    """Return an import by django-import-export."""
    import tablib  # type: ignore[import-untyped]
    from import_export import fields, resources, widgets

    from titlelab.catalog.models import Product

    def attributes(row: Any) -> list[list[str]]:
        return [[name.removeprefix("attr:"), row[name]] for name in row if name.startswith("attr:") and row[name]]

    def run(catalog: Any, path: Path) -> None:
        class ProductResource(resources.ModelResource):  # type: ignore[type-arg]
            attributes = fields.Field(attribute="attributes", column_name="attributes", widget=widgets.JSONWidget())

            class Meta:
                model = Product
                import_id_fields = ("sku",)
                fields = ("sku", "title", "description", "brand", "category", "attributes", "price", "currency")
                skip_unchanged = True
                use_bulk = False
                batch_size = 500

            def get_queryset(self) -> Any:
                return catalog.products.all()

            def before_import_row(self, row: Any, **_: Any) -> None:
                row["attributes"] = json.dumps(attributes(row))
                row["category"] = json.dumps(row["category"].split(" > "))

            def before_save_instance(self, instance: Any, row: Any, **_: Any) -> None:
                instance.catalog = catalog

        ProductResource._meta.use_bulk = use_bulk  # type: ignore[misc]
        ProductResource._meta.skip_diff = skip_diff  # type: ignore[misc]
        data = tablib.Dataset().load(path.read_text(encoding="utf-8"), format="csv")
        ProductResource().import_data(data, raise_errors=True)

    return run


@dataclass(frozen=True, slots=True)
class Seconds:
    """What an import took: of the processor, for the machine may be busy with other things, and by the clock."""

    cpu: float
    wall: float


def seconds(importer: Callable[[Any, Path], None], catalog: Any, path: Path, n_products: int) -> Seconds:
    """Return what an import into an empty catalog takes."""
    catalog.products.all().delete()
    took = seconds_again(importer, catalog, path)
    n_found = catalog.products.count()
    if n_found != n_products:
        raise SystemExit(f"{n_found} products of {n_products} were imported")
    return took


def seconds_again(importer: Callable[[Any, Path], None], catalog: Any, path: Path) -> Seconds:
    """Return the same for a catalog as it stands, such as a file of which no row has changed."""
    cpu, wall = time.process_time(), time.perf_counter()
    importer(catalog, path)
    return Seconds(time.process_time() - cpu, time.perf_counter() - wall)


def main() -> None:
    """Print the rounds and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="titlelab alone, with the peak of memory")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TITLELAB_HOME=home, TITLELAB_SECRET_KEY="of-a-benchmark")  # noqa: TID251, S106
        catalog, path = _catalog(), Path(home) / "products.csv"
        write_file(path, told.products)
        if told.alone:
            took = seconds(ours, catalog, path, told.products)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{told.products:,} products in {took.cpu:.0f} s of the processor ({took.wall:.0f} s by the clock):")
            print(f"{told.products / took.cpu:,.0f} a second, {peak:.0f} MB of memory at the peak")
            return
        importers = {"titlelab": ours, "django-import-export": theirs(use_bulk=False)}
        importers["… in bulk"] = theirs(use_bulk=True)
        importers["… in bulk without differences"] = theirs(use_bulk=True, skip_diff=True)
        took_by: dict[str, list[Seconds]] = {name: [] for name in importers}
        again_by: dict[str, list[Seconds]] = {name: [] for name in importers}
        judging = []
        for n in range(told.rounds):
            for name, importer in importers.items():
                took_by[name].append(seconds(importer, catalog, path, told.products))
                again_by[name].append(seconds_again(importer, catalog, path))
                new, again = took_by[name][-1], again_by[name][-1]
                print(f"round {n + 1}: {name} {new.cpu:.2f} s, unchanged {again.cpu:.2f} s", flush=True)
            judging.append(judging_seconds(catalog, path))
        report("new", took_by)
        report("unchanged", again_by)
        report_judging(took_by, statistics.median(judging))


def report(case: str, took_by: dict[str, list[Seconds]]) -> None:
    """Print the medians with the least and the most, and how many times titlelab's time they are."""
    ours = statistics.median(took.cpu for took in took_by["titlelab"])
    ours_wall = statistics.median(took.wall for took in took_by["titlelab"])
    for name, took in took_by.items():
        cpu, wall = sorted(each.cpu for each in took), sorted(each.wall for each in took)
        print(
            f"{case} products, {name}: {statistics.median(cpu):.2f} s of the processor "
            f"({cpu[0]:.2f} to {cpu[-1]:.2f}), "
            f"{statistics.median(cpu) / ours:.1f} × titlelab's; {statistics.median(wall):.2f} s by the clock, "
            f"{statistics.median(wall) / ours_wall:.1f} ×"
        )


def report_judging(took_by: dict[str, list[Seconds]], judging: float) -> None:
    """Print what judging takes of titlelab's time, and the others beside the rest of it."""
    rest = statistics.median(took.cpu for took in took_by["titlelab"]) - judging
    print(f"judging the titles of new products takes titlelab {judging:.2f} s of that; to get the rows in takes")
    others = {
        name: statistics.median(each.cpu for each in took) for name, took in took_by.items() if name != "titlelab"
    }
    beside = ", ".join(f"{name} {cpu / rest:.1f} times that" for name, cpu in others.items())
    print(f"{rest:.2f} s of the processor, {beside}")


def _catalog() -> Any:
    set_up()
    from titlelab.catalog.models import Catalog
    from titlelab.channels.loading import load_built_in_channels
    from titlelab.channels.models import Channel

    load_built_in_channels()
    return Catalog.objects.create(key="bench", name="Benchmark", channel=Channel.objects.get(key="google"))


if __name__ == "__main__":
    main()
