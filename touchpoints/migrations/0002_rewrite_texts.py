from django.db import migrations

from lib.sql import load_sql, read_sql
from touchpoints.kinds import KINDS

WRITTEN = ("mention", "message", "review", "complaint")


class Migration(migrations.Migration):
    """What somebody took back can leave the ledger, though facts are append-only for the app."""

    dependencies = [("touchpoints", "0001_initial")]

    operations = [
        migrations.RunSQL(
            load_sql("touchpoints/rewrite_texts", kinds=", ".join(str(KINDS[key].code) for key in WRITTEN)),
            read_sql("touchpoints/rewrite_texts_undo"),
        )
    ]
