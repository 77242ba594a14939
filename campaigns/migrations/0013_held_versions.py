from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

import workspaces.owned

ONCE = models.UniqueConstraint(
    condition=models.Q(("variant_of__isnull", False)),
    fields=("workspace", "variant_of", "variant"),
    name="one_version_a_number",
)
HELD = workspaces.owned.OwnedReference(
    field="variant_of", name="campaigns_campaign_variant_of_id_own", on_delete="CASCADE"
)


class Migration(migrations.Migration):
    """A version has its number once and a campaign that is there. Nobody's writing waits for a look at what stands."""

    atomic = False
    dependencies = [("campaigns", "0012_experiments")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY one_version_a_number"
                    " ON campaigns_campaign (workspace_id, variant_of_id, variant) WHERE variant_of_id IS NOT NULL",
                    "DROP INDEX one_version_a_number",
                )
            ],
            [migrations.AddConstraint("campaign", ONCE)],
        ),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE campaigns_campaign ADD CONSTRAINT campaigns_campaign_variant_of_id_own"
                    " FOREIGN KEY (workspace_id, variant_of_id) REFERENCES campaigns_campaign (workspace_id, id)"
                    " ON DELETE CASCADE NOT VALID",
                    "ALTER TABLE campaigns_campaign DROP CONSTRAINT campaigns_campaign_variant_of_id_own",
                )
            ],
            [migrations.AddConstraint("campaign", HELD)],
        ),
        migrations.RunSQL(
            "ALTER TABLE campaigns_campaign VALIDATE CONSTRAINT campaigns_campaign_variant_of_id_own",
            migrations.RunSQL.noop,
        ),
        ValidateConstraint("campaign", "campaign_moment_in_range"),
    ]
