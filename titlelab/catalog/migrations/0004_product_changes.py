from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0003_imports_in_steps'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['catalog', 'changed_at', 'id'], name='product_changes'),
        ),
    ]
