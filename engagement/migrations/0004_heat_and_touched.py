from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
import lib.clock
import workspaces.current
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models


FILL = """UPDATE engagement_score s SET heat = h.heat FROM engagement_heat h
  WHERE h.workspace_id = s.workspace_id AND h.contact_id = s.contact_id"""


def fill_heat(apps: Any, schema_editor: Any) -> None:
    """Each score has the heat that stood apart so far."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM workspaces_workspace ORDER BY id")
        for (workspace,) in cursor.fetchall():
            cursor.execute("SELECT set_config('ecrm.workspace', %s, true)", [str(workspace)])
            cursor.execute(FILL)
        cursor.execute("SELECT set_config('ecrm.workspace', '', true)")


class Migration(migrations.Migration):

    dependencies = [
        ('engagement', '0003_score_audience'),
        ('workspaces', '0004_survey_tables'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name='score',
                name='heat',
                field=models.FloatField(db_default=0, default=0),
            ),
            migrations.CreateModel(
                name='Touched',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('contact_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField())),
                    ('at', models.DateTimeField(default=lib.clock.now)),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'constraints': [workspaces.owned.OwnedTable(name='engagement_touched_owned')],
                },
            ),
        ]),
        migrations.RunPython(fill_heat, migrations.RunPython.noop),
    ]
