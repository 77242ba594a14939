"""The base of every row that belongs to a workspace: filter, composite keys and row security by construction.

Belts one and two live here; the third (row security) is switched on by OwnedTable in the same migration that
makes the table.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import BaseConstraint
from django.db.models.expressions import Col
from django.db.models.lookups import Exact
from django.db.models.signals import class_prepared
from django.db.models.sql.where import WhereNode

from lib.sql import run_sql
from workspaces.current import CurrentWorkspaceId, current_workspace_id
from workspaces.held_as_set import OwnedSetReference

POLICY = "workspace_id = nullif(current_setting('ecrm.workspace', true), '')::bigint"


class OwnedQuerySet[T: models.Model](models.QuerySet[T]):
    """A queryset of rows of the open workspace."""


class OwnedManager[T: models.Model](models.Manager[T]):
    """Shows the open workspace's rows only; there is no manager that shows them all."""

    def get_queryset(self) -> models.QuerySet[T]:
        return super().get_queryset().filter(workspace_id=CurrentWorkspaceId())


class OwnedTable(BaseConstraint):
    """PRIMARY KEY (workspace_id, id) and forced row security, written by makemigrations like any constraint.

    `key` names other columns than the id, where those tell a row (Owned.keyed_by).
    """

    def __init__(self, *, name: str, key: Sequence[str] = ("id",)) -> None:
        super().__init__(name=name)
        self.key = tuple(key)

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        table = model._meta.db_table
        pkey = f"{table[:58]}_pkey"
        # First in the queue: composite references need the key of their target.
        schema_editor.deferred_sql.insert(
            0,
            f'ALTER TABLE "{table}" DROP CONSTRAINT "{pkey}", '
            f'ADD CONSTRAINT "{pkey}" PRIMARY KEY (workspace_id, {", ".join(self.key)})',
        )
        schema_editor.deferred_sql.extend(row_security_sql(table))
        return ""

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table = model._meta.db_table
        return (
            f'DROP POLICY IF EXISTS own_workspace ON "{table}"; '
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY; '
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY'
        )

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database alone can check this."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), kwargs if self.key == ("id",) else {**kwargs, "key": self.key}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OwnedTable) and (self.name, self.key) == (other.name, other.key)

    __hash__ = None  # type: ignore[assignment]


class OwnedReference(BaseConstraint):
    """A composite foreign key (workspace_id, field) → (workspace_id, id): no row can point across workspaces."""

    def __init__(self, *, name: str, field: str, on_delete: str = "CASCADE") -> None:
        super().__init__(name=name)
        self.field, self.on_delete = field, on_delete

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        field = model._meta.get_field(self.field)
        target = field.related_model._meta.db_table  # type: ignore[union-attr]
        schema_editor.deferred_sql.append(
            f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{self.name}" '
            f'FOREIGN KEY (workspace_id, "{field.column}") '  # type: ignore[union-attr]
            f'REFERENCES "{target}" (workspace_id, id) ON DELETE {self.on_delete}'
        )
        return ""

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT IF EXISTS "{self.name}"'

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database alone can check this."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), {**kwargs, "field": self.field, "on_delete": self.on_delete}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OwnedReference) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]


class HeldByMembership(BaseConstraint):
    """Rows of a member (`user_id`) go with the membership, whoever ends it and however: the account's end, too."""

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        schema_editor.deferred_sql.append(
            f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{self.name}" FOREIGN KEY (workspace_id, user_id) '
            "REFERENCES workspaces_membership (workspace_id, user_id) ON DELETE CASCADE"
        )
        return ""

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT IF EXISTS "{self.name}"'

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database alone can check this."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HeldByMembership) and self.name == other.name

    __hash__ = None  # type: ignore[assignment]


class OwnedForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A reference between two rows of one workspace; the database holds it by the composite key.

    `in_database` is what PostgreSQL does when the target goes: CASCADE, or NO ACTION where the child is
    append-only (a cascade deletes even where the role may not). NONE: no key, for the one table where holding a set at
    once is worth it; whoever writes there holds the targets, in the order of their ids, until the transaction ends, and
    nothing deletes one that is referred to. `as_set`: held all the same, by one look a statement (held_as_set.py), for
    tables that files fill. Joins also compare the workspaces.
    """

    def __init__(self, to: Any, *, in_database: str = "CASCADE", as_set: bool = False, **kwargs: Any) -> None:
        self.in_database, self.as_set = in_database, as_set
        kwargs["on_delete"] = models.DO_NOTHING
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        kwargs["swappable"] = False  # nothing owned is swapped, and migrations would look for it at every copy
        kwargs.setdefault("related_name", "+")
        super().__init__(to, **kwargs)

    @property
    def is_held(self) -> bool:
        """Whether the database holds it, in a table that is not derived."""
        return self.in_database != "NONE"

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("on_delete", "db_constraint", "db_index", "swappable"):
            kwargs.pop(implied, None)
        if self.in_database != "CASCADE":
            kwargs["in_database"] = self.in_database
        if self.as_set:
            kwargs["as_set"] = True
        return name, path, args, kwargs

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> Any:
        """Both sides of a join stand in the same workspace (Citus routes by it, and so do we)."""
        number = models.BigIntegerField()
        workspace: Any = self.model._meta.get_field("workspace")
        left, right = (Col(str(a), workspace, number) for a in (alias, related_alias))
        return WhereNode([Exact(left, right)])  # type: ignore[list-item]


class Owned(models.Model):
    """A row that belongs to one workspace and is seen only while that workspace is open.

    `is_derived`: made of other rows and made anew from them at any time. Such a table has no foreign keys, which cost
    more than writing its rows (a member of a segment 18.6 µs with, 2.3 without); whoever deletes what it refers to
    deletes its rows too, and workspaces.orphans looks for what was forgotten. `keyed_by`: the columns that tell a row
    beside its workspace, where nobody asks for it by its id: one index less, for tables with many rows.
    """

    is_derived: ClassVar[bool] = False
    keyed_by: ClassVar[Sequence[str]] = ("id",)

    workspace = models.ForeignKey(
        "workspaces.Workspace",
        on_delete=models.DO_NOTHING,
        default=current_workspace_id,
        db_index=False,
        editable=False,
        related_name="+",
    )

    objects: ClassVar[OwnedManager[Self]] = OwnedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


def row_security_sql(table: str) -> list[str]:
    """The statements that show a table's rows to their own workspace only, whoever asks."""
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY own_workspace ON "{table}" USING ({POLICY}) WITH CHECK ({POLICY})',
    ]


def _fasten_belts(sender: type[models.Model], **_: object) -> None:
    """Give every Owned model its constraints, whatever its own Meta says."""
    meta = sender._meta
    if not issubclass(sender, Owned) or meta.abstract or meta.proxy:
        return
    meta.base_manager_name = "objects"
    if getattr(sender, "fastened_by_sql", False):
        return  # a partitioned table: its own SQL gives it the same keys and row security
    references = [] if sender.is_derived else [f for f in meta.local_fields if isinstance(f, OwnedForeignKey)]
    # Where a composite key holds each row, its target has the workspace's own: a second look would only cost.
    if sender.is_derived or any(not field.null for field in references):
        meta.get_field("workspace").db_constraint = False  # type: ignore[union-attr]
    belts: list[BaseConstraint] = [OwnedTable(name=f"{meta.db_table}_owned", key=sender.keyed_by)]
    belts += [
        (OwnedSetReference if field.as_set else OwnedReference)(
            name=f"{meta.db_table}_{field.column}_own", field=field.name, on_delete=field.in_database
        )
        for field in references
    ]
    meta.constraints = [*meta.constraints, *belts]
    meta.original_attrs["constraints"] = meta.constraints


class_prepared.connect(_fasten_belts)


def owned_models() -> list[type[Owned]]:
    """Every model whose rows belong to a workspace: what the isolation test and the doctor enumerate."""
    from django.apps import apps  # noqa: PLC0415 - models load before apps are ready

    return [model for model in apps.get_models() if issubclass(model, Owned)]


def hold_single[M: Owned](model: type[M]) -> M | None:
    """The only row that the open workspace has of this model, None where it was never made: settings, made by their first
    save. Nobody else who holds it by this makes, changes or removes it until the transaction ends. May be repeated.

    A lock of the row alone lets two through who make it at the very same moment: so an advisory one comes first.
    """
    run_sql("workspaces/hold_single", {"table": model._meta.db_table, "workspace": current_workspace_id()})
    rows: models.QuerySet[M] = model._default_manager.select_for_update(of=("self",), no_key=True)  # type: ignore[assignment]
    return rows.first()
