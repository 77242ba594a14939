from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Chunks that are not done, without a lock on all of them."""

    atomic = False
    dependencies = [
        ('delivery', '0008_engine'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='recipientchunk',
            index=models.Index(condition=models.Q(('is_done', False)), fields=['workspace', 'message', 'number'], name='chunk_open'),
        ),
    ]
