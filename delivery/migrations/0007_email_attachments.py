import django.db.models.deletion
import workspaces.current
import workspaces.owned
from django.db import migrations, models


class Migration(migrations.Migration):
    """Files that go with an email of one of us to one person."""

    dependencies = [
        ('delivery', '0006_personal_emails'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        migrations.CreateModel(
            name='EmailAttachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('content_type', models.CharField(max_length=80)),
                ('size', models.PositiveIntegerField()),
                ('data', models.BinaryField()),
                ('email', workspaces.owned.OwnedForeignKey(related_name='attachments', to='delivery.personalemail')),
                ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['workspace', 'email'], name='email_attachment')],
                'constraints': [workspaces.owned.OwnedTable(name='delivery_emailattachment_owned'), workspaces.owned.OwnedReference(field='email', name='delivery_emailattachment_email_id_own', on_delete='CASCADE')],
            },
        ),
    ]
