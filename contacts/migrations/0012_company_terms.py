import django.db.models.deletion
import workspaces.current
import workspaces.owned
from django.db import migrations, models


class Migration(migrations.Migration):
    """The words by which a company is found."""

    dependencies = [
        ('contacts', '0011_roles_overwritten'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        migrations.CreateModel(
            name='CompanyTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.CharField(db_collation='C', max_length=120)),
                ('company', workspaces.owned.OwnedForeignKey(related_name='terms', to='contacts.company')),
                ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['workspace', 'company', 'term'], name='company_term')],
                'constraints': [workspaces.owned.OwnedTable(key=('term', 'company_id'), name='contacts_companyterm_owned'), workspaces.owned.OwnedReference(field='company', name='contacts_companyterm_company_id_own', on_delete='CASCADE')],
            },
        ),
    ]
