"""Makes the catalogs that arms are played on: copies of a catalog, or a file's products; each with a queue of its own.

What is copied is what a shop would tell: products and tags, no Decision and no model.
"""

from django.db import transaction

from titlelab.catalog.importing import upsert_products
from titlelab.catalog.models import Catalog, Product
from titlelab.channels.models import Channel
from titlelab.errors import NotPossibleNow
from titlelab.review.models import ReviewQueue
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.publishing import active_tags, changed
from titlelab.web.simulating.catalog_file import Parts

BATCH = 500
# One played person answers all, so that nobody can disagree, and a person's second look would mend what is measured.
PLAYED_ALONE = {"asked_twice_share": 0.0, "second_look_share": 0.0}


@transaction.atomic
def copy_queue(queue: ReviewQueue, key: str) -> ReviewQueue:
    """Copy a queue's catalog with its products and tags, and the queue's way of asking, without what was asked.

    Versions of the copy promote themselves whatever the catalog says, since nobody watches; categories are not asked
    for, since the answers tell none.
    """
    of = queue.catalog
    catalog = Catalog.objects.create(
        key=key,
        name=key,
        language=of.language,
        channel=of.channel,
        library=_copied_library(of.library, f"{key}-tags") if of.library else None,
    )
    Product.objects.bulk_create(
        (_copied(product, catalog) for product in of.products.order_by("pk").iterator(chunk_size=BATCH)),
        batch_size=BATCH,
    )
    return ReviewQueue.objects.create(
        name=key,
        catalog=catalog,
        working_set=queue.working_set,
        random_share=queue.random_share,
        blind_share=queue.blind_share,
        patience_days=queue.patience_days,
        asks_about_good_titles=queue.asks_about_good_titles,
        page_language=queue.page_language,
        **PLAYED_ALONE,
    )


@transaction.atomic
def queue_of_parts(parts: Parts, key: str, channel: str) -> ReviewQueue:
    """Make a catalog of a file's parts, without tags, and a queue whose probe is the parts'.

    Known titles that the rules do not call good are left out: the shop would have them asked about, and only hidden
    ones are known to the annotator. Raises NotPossibleNow when there is no such channel.
    """
    found = Channel.objects.filter(key=channel).first()
    if found is None:
        keys = ", ".join(Channel.objects.order_by("key").values_list("key", flat=True))
        raise NotPossibleNow(f"There is no channel {channel!r}; there are {keys or 'none: run `make up` first'}.")
    catalog = Catalog.objects.create(key=key, name=key, language=parts.language, channel=found)
    upsert_products(catalog, [*parts.known, *parts.hidden])
    catalog.products.exclude(title="").filter(has_good_title=False).delete()
    return ReviewQueue.objects.create(name=key, catalog=catalog, reserved_skus=list(parts.probe), **PLAYED_ALONE)


def freeze(catalog: Catalog) -> None:
    """Let no version serve the catalog from now on but those that do; the schedule may still train some."""
    Catalog.objects.filter(pk=catalog.pk).update(promotes_by_hand=True)
    TagLibrary.objects.filter(catalogs=catalog).update(promotes_by_hand=True)


def _copied_library(library: TagLibrary, key: str) -> TagLibrary:
    copy = TagLibrary.objects.create(key=key, name=key, language=library.language)
    Tag.objects.bulk_create(
        Tag(library=copy, name=tag.name, group=tag.group, aliases=tag.aliases) for tag in active_tags(library)
    )
    changed(copy)
    return copy


def _copied(product: Product, catalog: Catalog) -> Product:
    product.pk, product.catalog = None, catalog
    product._state.adding = True
    return product
