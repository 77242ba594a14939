from django.db import migrations, models


class Migration(migrations.Migration):
    """Whom a row made is known also where the outcome says that they must not be written to; they go as the others do."""

    dependencies = [("imports", "0008_rows_of_people")]

    operations = [
        migrations.AddField("importedrow", "is_new", models.BooleanField(db_default=False, default=False)),
    ]
