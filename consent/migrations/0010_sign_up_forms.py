import django.contrib.postgres.fields
import django.db.models.deletion
import lib.clock
import workspaces.current
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):
    """Forms by which people sign up, their versions, and what was asked for."""

    dependencies = [
        ('consent', '0008_erase_proofs'),
        ('contacts', '0004_fewer_indexes'),
        ('workspaces', '0005_kept_figures'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.CreateModel(
                name='SignUpForm',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80, verbose_name='name')),
                    ('slug', models.SlugField(max_length=60, verbose_name='address')),
                    ('language', models.CharField(choices=[('en', 'English'), ('de', 'Deutsch')], default='en', max_length=10, verbose_name='language')),
                    ('allowed_origins', models.TextField(blank=True, verbose_name='sites that may show it')),
                    ('days_kept', models.PositiveSmallIntegerField(default=7, verbose_name='days until who does not confirm is forgotten')),
                    ('archived_at', models.DateTimeField(blank=True, null=True)),
                    ('created_at', models.DateTimeField(default=lib.clock.now)),
                    ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'ordering': ('name', 'id'),
                    'base_manager_name': 'objects',
                    'constraints': [models.UniqueConstraint(fields=('workspace', 'slug'), name='sign_up_form_address'), workspaces.owned.OwnedTable(name='consent_signupform_owned')],
                },
            ),
            migrations.CreateModel(
                name='FormVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField(default=0)),
                    ('texts', models.JSONField(default=dict)),
                    ('questions', models.JSONField(default=list)),
                    ('topic_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                    ('asks_tracking', models.BooleanField(default=False, verbose_name='asks about measuring opens')),
                    ('role', models.SmallIntegerField(blank=True, choices=[(1, 'Customer'), (2, 'Prospect'), (3, 'Influencer'), (4, 'Employee'), (5, 'Critic')], null=True, verbose_name='role of who confirms')),
                    ('tag', models.CharField(blank=True, max_length=60, verbose_name='tag of who confirms')),
                    ('published_at', models.DateTimeField(blank=True, null=True)),
                    ('published_by_id', models.BigIntegerField(blank=True, null=True)),
                    ('form', workspaces.owned.OwnedForeignKey(related_name='versions', to='consent.signupform')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'ordering': ('form', '-number'),
                    'base_manager_name': 'objects',
                    'constraints': [models.UniqueConstraint(fields=('workspace', 'form', 'number'), name='form_version_number'), workspaces.owned.OwnedTable(name='consent_formversion_owned'), workspaces.owned.OwnedReference(field='form', name='consent_formversion_form_id_own', on_delete='CASCADE')],
                },
            ),
            migrations.CreateModel(
                name='SignUp',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.SmallIntegerField(choices=[(0, 'asked'), (1, 'confirmed'), (2, 'not them'), (3, 'forgotten')], default=0)),
                    ('made_contact', models.BooleanField(default=False)),
                    ('address', models.CharField(blank=True, max_length=254)),
                    ('said', models.JSONField(default=dict)),
                    ('topic_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                    ('tracking', models.SmallIntegerField(blank=True, choices=[(0, 'nothing'), (1, 'the day of the last open'), (2, 'opens and clicks')], null=True)),
                    ('way', models.CharField(choices=[('page', 'Its own page'), ('embedded', 'On your own page'), ('code', 'QR code')], default='page', max_length=8)),
                    ('page', models.CharField(blank=True, max_length=300)),
                    ('language', models.CharField(blank=True, max_length=10)),
                    ('ip', models.GenericIPAddressField(blank=True, null=True)),
                    ('agent', models.CharField(blank=True, max_length=300)),
                    ('asked_at', models.DateTimeField(default=lib.clock.now)),
                    ('decided_at', models.DateTimeField(blank=True, null=True)),
                    ('contact', workspaces.owned.OwnedForeignKey(blank=True, in_database='NO ACTION', null=True, related_name='sign_ups', to='contacts.contact')),
                    ('version', workspaces.owned.OwnedForeignKey(in_database='NO ACTION', related_name='sign_ups', to='consent.formversion')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                    ('form', workspaces.owned.OwnedForeignKey(in_database='NO ACTION', related_name='sign_ups', to='consent.signupform')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [models.Index(fields=['workspace', 'address', '-asked_at'], name='sign_up_address'), models.Index(fields=['workspace', 'form', 'asked_at'], name='sign_up_form'), models.Index(fields=['workspace', 'contact'], name='sign_up_contact'), models.Index(condition=models.Q(('state', 0)), fields=['workspace', 'asked_at'], name='sign_up_waiting')],
                    'constraints': [workspaces.owned.OwnedTable(name='consent_signup_owned'), workspaces.owned.OwnedReference(field='form', name='consent_signup_form_id_own', on_delete='NO ACTION'), workspaces.owned.OwnedReference(field='version', name='consent_signup_version_id_own', on_delete='NO ACTION'), workspaces.owned.OwnedReference(field='contact', name='consent_signup_contact_id_own', on_delete='NO ACTION')],
                },
            ),
        ]),
    ]
