import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelstudio', '0003_category_paths'),
        ('review', '0002_suggested_tags'),
    ]

    operations = [
        migrations.AddField(
            model_name='project',
            name='missed_since',
            field=models.DateTimeField(blank=True, help_text='Since then Decisions came by polling alone: the webhook does not arrive.', null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='n_missed',
            field=models.PositiveIntegerField(default=0, help_text='Decisions so far that no event told of.'),
        ),
        migrations.AddField(
            model_name='project',
            name='webhook_mended_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='LostProject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project_id', models.PositiveBigIntegerField()),
                ('lost_at', models.DateTimeField(auto_now=True)),
                ('queue', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='loss', to='review.reviewqueue')),
            ],
        ),
    ]
