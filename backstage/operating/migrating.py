"""Migrations that make only the models that they ask for.

Django makes every model that is related to a changed one anew, at each step of a migration; here each is related to each
by its workspace, and a first `migrate` made 17,500 of them: 16 of its 18 seconds. A step asks for one or two, and these
need only those that they point at. Who asks for what points at a model, or for all, has all made, then.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import AppConfig
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState, StateApps
from django.db.models import Model
from django.db.models.fields.related import RECURSIVE_RELATIONSHIP_CONSTANT
from django.utils.functional import cached_property

Key = tuple[str, str]  # a model's app and its name in small letters
_all_models: Any = StateApps.get_models.__wrapped__  # type: ignore[attr-defined] # without its cache: ours stands before it


class AppsOnDemand(StateApps):
    """The models of one state, each made when it is first asked for, with those that it points at."""

    def __init__(self, real_apps: set[str], state: ProjectState) -> None:
        self.holders = [state]  # all of them say the same, for who changes lets go of us
        super().__init__(real_apps, {})  # type: ignore[arg-type] # a set, as Django gives it

    def get_model(self, app_label: str, model_name: str | None = None, require_ready: bool = True) -> type[Any]:
        """One model. LookupError when there is none."""
        if model_name is None:
            app_label, model_name = app_label.split(".")
        if self.ready:
            self._make([(app_label, model_name.lower())])
        return self.get_registered_model(app_label, model_name)

    @functools.cache  # noqa: B019 (Django clears it by this name whenever a model is made)
    def get_models(self, include_auto_created: bool = False, include_swapped: bool = False) -> list[type[Model]]:
        """All of them, as what points at a model is found in."""
        self._make_all()
        found: list[type[Model]] = _all_models(self, include_auto_created, include_swapped)
        return found

    def get_app_configs(self) -> Iterable[AppConfig]:
        self._make_all()
        return super().get_app_configs()

    def get_app_config(self, app_label: str) -> AppConfig:
        self._make_all()
        return super().get_app_config(app_label)

    def _make_all(self) -> None:
        if self.ready:
            self._make(self._states())

    def _states(self) -> dict[Key, ModelState]:
        return next((one.models for one in self.holders if one.__dict__.get("apps") is self), {})

    def _make(self, wanted: Iterable[Key]) -> None:
        states, ahead = self._states(), list(wanted)
        found: dict[Key, ModelState] = {}
        while ahead:
            key = ahead.pop()
            if key in states and key not in found and key[1] not in self.all_models[key[0]]:
                found[key] = states[key]
                ahead += pointed_at(states[key])
        self.render_multiple(list(found.values()))


def pointed_at(state: ModelState) -> Iterator[Key]:
    """What must be there for this model to be made: its bases, and what its fields point at."""
    named: list[Any] = [base for base in state.bases if isinstance(base, str)]
    for field in state.fields.values():
        if field.is_relation:
            named += [field.related_model, getattr(field.remote_field, "through", None)]
    for one in named:
        if isinstance(one, str) and one != RECURSIVE_RELATIONSHIP_CONSTANT:
            label, _, name = one.rpartition(".")
            yield label or state.app_label, name.lower()
        elif one is not None and not isinstance(one, str):
            yield one._meta.app_label, one._meta.model_name


class StateOnDemand(ProjectState):
    """A state that lets go of its models when one of them changes."""

    @cached_property
    def apps(self) -> AppsOnDemand:
        return AppsOnDemand(self.real_apps, self)

    def clone(self) -> "StateOnDemand":
        """The same state: its models are shared until one of the two changes."""
        copy = StateOnDemand({key: state.clone() for key, state in self.models.items()}, self.real_apps)
        if apps := self.__dict__.get("apps"):
            copy.__dict__["apps"] = apps
            apps.holders.append(copy)
        return copy

    def rename_field(self, app_label: str, model_name: str, old_name: str, new_name: str) -> None:
        """Django changes those who name the field in place; the state before still has to be made as it was."""
        for state in self.models.values():
            state.fields |= {name: field.clone() for name, field in state.fields.items() if field.is_relation}
        super().rename_field(app_label, model_name, old_name, new_name)

    def remove_model(self, app_label: str, model_name: str) -> None:
        self.let_go()
        super().remove_model(app_label, model_name)

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        self.let_go()

    def reload_models(self, models: Iterable[Key], delay: bool = True) -> None:
        self.let_go()

    def let_go(self) -> None:
        self.__dict__.pop("apps", None)


class ExecutorOnDemand(MigrationExecutor):
    """Django's, on such states."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> StateOnDemand:
        whole = super()._create_project_state(with_applied_migrations)  # type: ignore[misc]
        return StateOnDemand(whole.models, whole.real_apps)
