"""One rule of each kind for all catalogs, with the usual limit; what is deleted afterwards stays deleted."""

from django.db import migrations

CATALOG_ADMIN, ML_ADMIN = "Catalog admin", "ML admin"
MAIL_ROLES = {
    "product_drift": [CATALOG_ADMIN, ML_ADMIN],
    "draft_drift": [ML_ADMIN],
    "falling_acceptance": [CATALOG_ADMIN, ML_ADMIN],
    "stalled_queue": [CATALOG_ADMIN],
    "failing_webhook": [CATALOG_ADMIN],
    "run_failed": [ML_ADMIN],
    "folder_missing": [ML_ADMIN],
}


def make_usual_rules(apps, schema_editor):
    rules = apps.get_model("alerts", "AlertRule").objects.using(schema_editor.connection.alias)
    for kind, roles in MAIL_ROLES.items():
        rules.get_or_create(kind=kind, catalog=None, defaults={"mail_roles": roles})


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_rules_alerts_letters_and_portraits")]
    operations = [migrations.RunPython(make_usual_rules, migrations.RunPython.noop, elidable=False)]
