import django.db.models.deletion
import workspaces.current
import workspaces.owned
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0031_asked_keys'),
        ('workspaces', '0012_pushed_again'),
    ]

    operations = [
        migrations.CreateModel(
            name='UrgentWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.TextField(help_text='One word or phrase a line, in any language. Leave nothing, and the usual ones come back.', max_length=6000, verbose_name='Words')),
                ('workspace', models.ForeignKey(db_index=False, default=workspaces.current.current_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('workspace',), name='one_list_of_urgent_words'), workspaces.owned.OwnedTable(name='conversations_urgentwords_owned')],
            },
        ),
    ]
