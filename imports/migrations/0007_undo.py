import workspaces.at_once
from django.db import migrations, models

from lib.sql import read_sql

STATES = [
    ("mapping", "Waiting for its columns"),
    ("waiting", "Waiting for a worker"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("done", "Done"),
    ("failed", "Stopped"),
    ("counting", "Counting what undoing would do"),
    ("undoing", "Being undone"),
    ("undone", "Undone"),
]


class Migration(migrations.Migration):
    """What a file brought can be taken back: people it made are removed by the owner's function."""

    dependencies = [
        ("imports", "0006_ids_of_rows"),
        ("workspaces", "0006_machines"),
        ("contacts", "0009_history"),
        ("consent", "0015_undone"),
        ("touchpoints", "0006_ledger_without_key"),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                "importrun", "undo", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)
            ),
            migrations.AlterField(
                "importrun", "state", models.CharField(choices=STATES, default="mapping", max_length=10)
            ),
        ]),
        migrations.RunSQL(read_sql("imports/remove_imported"), read_sql("imports/remove_imported_undo")),
    ]
