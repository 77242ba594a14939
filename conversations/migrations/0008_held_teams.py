from django.db import migrations

import workspaces.owned

HELD = workspaces.owned.OwnedReference(
    field="team", name="conversations_connection_team_id_own", on_delete="NO ACTION"
)


class Migration(migrations.Migration):
    """A connection's team is one that is there. Nobody's writing waits for a look at what stands."""

    atomic = False
    dependencies = [("conversations", "0007_teams")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE conversations_connection ADD CONSTRAINT conversations_connection_team_id_own"
                    " FOREIGN KEY (workspace_id, team_id) REFERENCES conversations_team (workspace_id, id)"
                    " ON DELETE NO ACTION NOT VALID",
                    "ALTER TABLE conversations_connection DROP CONSTRAINT conversations_connection_team_id_own",
                )
            ],
            [migrations.AddConstraint("connection", HELD)],
        ),
        migrations.RunSQL(
            "ALTER TABLE conversations_connection VALIDATE CONSTRAINT conversations_connection_team_id_own",
            migrations.RunSQL.noop,
        ),
    ]
