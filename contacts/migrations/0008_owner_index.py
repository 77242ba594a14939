from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whom a member looks after, without a lock on everybody."""

    atomic = False
    dependencies = [
        ('contacts', '0007_fields_owner_companies'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='contact',
            index=models.Index(condition=models.Q(('owner_id__isnull', False)), fields=['workspace', 'owner_id', 'id'], name='contact_owner'),
        ),
    ]
