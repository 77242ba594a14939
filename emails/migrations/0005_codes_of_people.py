from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Segments ask who got a code of an offer."""

    atomic = False
    dependencies = [("emails", "0004_library_feeds")]

    operations = [
        AddIndexConcurrently(
            model_name="offercode",
            index=models.Index(
                fields=["workspace", "pool", "contact"],
                condition=models.Q(contact__isnull=False),
                name="codes_of_people",
            ),
        ),
    ]
