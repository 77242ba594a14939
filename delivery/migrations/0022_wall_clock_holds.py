from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """What stands is looked at without keeping writers waiting."""

    dependencies = [("delivery", "0021_wall_clock")]

    operations = [ValidateConstraint("message", "message_wall_in_range")]
