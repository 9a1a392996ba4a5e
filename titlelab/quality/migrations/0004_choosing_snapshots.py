import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("quality", "0003_measures")]

    operations = [
        migrations.CreateModel(
            name="ChoosingSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField(auto_now=True)),
                ("n_random", models.PositiveIntegerField()),
                ("n_chosen", models.PositiveIntegerField()),
                ("saved", models.JSONField(null=True)),
                ("outlook", models.JSONField(null=True)),
                (
                    "catalog",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="choosing_snapshot",
                        to="catalog.catalog",
                    ),
                ),
            ],
        ),
    ]
