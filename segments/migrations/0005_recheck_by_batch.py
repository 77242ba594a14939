from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from lib.sql import read_sql


class Migration(migrations.Migration):
    """Whom segments must look at again stands in one row a batch."""

    dependencies = [("segments", "0004_filling")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    read_sql("segments/recheck_by_batch"), read_sql("segments/recheck_by_batch_undo")
                )
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="segmentrecheck", name="recheck_once"),
                migrations.RemoveField(model_name="segmentrecheck", name="contact"),
                migrations.AddField(
                    model_name="segmentrecheck",
                    name="contact_ids",
                    field=ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
                    preserve_default=False,
                ),
            ],
        )
    ]
