from django.db import migrations

from lib.sql import read_sql


class Migration(migrations.Migration):
    """Scores are counted from the timeline's index alone."""

    dependencies = [("touchpoints", "0003_fewer_foreign_keys")]

    operations = [
        migrations.RunSQL(read_sql("touchpoints/timeline_covers"), read_sql("touchpoints/timeline_covers_undo"))
    ]
