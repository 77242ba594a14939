import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):
    """A word about measuring may be undone by a row that names it; what files say stands apart from what people say."""

    dependencies = [("consent", "0017_interests")]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField("trackingconsent", "from_file", models.BooleanField(db_default=False, default=False)),
            migrations.AddField("trackingconsent", "undoes_id", models.BigIntegerField(blank=True, null=True)),
        ]),
    ]
