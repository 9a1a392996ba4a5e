import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('review', '0004_blind_items'),
        ('training', '0003_category_paths'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='trainingrun',
            name='one_run_of_a_method_and_scope_at_a_time',
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('cancelling', 'being cancelled'), ('cancelled', 'Cancelled'), ('done', 'done: passed the gate, waits for promotion by hand'), ('promoted', 'done: passed the gate and serves'), ('refused', 'done: refused by the gate'), ('nothing', 'done: nothing new to learn'), ('failed', 'Failed')], default='queued', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='trainingrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running', 'cancelling'])), fields=('method', 'scope'), name='one_run_of_a_method_and_scope_at_a_time'),
        ),
        migrations.CreateModel(
            name='FrozenGolden',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('titler', 'titler'), ('tagger', 'tagger'), ('categorizer', 'categorizer')], max_length=20)),
                ('scope', models.CharField(max_length=60)),
                ('frozen_at', models.DateTimeField(auto_now_add=True)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.decision')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'scope', 'decision'), name='a_decision_is_frozen_once_for_a_scope')],
            },
        ),
    ]
