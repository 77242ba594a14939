import django.db.models.deletion
import lib.clock
import workspaces.current
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):
    """What members begin to write to people, with its files."""

    dependencies = [
        ('contacts', '0014_shared_addresses_once'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.CreateModel(
                name='ComposerDraft',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user_id', models.BigIntegerField()),
                    ('way', models.CharField(max_length=20)),
                    ('said', models.JSONField(default=dict)),
                    ('updated_at', models.DateTimeField(default=lib.clock.now)),
                    ('contact', workspaces.owned.OwnedForeignKey(related_name='drafts', to='contacts.contact')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'contact', 'user_id', 'way'), name='one_draft_a_way'),
                        workspaces.owned.OwnedTable(name='contacts_composerdraft_owned'),
                        workspaces.owned.OwnedReference(field='contact', name='contacts_composerdraft_contact_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='DraftFile',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=120)),
                    ('content_type', models.CharField(max_length=80)),
                    ('size', models.PositiveIntegerField()),
                    ('data', models.BinaryField()),
                    ('created_at', models.DateTimeField(default=lib.clock.now)),
                    ('draft', workspaces.owned.OwnedForeignKey(related_name='files', to='contacts.composerdraft')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'draft'], name='draft_file'),
                    ],
                    'constraints': [
                        workspaces.owned.OwnedTable(name='contacts_draftfile_owned'),
                        workspaces.owned.OwnedReference(field='draft', name='contacts_draftfile_draft_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
        ]),
    ]
