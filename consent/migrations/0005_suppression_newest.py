from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The suppression list is read by reason, newest first."""

    atomic = False
    dependencies = [("consent", "0004_settle_what_was_said")]

    operations = [
        AddIndexConcurrently(
            model_name="suppression",
            index=models.Index(fields=["workspace", "reason", "-at", "-id"], name="suppression_newest"),
        ),
    ]
