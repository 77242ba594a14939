from django.db import migrations

from lib.sql import read_sql


class Migration(migrations.Migration):
    """A demo can be taken away, though facts and proofs are append-only for the app."""

    dependencies = [("workspaces", "0001_initial")]

    operations = [
        migrations.RunSQL(read_sql("workspaces/remove_demo_rows"), read_sql("workspaces/remove_demo_rows_undo"))
    ]
