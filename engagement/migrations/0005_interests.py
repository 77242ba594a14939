
import django.db.models.deletion
import lib.clock
import workspaces.current
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0018_push_channel'),
        ('engagement', '0004_heat_and_touched'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.CreateModel(
                name='InterestTag',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=60)),
                    ('name', models.CharField(max_length=60, verbose_name='name')),
                    ('created_at', models.DateTimeField(default=lib.clock.now)),
                    ('merged_into', workspaces.owned.OwnedForeignKey(blank=True, null=True, related_name='+', to='engagement.interesttag')),
                    ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'ordering': ('name', 'pk'),
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'merged_into'], name='interest_tag_merged'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'key'), name='interest_tag_key'),
                        workspaces.owned.OwnedTable(name='engagement_interesttag_owned'),
                        workspaces.owned.OwnedReference(field='merged_into', name='engagement_interesttag_merged_into_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='InterestDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.SmallIntegerField()),
                    ('day', models.DateField()),
                    ('count', models.IntegerField()),
                    ('added', models.IntegerField()),
                    ('contact', workspaces.owned.OwnedForeignKey(related_name='+', to='contacts.contact')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                    ('tag', workspaces.owned.OwnedForeignKey(related_name='+', to='engagement.interesttag')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'contact', 'tag', 'kind', 'day'), name='one_interest_day'),
                        workspaces.owned.OwnedTable(name='engagement_interestday_owned'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Interest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sum', models.FloatField(default=0)),
                    ('said', models.SmallIntegerField(choices=[(0, 'nothing'), (1, 'interested'), (2, 'not interested')], db_default=0, default=0)),
                    ('contact', workspaces.owned.OwnedForeignKey(related_name='+', to='contacts.contact')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                    ('tag', workspaces.owned.OwnedForeignKey(related_name='+', to='engagement.interesttag')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'tag', 'contact'], name='interest_people'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'contact', 'tag'), name='one_interest_each'),
                        workspaces.owned.OwnedTable(name='engagement_interest_owned'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='InterestWord',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('said', models.SmallIntegerField(choices=[(0, 'nothing'), (1, 'interested'), (2, 'not interested')])),
                    ('at', models.DateTimeField(default=lib.clock.now)),
                    ('by_id', models.BigIntegerField(null=True)),
                    ('contact', workspaces.owned.OwnedForeignKey(related_name='+', to='contacts.contact')),
                    ('tag', workspaces.owned.OwnedForeignKey(related_name='+', to='engagement.interesttag')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'tag'], name='interest_word_tag'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'contact', 'tag'), name='one_word_each'),
                        workspaces.owned.OwnedTable(name='engagement_interestword_owned'),
                        workspaces.owned.OwnedReference(field='contact', name='engagement_interestword_contact_id_own', on_delete='CASCADE'),
                        workspaces.owned.OwnedReference(field='tag', name='engagement_interestword_tag_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='LinkTag',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('message_id', models.BigIntegerField()),
                    ('number', models.IntegerField()),
                    ('tag', workspaces.owned.OwnedForeignKey(related_name='+', to='engagement.interesttag')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'tag'], name='link_tag_uses'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'message_id', 'number', 'tag'), name='link_tag_once'),
                        workspaces.owned.OwnedTable(name='engagement_linktag_owned'),
                        workspaces.owned.OwnedReference(field='tag', name='engagement_linktag_tag_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='PageRule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('begins', models.CharField(max_length=300, verbose_name='address begins with')),
                    ('tag', workspaces.owned.OwnedForeignKey(related_name='+', to='engagement.interesttag')),
                    ('workspace', models.ForeignKey(db_constraint=False, db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'ordering': ('begins', 'pk'),
                    'base_manager_name': 'objects',
                    'indexes': [
                        models.Index(fields=['workspace', 'tag'], name='page_rule_uses'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('workspace', 'begins', 'tag'), name='page_rule_once'),
                        workspaces.owned.OwnedTable(name='engagement_pagerule_owned'),
                        workspaces.owned.OwnedReference(field='tag', name='engagement_pagerule_tag_id_own', on_delete='CASCADE'),
                    ],
                },
            ),
        ]),
    ]
