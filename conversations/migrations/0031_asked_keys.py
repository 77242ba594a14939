import django.contrib.postgres.fields
import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0030_thumbnails_and_pieces'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name='answerdraft',
                name='asked_keys',
                field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, db_default=[], default=list),
            ),
            migrations.AddField(
                model_name='reply',
                name='asked_keys',
                field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, db_default=[], default=list),
            ),
        ]),
    ]
