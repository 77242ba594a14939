from django.db import migrations

from lib.sql import read_sql


class Migration(migrations.Migration):
    """The app can let the owner count a table anew for the planner."""

    dependencies = [("workspaces", "0003_audit_seal")]

    operations = [migrations.RunSQL(read_sql("workspaces/survey_tables"), read_sql("workspaces/survey_tables_undo"))]
