from django.db import migrations, models

ONCE = models.UniqueConstraint(
    condition=models.Q(("undoes_id__isnull", False)), fields=("workspace", "undoes_id"), name="tracking_undone_once"
)


class Migration(migrations.Migration):
    """A word is undone once; who reads the ledger looks here for what is. Nobody's writing waits for the index."""

    atomic = False
    dependencies = [("consent", "0018_tracking_undone")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY tracking_undone_once ON consent_trackingconsent"
                    " (workspace_id, undoes_id) WHERE undoes_id IS NOT NULL",
                    "DROP INDEX tracking_undone_once",
                )
            ],
            [migrations.AddConstraint("trackingconsent", ONCE)],
        )
    ]
