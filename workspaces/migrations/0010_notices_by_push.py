import django.db.models.deletion
import lib.clock
import workspaces.at_once
import workspaces.current
import workspaces.owned
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workspaces', '0009_found_by_the_key'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name='notice',
                name='pushed_at',
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.CreateModel(
                name='MemberBrowser',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user_id', models.BigIntegerField()),
                    ('digest', models.CharField(max_length=64)),
                    ('endpoint', models.CharField(max_length=1000)),
                    ('p256dh', models.CharField(max_length=88)),
                    ('auth', models.CharField(max_length=24)),
                    ('browser', models.CharField(blank=True, max_length=60)),
                    ('given_at', models.DateTimeField(default=lib.clock.now)),
                    ('seen_at', models.DateTimeField(default=lib.clock.now)),
                    ('test_asked_at', models.DateTimeField(blank=True, null=True)),
                    ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'indexes': [models.Index(fields=['workspace', 'user_id'], name='browsers_of_member')],
                    'constraints': [models.UniqueConstraint(fields=('workspace', 'digest'), name='member_browser_once'), workspaces.owned.HeldByMembership(name='member_browser_of_member'), workspaces.owned.OwnedTable(name='workspaces_memberbrowser_owned')],
                },
            ),
            migrations.CreateModel(
                name='PushKeys',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public', models.CharField(max_length=90)),
                    ('private', models.BinaryField()),
                    ('made_at', models.DateTimeField(default=lib.clock.now)),
                    ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
                ],
                options={
                    'base_manager_name': 'objects',
                    'constraints': [models.UniqueConstraint(fields=('workspace',), name='one_pair_of_push_keys'), workspaces.owned.OwnedTable(name='workspaces_pushkeys_owned')],
                },
            ),
        ]),
    ]
