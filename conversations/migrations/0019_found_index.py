from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The few mentions that a listener found stand in an index of their own; made while the inbox goes on."""

    atomic = False

    dependencies = [
        ('conversations', '0018_listeners'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='mention',
            index=models.Index(condition=models.Q(('found_by', ''), _negated=True), fields=['workspace', 'conversation'], name='mention_found'),
        ),
    ]
