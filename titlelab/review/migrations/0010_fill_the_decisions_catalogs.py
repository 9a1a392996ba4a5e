from django.db import migrations
from django.db.models import Max, OuterRef, Subquery

BATCH = 10_000  # a transaction each: other writers of SQLite get their turn, and a stop loses little


def fill(apps, schema_editor):
    """Tell every Decision its product's catalog; safe to repeat."""
    decisions = apps.get_model("review", "Decision")._default_manager
    item = apps.get_model("review", "ReviewItem")._default_manager.filter(pk=OuterRef("item"))
    catalog = Subquery(item.values("product__catalog")[:1])
    last = decisions.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, BATCH):
        decisions.filter(pk__gte=first, pk__lt=first + BATCH, catalog=None).update(catalog=catalog)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("review", "0009_decisions_of_a_catalog"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
