from django.db import migrations

from lib.sql import read_sql
from workspaces.owned import OwnedTable


class Migration(migrations.Migration):
    """What became of a row of a file is told by its run and line."""

    dependencies = [("imports", "0003_where_reading_goes_on"), ("workspaces", "0005_kept_figures")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(read_sql("imports/key_of_rows"), read_sql("imports/key_of_rows_undo"))],
            state_operations=[
                migrations.RemoveConstraint(model_name="importedrow", name="one_result_a_line"),
                migrations.RemoveConstraint(model_name="importedrow", name="imports_importedrow_run_id_own"),
                migrations.RemoveConstraint(model_name="importedrow", name="imports_importedrow_owned"),
                migrations.AddConstraint(
                    model_name="importedrow",
                    constraint=OwnedTable(name="imports_importedrow_owned", key=("run_id", "line")),
                ),
            ],
        )
    ]
