"""How fast product files are imported, beside django-import-export, and what memory a million products take.

`python -m benchmarks.importing` imports 20,000 invented products into an empty catalog by both, and the same file
again, round by round side by side, and prints each round and the medians; `--products 1000000 --alone` imports a
large file and prints its rate and the peak of memory. django-import-export is given what it needs to do the same:
known skus are updated, rows that do not change are skipped; in its usual mode (a row at a time) and with `use_bulk`.
It judges no title, keeps HTML, and refuses far less; what judging takes of titlelab's time is told too.
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


def theirs(*, use_bulk: bool) -> Callable[[Any, Path], None]:
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
        data = tablib.Dataset().load(path.read_text(encoding="utf-8"), format="csv")
        ProductResource().import_data(data, raise_errors=True)

    return run


def seconds(importer: Callable[[Any, Path], None], catalog: Any, path: Path, n_products: int) -> float:
    """Return the processor's seconds: the machine may be busy with other things. The catalog is empty before."""
    catalog.products.all().delete()
    took = seconds_again(importer, catalog, path)
    n_found = catalog.products.count()
    if n_found != n_products:
        raise SystemExit(f"{n_found} products of {n_products} were imported")
    return took


def seconds_again(importer: Callable[[Any, Path], None], catalog: Any, path: Path) -> float:
    """Return the same for a catalog as it stands, such as a file of which no row has changed."""
    started = time.process_time()
    importer(catalog, path)
    return time.process_time() - started


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
            started = time.perf_counter()
            took = seconds(ours, catalog, path, told.products)
            wall = time.perf_counter() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{told.products:,} products in {took:.0f} s of the processor ({wall:.0f} s by the clock):")
            print(f"{told.products / took:,.0f} a second, {peak:.0f} MB of memory at the peak")
            return
        importers = {"titlelab": ours, "django-import-export": theirs(use_bulk=False)}
        importers["… in bulk"] = theirs(use_bulk=True)
        took_by: dict[str, list[float]] = {name: [] for name in importers}
        again_by: dict[str, list[float]] = {name: [] for name in importers}
        for n in range(told.rounds):
            for name, importer in importers.items():
                took_by[name].append(seconds(importer, catalog, path, told.products))
                again_by[name].append(seconds_again(importer, catalog, path))
                print(
                    f"round {n + 1}: {name} {took_by[name][-1]:.2f} s, unchanged {again_by[name][-1]:.2f} s", flush=True
                )
        for case, found in {"new": took_by, "unchanged": again_by}.items():
            middle = {name: statistics.median(took) for name, took in found.items()}
            for name, took in middle.items():
                rate, times = told.products / took, took / middle["titlelab"]
                print(f"{case} products, {name}: {took:.2f} s, {rate:,.0f} a second, {times:.1f} × titlelab's time")
        print(f"judging the titles of new products takes titlelab {judging_seconds(catalog, path):.2f} s of that")


def _catalog() -> Any:
    set_up()
    from titlelab.catalog.models import Catalog
    from titlelab.channels.loading import load_built_in_channels
    from titlelab.channels.models import Channel

    load_built_in_channels()
    return Catalog.objects.create(key="bench", name="Benchmark", channel=Channel.objects.get(key="google"))


if __name__ == "__main__":
    main()
