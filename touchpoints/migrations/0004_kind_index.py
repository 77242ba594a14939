from django.db import migrations

from lib.sql import read_sql


class Migration(migrations.Migration):
    """Moments of a kind are counted from an index alone, those of people apart from those of machines."""

    dependencies = [
        ('touchpoints', '0003_fewer_foreign_keys'),
    ]

    operations = [
        migrations.RunSQL(read_sql("touchpoints/kind_index"), read_sql("touchpoints/kind_index_undo")),
    ]
