import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):
    """A message may ask whether it was them who signed up, in the language in which they did."""

    dependencies = [
        ('delivery', '0004_last_open'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name='content',
                name='language',
                field=models.CharField(blank=True, db_default='', default='', max_length=10, verbose_name='language'),
            ),
            migrations.AlterField(
                model_name='message',
                name='purpose',
                field=models.CharField(choices=[('marketing', 'Offer: sells or invites, only with their consent'), ('subscribed', 'Newsletter: a topic they subscribed to'), ('transactional', 'Notice: needed for an order or a contract'), ('confirmation', 'Confirmation: asks once whether it was them who signed up')], default='subscribed', max_length=14, verbose_name='kind of message'),
            ),
        ]),
    ]
