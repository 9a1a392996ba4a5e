"""Which categories a catalog's products may stand under: gathered from products and Decisions, told to the ML backend.

The row is the record, and the file in the models folder follows it. A catalog that does not ask has no file, and its
drafts hold no category.
"""

import json

from django.conf import settings
from django.db import transaction

from ml_backend.contract import CategoryPath, PublishedTaxonomy, taxonomy_file, to_json
from titlelab.catalog.models import Catalog, Taxonomy
from titlelab.errors import BadSetting
from titlelab.review.models import Decision
from titlelab.tags.publishing import replace_file


def taxonomy_paths(catalog: Catalog) -> tuple[CategoryPath, ...]:
    """Return the catalog's category paths as last gathered, in their order."""
    stored = Taxonomy.objects.filter(catalog=catalog).values_list("paths", flat=True).first()
    return tuple(tuple(path) for path in stored or ())


def without_branches(path: CategoryPath, catalog: Catalog) -> CategoryPath:
    """Return no category for one that only leads to others: Label Studio's tree lets the keyboard tick it.

    It would become a category of the catalog's, for what people chose is gathered. A path that the catalog has lost
    stays.
    """
    known = taxonomy_paths(catalog) if path else ()
    leads_on = any(len(other) > len(path) and other[: len(path)] == path for other in known)
    return () if leads_on and path not in known else path


def follow_categories() -> int:
    """Gather every asking catalog's paths, and forget the files of the others; return how many have changed."""
    asking = Catalog.objects.filter(asks_for_category=True)
    for catalog in Catalog.objects.filter(asks_for_category=False, taxonomy__isnull=False):
        publish_taxonomy(catalog)
    return sum(gather_categories(catalog) for catalog in asking)


def gather_categories(catalog: Catalog) -> bool:
    """Let a catalog's taxonomy follow its products and Decisions, and publish it; False where nothing changed.

    Safe to repeat. Raises BadSetting where the models folder can't be written.
    """
    found = [list(path) for path in _found(catalog)]
    with transaction.atomic():
        taxonomy, is_new = Taxonomy.objects.select_for_update().get_or_create(
            catalog=catalog, defaults={"paths": found}
        )
        has_changed = is_new or taxonomy.paths != found
        if has_changed and not is_new:
            taxonomy.paths, taxonomy.revision = found, taxonomy.revision + 1
            taxonomy.save(update_fields=["paths", "revision"])
    if has_changed or not taxonomy_file(settings.MODELS_FOLDER, catalog.key).exists():
        publish_taxonomy(catalog)
    return has_changed


def publish_taxonomy(catalog: Catalog) -> None:
    """Write the taxonomy's file whole, or remove it where the catalog does not ask; raises BadSetting."""
    file = taxonomy_file(settings.MODELS_FOLDER, catalog.key)
    taxonomy = Taxonomy.objects.filter(catalog=catalog, catalog__asks_for_category=True).first()
    try:
        if taxonomy is None:
            file.unlink(missing_ok=True)
            return
        paths = tuple(tuple(path) for path in taxonomy.paths)
        value = PublishedTaxonomy(key=catalog.key, revision=taxonomy.revision, paths=paths)
        replace_file(file, json.dumps(to_json(value), ensure_ascii=False))
    except OSError as e:
        raise BadSetting(f"the taxonomy can't be written to {file}: {e.strerror}") from e


def _found(catalog: Catalog) -> list[CategoryPath]:
    """Return the paths of products, and those that people chose: one that the shop has left may be the right one."""
    of_products = catalog.products.exclude(category=[]).order_by().values_list("category", flat=True).distinct()
    decided = Decision.objects.usable().of_catalog(catalog.pk).exclude(category=[])
    of_people = decided.order_by().values_list("category", flat=True).distinct()
    return sorted({tuple(map(str, path)) for path in (*of_products, *of_people)})
