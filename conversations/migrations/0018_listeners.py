import django.db.models.deletion
import workspaces.at_once
from django.db import migrations, models

import contacts.folding
import lib.clock
import workspaces.current
import workspaces.owned


class Migration(migrations.Migration):
    """Hashtags and words that connections listen to, and on a mention what found it."""

    dependencies = [
        ('conversations', '0017_forwards'),
        ('workspaces', '0008_notices'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.CreateModel(
                name='WatchedQuery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('hashtag', 'Hashtag'), ('words', 'Words')], max_length=8)),
                    ('query', models.CharField(max_length=120)),
                    ('folded', contacts.folding.FoldedField(max_length=120, of='query')),
                    ('cursor', models.JSONField(default=dict)),
                    ('due_at', models.DateTimeField(default=lib.clock.now)),
                    ('looked_at', models.DateTimeField(blank=True, null=True)),
                    ('failures', models.PositiveIntegerField(default=0)),
                    ('last_error', models.CharField(blank=True, max_length=300)),
                    ('created_at', models.DateTimeField(default=lib.clock.now)),
                    ('connection', workspaces.owned.OwnedForeignKey(related_name='watched', to='conversations.connection')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'ordering': ('folded',),
                    'base_manager_name': 'objects',
                    'constraints': [models.UniqueConstraint(fields=('workspace', 'connection', 'kind', 'folded'), name='watched_query_once'), workspaces.owned.OwnedTable(name='conversations_watchedquery_owned'), workspaces.owned.OwnedReference(field='connection', name='conversations_watchedquery_connection_id_own', on_delete='CASCADE')],
                },
            ),
            migrations.AddField(
                model_name='mention',
                name='found_by',
                field=models.CharField(blank=True, db_default='', default='', max_length=130),
            ),
        ]),
    ]
