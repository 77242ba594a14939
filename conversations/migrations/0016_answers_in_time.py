"""The share of answers in time is read by their moment."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """In a migration of its own, as it locks nobody out."""

    atomic = False
    dependencies = [("conversations", "0015_answered_in_time")]
    operations = [
        AddIndexConcurrently(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("target_at__isnull", False)),
                fields=["workspace", "created_at"],
                name="reply_in_time",
            ),
        ),
    ]
