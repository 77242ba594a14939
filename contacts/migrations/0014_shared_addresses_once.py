from django.db import migrations, models

ONE = models.UniqueConstraint(
    fields=["workspace", "kind", "value", "shared_key"], include=["id", "contact"], name="identity_tells_one"
)
BEFORE = "ON contacts_identity (workspace_id, kind, value) INCLUDE (id, contact_id)"


class Migration(migrations.Migration):
    """An identity belongs to one contact unless it is shared; nobody's writing waits for the index."""

    atomic = False
    dependencies = [("contacts", "0013_shared_addresses")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY identity_tells_one ON contacts_identity"
                    " (workspace_id, kind, value, shared_key) INCLUDE (id, contact_id)",
                    "DROP INDEX identity_tells_one",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY identity_belongs_to_one",
                    f"CREATE UNIQUE INDEX CONCURRENTLY identity_belongs_to_one {BEFORE}",
                ),
            ],
            [
                migrations.RemoveConstraint("identity", "identity_belongs_to_one"),
                migrations.AddConstraint("identity", ONE),
            ],
        )
    ]
