"""Steps of a migration at once: the same tables, forward and back, and the models are made anew once."""

from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import connection, models
from django.db.migrations import AddConstraint, AddField, AddIndex, AlterField, CreateModel, RemoveConstraint
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tests.conftest import become
from workspaces.at_once import AtOnce

STEPS = (AddConstraint, AddField, AddIndex, AlterField, CreateModel, RemoveConstraint)


def together(steps: list[Operation]) -> list[int]:
    """How many of the steps may stand together, run after run: what is made or given a field is not touched again."""
    runs, made, given = [], set(), {None}
    for step in steps:
        model = (getattr(step, "model_name", "") or getattr(step, "name", "")).lower()
        field = (model, step.name) if isinstance(step, AddField | AlterField) else None
        may = isinstance(step, STEPS) and not isinstance(
            step, AddConstraintNotValid
        )  # that one looks at what was before
        if not may or not runs or runs[-1] == 0 or model in made or field in given - {None}:
            runs.append(int(may))
            made, given = set(), {None}
        else:
            runs[-1] += 1
        made |= {model} if isinstance(step, CreateModel) else set()
        given |= {field}
    return [run for run in runs if run > 1]


def pot() -> CreateModel:
    return CreateModel("Pot", [("id", models.BigAutoField(primary_key=True)), ("size", models.IntegerField())])


def lid() -> CreateModel:
    return CreateModel(
        "Lid",
        [("id", models.BigAutoField(primary_key=True)), ("pot", models.ForeignKey("kitchen.Pot", models.CASCADE))],
        {"constraints": [models.UniqueConstraint(fields=["pot"], name="one_lid_a_pot")]},
    )


def later() -> list[Operation]:
    return [
        AlterField("pot", "size", models.BigIntegerField()),
        AddField("pot", "colour", models.TextField(null=True)),
        AddField("lid", "colour", models.TextField(default="red")),
        AddConstraint("pot", models.CheckConstraint(condition=models.Q(size__gt=0), name="pots_hold_something")),
        RemoveConstraint("lid", "one_lid_a_pot"),
        AddIndex("lid", models.Index(fields=["colour"], name="lids_by_colour")),
    ]


def look() -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_name IN ('kitchen_pot', 'kitchen_lid') ORDER BY 1, 2"
        )
        columns = cursor.fetchall()
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename IN ('kitchen_pot', 'kitchen_lid')"
            " UNION ALL SELECT conname FROM pg_constraint WHERE contype IN ('c', 'f')"
            " AND conrelid IN (to_regclass('kitchen_pot'), to_regclass('kitchen_lid')) ORDER BY 1"
        )
        return columns, cursor.fetchall()


def go(steps: list[Operation], state: ProjectState) -> tuple[ProjectState, ProjectState]:
    """Take the steps; the states before and after, as a migration has them."""
    before = state.clone()
    assert before.apps
    after = before
    for step in steps:
        was, after = after, after.clone()
        step.state_forwards("kitchen", after)
        with connection.schema_editor() as editor:
            step.database_forwards("kitchen", editor, was, after)
    return before, after


@pytest.fixture
def kitchen(transactional_db):
    become(None)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS kitchen_lid, kitchen_pot")
    become("ecrm_app")


def test_steps_at_once_leave_what_they_leave_one_by_one_and_go_back(kitchen):
    _, made = go([pot(), lid()], ProjectState())
    first = look()
    go(later(), made)
    one_by_one = look()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kitchen_lid, kitchen_pot")

    _, made = go([AtOnce([pot(), lid()])], ProjectState())
    assert look() == first
    before, after = go([AtOnce(later())], made)
    assert look() == one_by_one
    with connection.schema_editor() as editor:
        AtOnce(later()).database_backwards("kitchen", editor, after, before)

    assert look() == first


def test_the_models_are_made_anew_once(kitchen):
    _, made = go([AtOnce([pot(), lid()])], ProjectState())

    with patch.object(ProjectState, "_reload") as anew:
        go([AtOnce(later())], made)

    assert not anew.called


def test_what_cannot_be_undone_says_so():
    class Forever(Operation):
        reversible = False

    assert AtOnce([pot()]).reversible
    assert not AtOnce([pot(), Forever()]).reversible


def test_every_migration_takes_its_steps_at_once():
    rooms = {path.parent.name for path in settings.BASE_DIR.glob("*/migrations")}
    apart = {
        f"{app}.{name}": together(list(migration.operations))
        for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items())
        if app in rooms and together(list(migration.operations))
    }

    assert apart == {}, "put these into workspaces.at_once.AtOnce"


def test_steps_that_build_on_each_other_stay_apart():
    assert together([pot(), lid()]) == [2]
    assert together([pot(), AddIndex("pot", models.Index(fields=["size"], name="pots_by_size"))]) == []
    assert together(later()) == [6]
    assert together([later()[0], later()[0]]) == []
