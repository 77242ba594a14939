import workspaces.owned
from django.db import migrations

from lib.sql import read_sql


class Migration(migrations.Migration):
    """Recording holds the people of its facts; no foreign key does."""

    dependencies = [
        ("touchpoints", "0005_timeline_covers"),
    ]

    operations = [
        migrations.RunSQL(read_sql("touchpoints/ledger_without_key"), read_sql("touchpoints/ledger_without_key_undo")),
        migrations.AlterField(
            model_name="touchpoint",
            name="contact",
            field=workspaces.owned.OwnedForeignKey(in_database="NONE", related_name="touchpoints", to="contacts.contact"),
        ),
    ]
