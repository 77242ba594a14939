from django.db import migrations

from lib.sql import load_sql

TABLE = "contacts_searchterm"


class Migration(migrations.Migration):
    """Ids that nobody reads are drawn by hundreds."""

    dependencies = [("contacts", "0005_held_as_sets")]

    operations = [
        migrations.RunSQL(
            load_sql("workspaces/ids_by_hundreds", table=TABLE), load_sql("workspaces/ids_by_hundreds_undo", table=TABLE)
        )
    ]
