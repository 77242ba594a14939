from django.db import migrations

from lib.sql import load_sql, read_sql


class Migration(migrations.Migration):
    """Where and with what erased people agreed leaves the proofs, though they are append-only for the app."""

    dependencies = [("consent", "0006_tracking"), ("contacts", "0004_fewer_indexes")]

    operations = [migrations.RunSQL(load_sql("consent/erase_proofs"), read_sql("consent/erase_proofs_undo"))]
