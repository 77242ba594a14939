from django.db import migrations, models


class Migration(migrations.Migration):
    """What a file overwrites of somebody's role at a company is kept, so that it can be taken back."""

    dependencies = [("contacts", "0010_notes")]

    operations = [
        migrations.AddField(
            "position", "earlier", models.JSONField(db_default=models.Value([], models.JSONField()), default=list)
        )
    ]
