import django.db.models.deletion
import lib.clock
import workspaces.current
import workspaces.owned
import workspaces.at_once
from django.db import migrations, models


class Migration(migrations.Migration):
    """Saved views of the list of people, what each member chose for them, and what is done to everybody on a list."""

    dependencies = [
        ("contacts", "0004_fewer_indexes"),
        ("segments", "0008_lists_by_hand"),
        ("workspaces", "0006_machines"),
    ]

    operations = [
        workspaces.at_once.AtOnce([
            migrations.CreateModel(
                name="BulkAction",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("verb", models.CharField(max_length=20)),
                    ("argument", models.JSONField(default=dict)),
                    (
                        "state",
                        models.SmallIntegerField(
                            choices=[(0, "running"), (1, "done"), (2, "being taken back"), (3, "taken back")], default=0
                        ),
                    ),
                    ("total_count", models.PositiveIntegerField(default=0)),
                    ("done_count", models.PositiveIntegerField(default=0)),
                    ("changed_count", models.PositiveIntegerField(default=0)),
                    ("undone_count", models.PositiveIntegerField(default=0)),
                    ("by_id", models.BigIntegerField()),
                    ("at", models.DateTimeField(default=lib.clock.now)),
                    (
                        "workspace",
                        models.ForeignKey(
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
                    "indexes": [models.Index(fields=["workspace", "at"], name="bulk_action_at")],
                    "constraints": [workspaces.owned.OwnedTable(name="segments_bulkaction_owned")],
                },
            ),
            migrations.CreateModel(
                name="BulkChange",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("is_done", models.BooleanField(default=False)),
                    ("before", models.JSONField(blank=True, null=True)),
                    ("action", workspaces.owned.OwnedForeignKey(related_name="changes", to="segments.bulkaction")),
                    ("contact", workspaces.owned.OwnedForeignKey(related_name="+", to="contacts.contact")),
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
                    "indexes": [models.Index(fields=["workspace", "contact"], name="bulk_change_contact")],
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "action", "contact"), name="once_in_an_action"),
                        workspaces.owned.OwnedTable(name="segments_bulkchange_owned"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PeopleChoice",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("user_id", models.BigIntegerField()),
                    ("view_id", models.BigIntegerField(default=0)),
                    ("columns", models.JSONField(blank=True, null=True)),
                    ("is_default", models.BooleanField(default=False)),
                    (
                        "workspace",
                        models.ForeignKey(
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
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "user_id", "view_id"), name="one_choice_for_a_view"),
                        workspaces.owned.OwnedTable(name="segments_peoplechoice_owned"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PeopleView",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("name", models.CharField(max_length=80, verbose_name="name")),
                    ("query", models.CharField(blank=True, max_length=8000)),
                    ("columns", models.JSONField(default=list)),
                    ("owner_id", models.BigIntegerField()),
                    ("is_shared", models.BooleanField(default=False)),
                    ("created_at", models.DateTimeField(default=lib.clock.now)),
                    (
                        "workspace",
                        models.ForeignKey(
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
                    "ordering": ("created_at", "pk"),
                    "base_manager_name": "objects",
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "owner_id", "name"), name="people_view_name"),
                        workspaces.owned.OwnedTable(name="segments_peopleview_owned"),
                    ],
                },
            ),
        ]),
    ]
