import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The column, still empty: filled by the next migration, required by the one after it."""

    dependencies = [
        ("catalog", "0004_product_changes"),
        ("review", "0008_language_of_the_annotators_page"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="catalog",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="catalog.catalog",
            ),
        ),
    ]
