import contacts.folding
import datetime
import django.db.models.deletion
import lib.clock
import workspaces.current
import workspaces.held_as_set
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):
    """Custom fields that somebody declared, who looks after whom, and companies with the role that people play there."""

    dependencies = [
        ('contacts', '0006_ids_of_terms'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.CreateModel(
                name='Company',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('folded', contacts.folding.FoldedField(max_length=200, of='name')),
                    ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                    ('created_at', models.DateTimeField(default=lib.clock.now)),
                    ('merged_into', workspaces.owned.OwnedForeignKey(blank=True, null=True, related_name='+', to='contacts.company')),
                    ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'verbose_name': 'company',
                    'verbose_name_plural': 'companies',
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'merged_into'], name='company_merged_into'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('merged_into', None)), fields=('workspace', 'folded'), name='one_company_of_a_name'),
                        workspaces.owned.OwnedTable(name='contacts_company_owned'),
                        workspaces.owned.OwnedReference(field='merged_into', name='contacts_company_merged_into_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CompanyDomain',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('domain', models.CharField(max_length=253)),
                    ('company', workspaces.owned.OwnedForeignKey(related_name='domains', to='contacts.company')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'company'], name='domain_company'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'domain'), name='domain_belongs_to_one_company'),
                        workspaces.owned.OwnedTable(name='contacts_companydomain_owned'),
                        workspaces.owned.OwnedReference(field='company', name='contacts_companydomain_company_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='FieldDefinition',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80, verbose_name='key')),
                    ('folded', contacts.folding.FoldedField(max_length=80, of='name')),
                    ('label', models.CharField(max_length=80, verbose_name='label')),
                    ('type', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('yes_no', 'Yes or no'), ('choice', 'Choice')], default='text', max_length=8, verbose_name='type')),
                    ('choices', models.JSONField(blank=True, default=list)),
                    ('help_line', models.CharField(blank=True, max_length=200, verbose_name='help line')),
                    ('position', models.PositiveIntegerField(default=0)),
                    ('archived_at', models.DateTimeField(blank=True, null=True)),
                    ('created_at', models.DateTimeField(default=lib.clock.now)),
                    ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'folded'), name='one_field_of_a_name'),
                        workspaces.owned.OwnedTable(name='contacts_fielddefinition_owned'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Position',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('role_there', models.CharField(blank=True, max_length=120, verbose_name='role there')),
                    ('source', models.CharField(blank=True, db_default='', default='', max_length=80)),
                    ('since', models.DateField(blank=True, null=True, verbose_name='since')),
                    ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                    ('first_at', models.DateTimeField(default=lib.clock.now)),
                    ('created_at', models.DateTimeField(default=lib.clock.now)),
                    ('company', workspaces.owned.OwnedForeignKey(related_name='positions', to='contacts.company')),
                    ('contact', workspaces.owned.OwnedForeignKey(as_set=True, related_name='positions', to='contacts.contact')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'company', 'contact'], name='position_company'),
                        models.Index(fields=['workspace', 'contact'], name='position_contact'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('until', None)), fields=('workspace', 'contact', 'company'), name='once_at_a_company'),
                        models.CheckConstraint(condition=models.Q(models.Q(('since__gte', datetime.date(1900, 1, 1)), ('since__lt', datetime.date(2201, 1, 1))), models.Q(('until__gte', datetime.date(1900, 1, 1)), ('until__lt', datetime.date(2201, 1, 1)))), name='position_days_in_range'),
                        workspaces.owned.OwnedTable(name='contacts_position_owned'),
                        workspaces.owned.OwnedReference(field='company', name='contacts_position_company_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
            migrations.AddField(
                model_name='contact',
                name='owner_id',
                field=models.BigIntegerField(blank=True, null=True, verbose_name='owner'),
            ),
        ]),
        migrations.AddConstraint(
            model_name='position',
            constraint=workspaces.held_as_set.OwnedSetReference(field='contact', name='contacts_position_contact_id_own', on_delete='CASCADE'),
        ),
    ]
