"""Migrations make only the models that they ask for, and these are the models that Django would have made."""

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.commands import migrate
from django.db import models
from django.db.migrations import AddField, AlterField, CreateModel, DeleteModel, RenameField, RenameModel
from django.db.migrations.operations.base import Operation

from backstage.operating.migrating import ExecutorOnDemand, StateOnDemand

KEY = models.BigAutoField(primary_key=True)


def to(model: str) -> models.ForeignKey:
    return models.ForeignKey(model, models.CASCADE)


def go(state: StateOnDemand, *steps: Operation) -> StateOnDemand:
    for step in steps:
        step.state_forwards("kitchen", state)
    return state


@pytest.fixture
def state() -> StateOnDemand:
    """A pot, its lid, the lid's handle, a spoon with many pots."""
    many = models.ManyToManyField("kitchen.pot")
    return go(
        StateOnDemand(),
        CreateModel("Pot", [("id", KEY), ("inner", models.ForeignKey("self", models.CASCADE, null=True))]),
        CreateModel("Lid", [("id", KEY), ("pot", to("kitchen.pot"))]),
        CreateModel("Handle", [("id", KEY), ("lid", to("kitchen.Lid"))]),
        CreateModel("Spoon", [("id", KEY), ("pots", many)]),
    )


def made(state: StateOnDemand) -> set[str]:
    return set(state.apps.all_models["kitchen"])


def test_a_model_is_made_with_those_that_it_points_at(state):
    lid = state.apps.get_model("kitchen", "Lid")

    assert lid._meta.get_field("pot").related_model is state.apps.get_model("kitchen.pot")
    assert made(state) == {"lid", "pot"}


def test_who_asks_what_points_at_a_model_finds_all_of_it(state):
    pot = state.apps.get_model("kitchen", "Pot")

    assert {one.related_model._meta.model_name for one in pot._meta.related_objects} == {"pot", "lid", "spoon"}


def test_all_models_of_an_app_are_there_for_who_asks_for_all(state):
    state.apps.get_model("kitchen", "Pot")

    assert {one._meta.model_name for one in state.apps.get_models()} == {"pot", "lid", "handle", "spoon"}
    assert len(list(state.apps.get_app_config("kitchen").get_models(include_auto_created=True))) == 5


def test_what_was_before_a_step_stays_as_it_was(state):
    state.apps.get_model("kitchen", "Pot")
    before = state.clone()
    go(state, AddField("Lid", "colour", models.TextField()), AlterField("Lid", "pot", models.TextField()))

    names = {one.name for one in before.apps.get_model("kitchen", "Lid")._meta.get_fields()}
    now = {one.name for one in state.apps.get_model("kitchen", "Lid")._meta.get_fields()}

    assert names == {"id", "pot", "handle"}
    assert now == {"id", "pot", "handle", "colour"}
    assert before.apps.get_model("kitchen", "Lid")._meta.get_field("pot").is_relation
    assert not state.apps.get_model("kitchen", "Lid")._meta.get_field("pot").is_relation


def test_who_names_a_field_names_it_as_it_was_before_the_step_and_as_it_is_after_it(state):
    go(state, AddField("Pot", "code", models.CharField(max_length=9, unique=True)))
    go(
        state,
        AddField("Lid", "fits", models.ForeignKey("kitchen.pot", models.CASCADE, to_field="code", related_name="+")),
    )
    before = state.clone()
    go(state, RenameField("Pot", "code", "number"))

    for one, name in ((before, "code"), (state, "number")):
        fits = one.apps.get_model("kitchen", "Lid")._meta.get_field("fits")
        assert fits.target_field is one.apps.get_model("kitchen", "Pot")._meta.get_field(name)


def test_a_copy_that_changes_leaves_the_original_its_models(state):
    state.apps.get_model("kitchen", "Pot")
    go(state.clone(), RenameModel("Lid", "Cover"), DeleteModel("Spoon"))

    assert state.apps.get_model("kitchen", "Lid")._meta.model_name == "lid"
    assert "spoon" in {one._meta.model_name for one in state.apps.get_models()}


def test_a_model_that_is_gone_is_not_found(state):
    state.apps.get_model("kitchen", "Spoon")
    go(state, DeleteModel("Spoon"))

    with pytest.raises(LookupError):
        state.apps.get_model("kitchen", "Spoon")


def test_migrate_goes_this_way():
    assert get_commands()["migrate"] == "backstage"
    load_command_class("backstage", "migrate")

    assert migrate.MigrationExecutor is ExecutorOnDemand
