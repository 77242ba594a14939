from django.db import migrations

from lib.sql import load_sql, read_sql


class Migration(migrations.Migration):
    """The words of erased people leave the ledger, though facts are append-only for the app."""

    dependencies = [("touchpoints", "0006_ledger_without_key"), ("contacts", "0004_fewer_indexes")]

    operations = [
        migrations.RunSQL(load_sql("touchpoints/erase_facts"), read_sql("touchpoints/erase_facts_undo")),
    ]
