import django.db.models.deletion
from django.db import migrations, models

from lib.sql import read_sql


class Migration(migrations.Migration):
    """A demo can be taken away, though facts and proofs are append-only for the app."""

    dependencies = [("workspaces", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Demo",
            fields=[
                (
                    "workspace",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        primary_key=True,
                        related_name="demo",
                        serialize=False,
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={"verbose_name": "demo"},
        ),
        migrations.RunSQL(read_sql("workspaces/mark_demo"), "DROP FUNCTION mark_demo()"),
        migrations.RunSQL(read_sql("workspaces/remove_demo_rows"), read_sql("workspaces/remove_demo_rows_undo"))
    ]
