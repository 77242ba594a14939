import django.db.models.deletion
import workspaces.current
import workspaces.owned
from django.db import migrations, models
from lib.sql import load_sql, read_sql


FORGET = load_sql("portal/forget_unconfirmed", asked="0", confirmed="1", requested="0", open_days="7")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('consent', '0010_sign_up_forms'),
        ('delivery', '0005_confirmations'),
        ('workspaces', '0005_kept_figures'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConfirmationEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=10)),
                ('message', workspaces.owned.OwnedForeignKey(related_name='+', to='delivery.message')),
                ('sender', workspaces.owned.OwnedForeignKey(related_name='+', to='delivery.sender')),
                ('version', workspaces.owned.OwnedForeignKey(related_name='+', to='consent.formversion')),
                ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('workspace', 'version', 'sender', 'language'), name='one_confirmation_email'), workspaces.owned.OwnedTable(name='portal_confirmationemail_owned'), workspaces.owned.OwnedReference(field='version', name='portal_confirmationemail_version_id_own', on_delete='CASCADE'), workspaces.owned.OwnedReference(field='sender', name='portal_confirmationemail_sender_id_own', on_delete='CASCADE'), workspaces.owned.OwnedReference(field='message', name='portal_confirmationemail_message_id_own', on_delete='CASCADE')],
            },
        ),
        migrations.RunSQL(FORGET, read_sql("portal/forget_unconfirmed_undo")),
    ]
