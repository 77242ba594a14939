from django.db import migrations

from lib.sql import load_sql, read_sql


class Migration(migrations.Migration):
    """What people looked at is kept no longer than the workspace says."""

    dependencies = [("touchpoints", "0007_erase_facts")]

    operations = [
        migrations.RunSQL(load_sql("touchpoints/forget_pages"), read_sql("touchpoints/forget_pages_undo")),
    ]
