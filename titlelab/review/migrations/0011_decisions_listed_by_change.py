import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("review", "0010_fill_the_decisions_catalogs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="catalog",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="catalog.catalog",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["catalog", "changed_at", "id"], name="decision_changes"),
        ),
    ]
