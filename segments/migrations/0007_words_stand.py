from django.db import migrations, models


class Migration(migrations.Migration):
    """A request to look again says whether the search has done so already."""

    dependencies = [("segments", "0006_fewer_member_indexes")]

    operations = [
        migrations.AddField(
            model_name="segmentrecheck",
            name="words_stand",
            field=models.BooleanField(db_default=False, default=False),
        )
    ]
