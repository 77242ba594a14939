from django.db import migrations, models

from lib.sql import read_sql

GOES = read_sql("imports/remove_imported_undo")


class Migration(migrations.Migration):
    """Whom a row made is known also where the outcome says that they must not be written to; they go as the others do."""

    dependencies = [("imports", "0008_rows_of_people")]

    operations = [
        migrations.AddField("importedrow", "is_new", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(
            [GOES, read_sql("imports/remove_all_imported")],
            [GOES, read_sql("imports/remove_imported")],
        ),
    ]
