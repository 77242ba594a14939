"""References that the database holds as a set: one look a statement by a trigger, where a foreign key looks once a row.

What a row refers to is there, and of its own workspace, whoever writes it; what is referred to goes as by a foreign key.
"""

from typing import Any

from django.db.models import BaseConstraint

from lib.sql import load_sql
from workspaces.granting import APPEND_ONLY

REFUSED = """IF EXISTS (SELECT FROM gone g CROSS JOIN LATERAL (
      SELECT FROM {table} k WHERE k.workspace_id = g.workspace_id AND k.{column} BETWEEN g.id AND g.id
      ORDER BY k.{column} LIMIT 1) AS left_behind) THEN
    RAISE EXCEPTION 'delete on table "{target}" violates foreign key constraint "{rule}" on table "{table}"'
      USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', CONSTRAINT = '{rule}';
  END IF;"""
GOING = {
    "CASCADE": "DELETE FROM {table} k USING gone g WHERE k.workspace_id = g.workspace_id AND k.{column} = g.id;",
    "NO ACTION": REFUSED,
}


class OwnedSetReference(BaseConstraint):
    """(workspace_id, field) → (workspace_id, id), looked at once a statement: for tables that files fill."""

    def __init__(self, *, name: str, field: str, on_delete: str = "CASCADE") -> None:
        super().__init__(name=name)
        self.field, self.on_delete = field, on_delete

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        names = self._names(model)
        target = names["target"]
        # What is only ever added to needs no holding, and who may only add may not hold.
        lock = "" if target in APPEND_ONLY else " FOR KEY SHARE"
        going = GOING[self.on_delete].format(**names)
        # Behind the keys of the tables, which are made last.
        schema_editor.deferred_sql.append(load_sql("workspaces/held_as_set", **names, lock=lock, going=going))
        return ""

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return load_sql("workspaces/held_as_set_undo", **{k: v for k, v in self._names(model).items() if k != "column"})

    def _names(self, model: Any) -> dict[str, str]:
        field = model._meta.get_field(self.field)
        return {
            "rule": self.name,
            "table": model._meta.db_table,
            "column": field.column,
            "target": field.related_model._meta.db_table,
        }

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database alone can check this."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), {**kwargs, "field": self.field, "on_delete": self.on_delete}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OwnedSetReference) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]
