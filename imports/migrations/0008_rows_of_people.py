from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Which files named somebody is found by an index."""

    atomic = False
    dependencies = [("imports", "0007_undo")]

    operations = [
        AddIndexConcurrently(
            "importedrow",
            models.Index(
                condition=models.Q(("contact_id_made__isnull", False)),
                fields=["workspace", "contact_id_made"],
                name="row_contact",
            ),
        )
    ]
