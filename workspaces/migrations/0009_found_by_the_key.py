from django.db import migrations

from lib.sql import read_sql


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0008_notices")]

    operations = [migrations.RunSQL(read_sql("workspaces/found_by_the_key"), migrations.RunSQL.noop)]
