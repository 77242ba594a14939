from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The few mentions that somebody corrected stand in an index of their own; made while the inbox goes on."""

    atomic = False

    dependencies = [
        ('conversations', '0026_learnt_feelings'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='mention',
            index=models.Index(condition=models.Q(('corrected_at__isnull', False)), fields=['workspace', 'language', 'corrected_at'], name='mention_corrected'),
        ),
    ]
