import django.contrib.postgres.fields
import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workspaces', '0011_notices_to_push'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name='memberbrowser',
                name='again_at',
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='memberbrowser',
                name='tries',
                field=models.PositiveSmallIntegerField(db_default=0, default=0),
            ),
            migrations.AddField(
                model_name='memberbrowser',
                name='waiting',
                field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=[], default=list),
            ),
        ]),
    ]
