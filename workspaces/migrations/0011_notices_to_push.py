from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What is unseen and was not pushed yet is found by its moment."""

    atomic = False
    dependencies = [("workspaces", "0010_notices_by_push")]

    operations = [
        AddIndexConcurrently(
            model_name="notice",
            index=models.Index(
                fields=["workspace", "created_at"],
                condition=models.Q(seen_at=None, pushed_at=None),
                name="notices_to_push",
            ),
        ),
    ]
