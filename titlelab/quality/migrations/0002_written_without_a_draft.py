from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('quality', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='qualitysnapshot',
            name='n_written',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='qualitysnapshot',
            name='written_edit',
            field=models.FloatField(null=True),
        ),
    ]
