from django.db import migrations

from lib.sql import read_sql


class Migration(migrations.Migration):
    dependencies = [("contacts", "0018_push_channel")]

    operations = [migrations.RunSQL(read_sql("contacts/keep_gone_values"), migrations.RunSQL.noop)]
