import workspaces.held_as_set
import workspaces.owned
import workspaces.at_once
from django.db import migrations


class Migration(migrations.Migration):
    """What files fill by thousands is held to its contacts by one look a statement."""

    dependencies = [
        ('contacts', '0004_fewer_indexes'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.RemoveConstraint(
                model_name='audiencerole',
                name='contacts_audiencerole_contact_id_own',
            ),
            migrations.RemoveConstraint(
                model_name='fieldvalue',
                name='contacts_fieldvalue_contact_id_own',
            ),
            migrations.RemoveConstraint(
                model_name='identity',
                name='contacts_identity_contact_id_own',
            ),
            migrations.RemoveConstraint(
                model_name='tag',
                name='contacts_tag_contact_id_own',
            ),
            migrations.AlterField(
                model_name='audiencerole',
                name='contact',
                field=workspaces.owned.OwnedForeignKey(as_set=True, related_name='roles', to='contacts.contact'),
            ),
            migrations.AlterField(
                model_name='fieldvalue',
                name='contact',
                field=workspaces.owned.OwnedForeignKey(as_set=True, related_name='field_values', to='contacts.contact'),
            ),
            migrations.AlterField(
                model_name='identity',
                name='contact',
                field=workspaces.owned.OwnedForeignKey(as_set=True, related_name='identities', to='contacts.contact'),
            ),
            migrations.AlterField(
                model_name='tag',
                name='contact',
                field=workspaces.owned.OwnedForeignKey(as_set=True, related_name='tags', to='contacts.contact'),
            ),
            migrations.AddConstraint(
                model_name='audiencerole',
                constraint=workspaces.held_as_set.OwnedSetReference(field='contact', name='contacts_audiencerole_contact_id_own', on_delete='CASCADE'),
            ),
            migrations.AddConstraint(
                model_name='fieldvalue',
                constraint=workspaces.held_as_set.OwnedSetReference(field='contact', name='contacts_fieldvalue_contact_id_own', on_delete='CASCADE'),
            ),
            migrations.AddConstraint(
                model_name='identity',
                constraint=workspaces.held_as_set.OwnedSetReference(field='contact', name='contacts_identity_contact_id_own', on_delete='CASCADE'),
            ),
            migrations.AddConstraint(
                model_name='tag',
                constraint=workspaces.held_as_set.OwnedSetReference(field='contact', name='contacts_tag_contact_id_own', on_delete='CASCADE'),
            ),
        ]),
    ]
