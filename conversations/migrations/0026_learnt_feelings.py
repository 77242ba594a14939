import django.db.models.deletion
import lib.clock
import workspaces.current
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):
    """What corrections taught, and when somebody corrected a mention."""

    dependencies = [
        ('conversations', '0025_complaining_authors'),
        ('workspaces', '0008_notices'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.CreateModel(
                name='LearntFeelings',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('language', models.CharField(max_length=10)),
                    ('version', models.PositiveIntegerField()),
                    ('state', models.CharField(choices=[('used', 'In use'), ('before', 'In use before'), ('worse', 'Not better, so not used'), ('undone', 'Taken back')], max_length=8)),
                    ('weights', models.BinaryField()),
                    ('taught_count', models.PositiveIntegerField()),
                    ('left_count', models.PositiveIntegerField()),
                    ('figures', models.JSONField(default=dict)),
                    ('learnt_until', models.DateTimeField()),
                    ('created_at', models.DateTimeField(default=lib.clock.now)),
                    ('changed_by_id', models.BigIntegerField(blank=True, null=True)),
                    ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'ordering': ('-version',),
                    'base_manager_name': 'objects',
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'language', 'version'), name='learnt_version'),
                        models.UniqueConstraint(condition=models.Q(('state', 'used')), fields=('workspace', 'language'), name='one_learnt_in_use'),
                        workspaces.owned.OwnedTable(name='conversations_learntfeelings_owned'),
                    ],
                },
            ),
            migrations.AddField(
                model_name='mention',
                name='corrected_at',
                field=models.DateTimeField(blank=True, null=True),
            ),
        ]),
    ]
