from django.db import migrations, models

BLIND_SHARE = 'Share of the random items that show no drafted title: what people type then is led by no draft.'


class Migration(migrations.Migration):

    dependencies = [
        ('review', '0003_category_paths'),
    ]

    operations = [
        migrations.AddField(
            model_name='reviewqueue',
            name='blind_share',
            field=models.FloatField(default=0.5, help_text=BLIND_SHARE),
        ),
        migrations.AddField(
            model_name='historicalreviewqueue',
            name='blind_share',
            field=models.FloatField(default=0.5, help_text=BLIND_SHARE),
        ),
        migrations.AddField(
            model_name='reviewitem',
            name='is_blind',
            field=models.BooleanField(default=False, help_text='Shown without a drafted title.'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='outcome',
            field=models.CharField(choices=[('accepted', 'accepted as drafted'), ('edited', 'Edited'), ('rejected', 'Rejected'), ('written', 'written without seeing a draft')], max_length=10),
        ),
        migrations.AlterField(
            model_name='decision',
            name='title_edit',
            field=models.FloatField(help_text='Normalised Levenshtein distance from the draft, shown or not, 0 to 1.'),
        ),
        migrations.AddConstraint(
            model_name='reviewqueue',
            constraint=models.CheckConstraint(condition=models.Q(('blind_share__gte', 0.0), ('blind_share__lte', 1.0)), name='blind_items_are_a_share_of_the_random_ones'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.CheckConstraint(condition=models.Q(('is_blind', False), ('arm', 'random'), _connector='OR'), name='only_chance_hides_a_title'),
        ),
    ]
