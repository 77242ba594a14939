from django.db import migrations, models

from lib.sql import read_sql


class Migration(migrations.Migration):
    """A mailbox that stays closed says so of its test; who asked for one stands in the audit log alone."""

    dependencies = [("deliverability", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(read_sql("deliverability/without_asker"), read_sql("deliverability/without_asker_undo"))
            ],
            state_operations=[migrations.RemoveField(model_name="seedtest", name="by_id")],
        ),
        migrations.AlterField(
            model_name="seedtest",
            name="place",
            field=models.CharField(
                choices=[
                    ("sending", "being sent"),
                    ("waiting", "not arrived yet"),
                    ("inbox", "Inbox"),
                    ("junk", "Junk"),
                    ("elsewhere", "Another folder"),
                    ("missing", "Never arrived"),
                    ("failed", "Could not be sent"),
                    ("unread", "Mailbox could not be read"),
                ],
                default="sending",
                max_length=10,
            ),
        ),
    ]
