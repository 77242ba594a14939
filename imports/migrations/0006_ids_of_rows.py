from django.db import migrations

from lib.sql import load_sql

TABLE = "imports_importedrow"


class Migration(migrations.Migration):
    """Ids that nobody reads are drawn by hundreds."""

    dependencies = [("imports", "0005_tracking")]

    operations = [
        migrations.RunSQL(
            load_sql("workspaces/ids_by_hundreds", table=TABLE), load_sql("workspaces/ids_by_hundreds_undo", table=TABLE)
        )
    ]
