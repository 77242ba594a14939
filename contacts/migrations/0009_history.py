import datetime
import django.db.models.deletion
import lib.clock
import workspaces.current
import workspaces.held_as_set
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models

from lib.sql import load_sql, read_sql

FIELDS = (
    "name", "given_name", "family_name", "email", "language", "city", "country", "zone", "contact_frequency",
    "dialogue_mode", "paused_until", "is_profiled", "owner_id",
)  # fmt: skip


def _one(name: str) -> str:
    pair = f"jsonb_build_object('{name}', jsonb_build_array(o.{name}, f.{name}))"
    return f"    CASE WHEN o.{name} IS DISTINCT FROM f.{name} THEN {pair} ELSE '{{}}'::jsonb END"


KEEP = load_sql(
    "contacts/keep_history",
    pairs="\n    || ".join(_one(name).strip() for name in FIELDS),
    was=", ".join(f"o.{name}" for name in FIELDS),
    fresh=", ".join(f"f.{name}" for name in FIELDS),
)
ERASE = load_sql("contacts/erase_history", names=", ".join(f"'{name}'" for name in (*FIELDS, "phone")))


class Migration(migrations.Migration):
    """What changes of people is kept, whoever writes it; of the erased without the values."""


    dependencies = [
        ('contacts', '0008_owner_index'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name='tag',
                name='source',
                field=models.CharField(blank=True, db_default='', default='', max_length=80),
            ),
            migrations.CreateModel(
                name='FieldChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(default=lib.clock.now)),
                    ('by_id', models.BigIntegerField(blank=True, null=True)),
                    ('source', models.CharField(blank=True, max_length=120)),
                    ('changes', models.JSONField(default=dict)),
                    ('contact', workspaces.owned.OwnedForeignKey(as_set=True, in_database='NO ACTION', related_name='field_changes', to='contacts.contact')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [models.Index(fields=['workspace', 'contact', '-id'], name='field_change_of')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('at__gte', datetime.datetime(1900, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('at__lt', datetime.datetime(2201, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)))), name='field_change_in_range'), workspaces.owned.OwnedTable(name='contacts_fieldchange_owned')],
                },
            ),
        ]),
        migrations.AddConstraint(
            model_name='fieldchange',
            constraint=workspaces.held_as_set.OwnedSetReference(field='contact', name='contacts_fieldchange_contact_id_own', on_delete='NO ACTION'),
        ),
        migrations.RunSQL(KEEP, read_sql("contacts/keep_history_undo")),
        migrations.RunSQL(ERASE, read_sql("contacts/erase_history_undo")),
    ]
