import workspaces.held_as_set
import workspaces.owned
import workspaces.at_once
from django.db import migrations


class Migration(migrations.Migration):
    """Words are held to their people, topics and wordings by one look a statement."""

    dependencies = [
        ('consent', '0011_rules'),
        ('contacts', '0005_held_as_sets'),
        ('workspaces', '0006_machines'),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.RemoveConstraint(
                model_name='consent',
                name='consent_consent_contact_id_own',
            ),
            migrations.RemoveConstraint(
                model_name='consent',
                name='consent_consent_topic_id_own',
            ),
            migrations.RemoveConstraint(
                model_name='consent',
                name='consent_consent_wording_id_own',
            ),
            migrations.RemoveConstraint(
                model_name='trackingconsent',
                name='consent_trackingconsent_contact_id_own',
            ),
            migrations.RemoveConstraint(
                model_name='trackingconsent',
                name='consent_trackingconsent_wording_id_own',
            ),
            migrations.AlterField(
                model_name='consent',
                name='contact',
                field=workspaces.owned.OwnedForeignKey(as_set=True, in_database='NO ACTION', related_name='consents', to='contacts.contact'),
            ),
            migrations.AlterField(
                model_name='consent',
                name='topic',
                field=workspaces.owned.OwnedForeignKey(as_set=True, blank=True, in_database='NO ACTION', null=True, related_name='+', to='consent.topic'),
            ),
            migrations.AlterField(
                model_name='consent',
                name='wording',
                field=workspaces.owned.OwnedForeignKey(as_set=True, blank=True, in_database='NO ACTION', null=True, related_name='+', to='consent.consentwording'),
            ),
            migrations.AlterField(
                model_name='trackingconsent',
                name='contact',
                field=workspaces.owned.OwnedForeignKey(as_set=True, in_database='NO ACTION', related_name='tracking_consents', to='contacts.contact'),
            ),
            migrations.AlterField(
                model_name='trackingconsent',
                name='wording',
                field=workspaces.owned.OwnedForeignKey(as_set=True, blank=True, in_database='NO ACTION', null=True, related_name='+', to='consent.consentwording'),
            ),
            migrations.AddConstraint(
                model_name='consent',
                constraint=workspaces.held_as_set.OwnedSetReference(field='contact', name='consent_consent_contact_id_own', on_delete='NO ACTION'),
            ),
            migrations.AddConstraint(
                model_name='consent',
                constraint=workspaces.held_as_set.OwnedSetReference(field='topic', name='consent_consent_topic_id_own', on_delete='NO ACTION'),
            ),
            migrations.AddConstraint(
                model_name='consent',
                constraint=workspaces.held_as_set.OwnedSetReference(field='wording', name='consent_consent_wording_id_own', on_delete='NO ACTION'),
            ),
            migrations.AddConstraint(
                model_name='trackingconsent',
                constraint=workspaces.held_as_set.OwnedSetReference(field='contact', name='consent_trackingconsent_contact_id_own', on_delete='NO ACTION'),
            ),
            migrations.AddConstraint(
                model_name='trackingconsent',
                constraint=workspaces.held_as_set.OwnedSetReference(field='wording', name='consent_trackingconsent_wording_id_own', on_delete='NO ACTION'),
            ),
        ]),
    ]
