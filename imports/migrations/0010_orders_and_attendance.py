import django.db.models.deletion
import workspaces.current
import workspaces.held_as_set
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models

from lib.sql import load_sql, read_sql


class Migration(migrations.Migration):
    """Files of orders and of attendance: what each says of an order or a visit, and the facts that stand for it."""

    dependencies = [
        ('contacts', '0011_roles_overwritten'),
        ('imports', '0009_whom_a_row_made'),
        ('touchpoints', '0008_forget_pages'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name='importrun',
                name='about',
                field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
            ),
            migrations.AddField(
                model_name='importrun',
                name='holds',
                field=models.CharField(choices=[('people', 'people'), ('orders', 'orders'), ('attendance', 'event attendance')], db_default='people', default='people', max_length=10),
            ),
            migrations.AlterField(
                model_name='importedrow',
                name='outcome',
                field=models.CharField(choices=[('created', 'New'), ('updated', 'Changed'), ('same', 'Same as before'), ('suppressed', 'Suppressed'), ('duplicate', 'Twice in the file'), ('nobody', 'Nobody we know'), ('nothing', 'Nothing to record'), ('invalid', 'Not usable')], max_length=10),
            ),
            migrations.AlterField(
                model_name='importrun',
                name='mode',
                field=models.CharField(choices=[('upsert', 'Create and update people'), ('create', 'Create new people only'), ('suppress', 'Suppress (“do not contact”): the addresses in this file'), ('unsubscribe', 'Unsubscribed: withdraw their consent'), ('record', 'Record; make contacts of unknown people'), ('known', 'Record for known people only')], default='upsert', max_length=12),
            ),
            migrations.CreateModel(
                name='ImportedRecord',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.UUIDField()),
                    ('line', models.PositiveIntegerField()),
                    ('said', models.JSONField(default=dict)),
                    ('contact', workspaces.owned.OwnedForeignKey(as_set=True, null=True, related_name='imported_records', to='contacts.contact')),
                    ('run', workspaces.owned.OwnedForeignKey(as_set=True, related_name='records', to='imports.importrun')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [models.Index(fields=['workspace', 'run', 'key'], name='record_of_run'), models.Index(fields=['workspace', 'contact'], name='record_of_contact')],
                    'constraints': [workspaces.owned.OwnedTable(key=('key', 'run_id'), name='imports_importedrecord_owned')],
                },
            ),
        ]),
        # Apart from the table, so that going back takes their functions away too.
        workspaces.at_once.AtOnce([
            *[
                migrations.AddConstraint(
                    model_name='importedrecord',
                    constraint=workspaces.held_as_set.OwnedSetReference(
                        field=field, name=f'imports_importedrecord_{field}_id_own', on_delete='CASCADE'
                    ),
                )
                for field in ('run', 'contact')
            ],
            migrations.CreateModel(
                name='StandingFact',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.UUIDField()),
                    ('part', models.CharField(max_length=20)),
                    ('touchpoint_id', models.UUIDField()),
                    ('digest', models.UUIDField()),
                    ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [models.Index(fields=['workspace', 'touchpoint_id'], name='standing_fact')],
                    'constraints': [workspaces.owned.OwnedTable(key=('key', 'part'), name='imports_standingfact_owned')],
                },
            ),
        ]),
        *[
            migrations.RunSQL(
                load_sql('workspaces/ids_by_hundreds', table=table), load_sql('workspaces/ids_by_hundreds_undo', table=table)
            )
            for table in ('imports_importedrecord', 'imports_standingfact')
        ],
        migrations.RunSQL(
            read_sql('imports/remove_imported_with_facts'),
            [read_sql('imports/remove_imported_undo'), read_sql('imports/remove_imported')],
        ),
    ]
