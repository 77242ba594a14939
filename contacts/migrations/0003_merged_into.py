from typing import Any

from django.db import migrations

import workspaces.owned


def everybody_was_joined_to_who_stands_for_them(apps: Any, schema_editor: Any) -> None:
    """The chains of old were flat: whom somebody was joined to first is not known any more."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM workspaces_workspace ORDER BY id")
        for (workspace,) in cursor.fetchall():
            cursor.execute("SELECT set_config('ecrm.workspace', %s, true)", [str(workspace)])
            cursor.execute(
                "UPDATE contacts_merged SET into_id = survivor_id WHERE workspace_id = %s AND into_id IS NULL", [workspace]
            )
        cursor.execute("SELECT set_config('ecrm.workspace', '', true)")


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_fewer_foreign_keys")]

    operations = [
        migrations.AddField(
            model_name="merged",
            name="into",
            field=workspaces.owned.OwnedForeignKey(null=True, related_name="+", to="contacts.contact"),
        ),
        migrations.RunPython(everybody_was_joined_to_who_stands_for_them, migrations.RunPython.noop),
    ]
