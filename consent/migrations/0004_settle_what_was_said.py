from typing import Any

from django.db import migrations

from lib.sql import read_sql

AT_ONCE = 5_000
NEXT = """SELECT id FROM contacts_contact c
  WHERE workspace_id = %(workspace)s AND id > %(after)s
    AND NOT EXISTS (SELECT FROM contacts_merged m WHERE m.workspace_id = %(workspace)s AND m.loser_id = c.id)
  ORDER BY id LIMIT %(limit)s"""


def settle_what_was_said(apps: Any, schema_editor: Any) -> None:
    """Every workspace's ledger becomes the words that count now, 5,000 people at a time."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM workspaces_workspace ORDER BY id")
        for (workspace,) in cursor.fetchall():
            cursor.execute("SELECT set_config('ecrm.workspace', %s, true)", [str(workspace)])
            _settle(cursor, {"workspace": workspace, "limit": AT_ONCE, "given": 1, "withdrawn": 2, "mail_channels": [1]})
        cursor.execute("SELECT set_config('ecrm.workspace', '', true)")


def _settle(cursor: Any, params: dict[str, Any]) -> None:
    after = 0
    while True:
        cursor.execute(NEXT, params | {"after": after})
        people = [row[0] for row in cursor.fetchall()]
        if not people:
            return
        cursor.execute(read_sql("consent/settle_words_at_first"), params | {"people": people})
        after = people[-1]


class Migration(migrations.Migration):
    """What counts now of all that was said so far. Apart from the table, whose rules stand only when its migration ends."""

    dependencies = [("consent", "0003_consent_now")]

    operations = [migrations.RunPython(settle_what_was_said, migrations.RunPython.noop)]
