import json
from typing import Any

import workspaces.at_once
from django.db import migrations, models

from contacts.companies.searching import terms_of_company
from lib.sql import array_of, read_sql

AT_ONCE = 1_000
NEXT = """SELECT k.id, k.name, array(SELECT d.domain::text FROM contacts_companydomain d
                                WHERE d.workspace_id = k.workspace_id AND d.company_id = k.id)
  FROM contacts_company k
  WHERE k.workspace_id = %(workspace)s AND k.merged_into_id IS NULL AND k.id > %(after)s
  ORDER BY k.id LIMIT %(limit)s"""


def find_older_companies(apps: Any, schema_editor: Any) -> None:
    """Companies that were there before they had words are found by them, 1,000 at a time."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM workspaces_workspace ORDER BY id")
        for (workspace,) in cursor.fetchall():
            cursor.execute("SELECT set_config('ecrm.workspace', %s, true)", [str(workspace)])
            _find(cursor, workspace)
        cursor.execute("SELECT set_config('ecrm.workspace', '', true)")


def _find(cursor: Any, workspace: int) -> None:
    after = 0
    while True:
        cursor.execute(NEXT, {"workspace": workspace, "after": after, "limit": AT_ONCE})
        companies = cursor.fetchall()
        if not companies:
            return
        after = companies[-1][0]
        pairs = [(pk, term) for pk, name, domains in companies for term in sorted(terms_of_company(name, domains))]
        params = {
            "workspace": workspace,
            "companies": array_of(pk for pk, _name, _domains in companies),
            "ids": array_of(pk for pk, _term in pairs),
            "terms": json.dumps([term for _pk, term in pairs]),
        }
        cursor.execute(read_sql("contacts/keep_company_terms"), params)


class Migration(migrations.Migration):
    """Changes of many may fail, with their reason; companies older than their words are found by them."""

    dependencies = [
        ('contacts', '0016_long_changes'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name='longchange',
                name='tries',
                field=models.PositiveSmallIntegerField(db_default=0, default=0),
            ),
            migrations.AddField(
                model_name='longchange',
                name='trouble',
                field=models.CharField(blank=True, db_default='', default='', max_length=200),
            ),
            migrations.AlterField(
                model_name='longchange',
                name='state',
                field=models.SmallIntegerField(choices=[(0, 'running'), (1, 'done'), (2, 'failed')], default=0),
            ),
        ]),
        migrations.RunPython(find_older_companies, migrations.RunPython.noop),
    ]
