"""A small catalog for integration tests, imported from a file as a shop would."""

import json
from pathlib import Path

from titlelab.catalog.importing import import_file
from titlelab.catalog.models import Catalog
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.publishing import changed

TAGS = {"gift": ["present"], "waterproof": ["water resistant"], "kitchen": ["cooking"], "outdoor": ["camping"]}
COLOURS = ("Red", "Blue", "Green", "Black", "White", "Grey")
GOODS = (
    ("Northlake", "Flask", "750 ml", "A steel flask for camping, water resistant and light."),
    ("Ardena", "Kettle", "1.5 l", "Boils fast, for cooking at home. A fine present."),
    ("Tilvo", "Lantern", "300 lm", "Bright lantern for camping and power cuts."),
    ("Moorwick", "Apron", "One size", "Cotton apron for cooking, with two pockets."),
)


def true_tags(description: str) -> list[str]:
    """Return the tags that a careful person gives."""
    return sorted(tag for tag, aliases in TAGS.items() if any(alias in description for alias in aliases))


def products() -> list[dict[str, object]]:
    """Make 4 kinds of goods in 6 colours and 5 models; three of five have a good title, the others none."""
    rows = []
    for n in range(120):
        brand, noun, size, description = GOODS[n % 4]
        colour = COLOURS[n // 4 % 6]
        model = f"M{n // 24 + 1}"
        rows.append(
            {
                "sku": f"P-{n:03}",
                "title": f"{brand} {model} {noun} {size} - {colour}" if n % 5 in (0, 2, 4) else "",
                "description": f"{description} Model {model}. Sold by {brand}.",
                "brand": brand,
                "category": ["Home", f"{noun}s"],
                "attributes": {"Type": noun, "Model": model, "Size": size, "Colour": colour},
                "price": "19.90",
                "currency": "USD",
            }
        )
    return rows


def gold(sku: str) -> tuple[str, list[str]]:
    """Return the title and tags that a careful person gives to a product."""
    n = int(sku.removeprefix("P-"))
    brand, noun, size, description = GOODS[n % 4]
    return f"{brand} M{n // 24 + 1} {noun} {size} - {COLOURS[n // 4 % 6]}", true_tags(description)


def imported_catalog(key: str, folder: Path, *, changed_sku: str | None = None, language: str = "en") -> Catalog:
    """Import the products, the first time with a catalog and a library of their own."""
    load_built_in_channels()
    library, is_new = TagLibrary.objects.get_or_create(key=f"{key}-tags", defaults={"name": f"Tags of {key}"})
    if is_new:
        Tag.objects.bulk_create(Tag(library=library, name=name, aliases=aliases) for name, aliases in TAGS.items())
        changed(library)
    catalog, _ = Catalog.objects.get_or_create(
        key=key,
        defaults={
            "name": key,
            "language": language,
            "library": library,
            "channel": Channel.objects.get(key="google"),
        },
    )
    rows = products()
    for row in rows:
        if row["sku"] == changed_sku:
            row["description"] = f"{row['description']} Now with a lid."
    file = folder / "products.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    import_file(catalog, file, file_name=file.name)
    return catalog
