import workspaces.at_once
from django.db import migrations, models

STATES = [(0, "requested"), (1, "given"), (2, "withdrawn"), (3, "undone: as if never said")]


class Migration(migrations.Migration):
    """A word may be undone by a row that names it; who asked for an address to be suppressed is noted beside it."""

    dependencies = [("consent", "0014_topics_end"), ("contacts", "0009_history")]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField("consent", "undoes_id", models.BigIntegerField(blank=True, null=True)),
            migrations.AddField(
                "suppression",
                "asked_by",
                models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
            ),
            migrations.AlterField("consent", "state", models.SmallIntegerField(choices=STATES)),
            migrations.AlterField("consentnow", "state", models.SmallIntegerField(choices=STATES)),
        ]),
    ]
