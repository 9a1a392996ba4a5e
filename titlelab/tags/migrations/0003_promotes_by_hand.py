from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tags', '0002_proposals_and_former_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='taglibrary',
            name='promotes_by_hand',
            field=models.BooleanField(default=False, help_text="A tagger that passes the gate waits for an admin's click."),
        ),
    ]
