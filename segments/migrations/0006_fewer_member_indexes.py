from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Nobody asks for the segments of a person alone."""

    atomic = False
    dependencies = [("segments", "0005_recheck_by_batch")]

    operations = [RemoveIndexConcurrently(model_name="segmentmember", name="member_contact")]
