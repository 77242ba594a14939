from django.db import migrations, models

from lib.sql import read_sql
from workspaces.owned import OwnedTable


class Migration(migrations.Migration):
    """A person's words are told by themselves; what is no number or moment stands in no index of those."""

    dependencies = [("contacts", "0003_duplicates")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(read_sql("contacts/key_of_terms"), read_sql("contacts/key_of_terms_undo"))],
            state_operations=[
                migrations.RemoveConstraint(model_name="searchterm", name="one_term_each"),
                migrations.RemoveConstraint(model_name="searchterm", name="contacts_searchterm_owned"),
                migrations.AddConstraint(
                    model_name="searchterm",
                    constraint=OwnedTable(name="contacts_searchterm_owned", key=("term", "contact_id")),
                ),
                migrations.RemoveIndex(model_name="fieldvalue", name="trait_number"),
                migrations.RemoveIndex(model_name="fieldvalue", name="trait_moment"),
                migrations.AddIndex(
                    model_name="fieldvalue",
                    index=models.Index(
                        fields=["workspace", "name", "number"],
                        condition=models.Q(number__isnull=False),
                        name="trait_number",
                    ),
                ),
                migrations.AddIndex(
                    model_name="fieldvalue",
                    index=models.Index(
                        fields=["workspace", "name", "moment"],
                        condition=models.Q(moment__isnull=False),
                        name="trait_moment",
                    ),
                ),
            ],
        )
    ]
