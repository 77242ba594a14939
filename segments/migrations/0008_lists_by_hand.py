import django.db.models.deletion
import workspaces.at_once
from django.db import migrations, models

import lib.clock
import workspaces.current
import workspaces.owned


class Migration(migrations.Migration):
    """Lists of people that somebody picks by hand."""

    dependencies = [
        ("contacts", "0004_fewer_indexes"),
        ("segments", "0007_words_stand"),
        ("workspaces", "0005_kept_figures"),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.AddField(
                model_name="segment",
                name="is_list",
                field=models.BooleanField(db_default=False, default=False),
            ),
            migrations.CreateModel(
                name="SegmentPick",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("picked_at", models.DateTimeField(default=lib.clock.now)),
                    ("picked_by_id", models.BigIntegerField(blank=True, null=True)),
                    ("contact", workspaces.owned.OwnedForeignKey(related_name="+", to="contacts.contact")),
                    ("segment", workspaces.owned.OwnedForeignKey(related_name="picks", to="segments.segment")),
                    (
                        "workspace",
                        models.ForeignKey(
                            db_constraint=False,
                            db_index=False,
                            default=workspaces.current.current_workspace_id,
                            editable=False,
                            on_delete=django.db.models.deletion.DO_NOTHING,
                            related_name="+",
                            to="workspaces.workspace",
                        ),
                    ),
                ],
                options={
                    "base_manager_name": "objects",
                    "indexes": [models.Index(fields=["workspace", "contact"], name="picked_contact")],
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "segment", "contact"), name="picked_once_for_a_list"),
                        workspaces.owned.OwnedTable(name="segments_segmentpick_owned"),
                        workspaces.owned.OwnedReference(
                            field="segment", name="segments_segmentpick_segment_id_own", on_delete="CASCADE"
                        ),
                        workspaces.owned.OwnedReference(
                            field="contact", name="segments_segmentpick_contact_id_own", on_delete="CASCADE"
                        ),
                    ],
                },
            ),
        ]),
    ]
