import workspaces.at_once
from django.db import migrations, models

WHY = [
    ("hand", "a colleague said so"),
    ("role", "the mailbox of a function, not of a person"),
    ("noticed", "people with different customer numbers use it"),
]


class Migration(migrations.Migration):
    """An address may be shared: since when, why, and by whose word."""

    dependencies = [("contacts", "0012_company_terms")]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField("identity", "shared_key", models.BigIntegerField(db_default=0, default=0, editable=False)),
            migrations.AddField("identity", "shared_since", models.DateTimeField(blank=True, null=True)),
            migrations.AddField(
                "identity",
                "shared_why",
                models.CharField(blank=True, choices=WHY, db_default="", default="", max_length=8),
            ),
            migrations.AddField(
                "identity", "shared_by", models.CharField(blank=True, db_default="", default="", max_length=120)
            ),
        ]),
    ]
