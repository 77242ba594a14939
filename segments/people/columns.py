"""The columns of the list of people: which there are, which are shown in which order, and what stands in them.

A column is known by its key: `roles`, `known`, a room's own name (`level`), `field:city` of the table of fields,
`custom:cups` of the workspace's own, `consent:letter` for the word on a topic by email. A key that names nothing any
more is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.models import Topic
from consent.words_now import words_of
from contacts.custom_fields.values import number_text, shown_value
from contacts.fields import Place, Sensitivity, fields_at
from contacts.models import Audience, Contact, ContactFrequency, FieldDefinition, FieldValue, Merged
from lib.local_words import date_format
from lib.rooms import house
from lib.signs import Text
from lib.sql import run_sql
from segments.listing import default_columns, list_fields
from workspaces.current import current_workspace_id

PLAIN, MOST_COLUMNS = "segments/cells/plain.html", 20
STATES = {
    "given": gettext_lazy("may get it"),
    "requested": gettext_lazy("asked, no answer yet"),
    "withdrawn": gettext_lazy("said no"),
    "expired": gettext_lazy("expired"),
    "none": gettext_lazy("never asked"),
}
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Column:
    """A column: `values(rows)` gives what each person has there, `text` writes it into a file."""

    key: str
    label: Text
    values: Callable[[Rows], Mapping[int, Any]]
    template: str = PLAIN
    text: Callable[[Any], Text] = str
    note: Text = ""


def known_columns(*, sees_names: bool) -> dict[str, Column]:
    """Every column there is, by key. The workspace's own fields are text that anybody wrote: for those who see names."""
    rooms = [Column(one.name, one.label, _of_room(one.values), one.template, one.text) for one in house.list_columns]
    own = [
        Column(f"field:{one.name}", one.label, partial(_own_values, one.name), note=_("field"))
        for one in fields_at(Place.SEGMENT)
        if one.sensitivity is not Sensitivity.IDENTIFYING and one.name != "created_at"
    ]
    topics = [
        Column(f"consent:{topic.key}", topic.name, partial(_words, topic.key), "segments/cells/consent.html", _state)
        for topic in Topic.objects.order_by("position", "pk")
    ]
    custom = _custom_columns() if sees_names else []
    columns = [ROLES, *rooms, *own, *topics, *custom, KNOWN]
    return {one.key: one for one in columns}


def _custom_columns() -> list[Column]:
    """The declared fields in their order, then the names under which somebody holds a value."""
    fields = {one.name: one for one in FieldDefinition.objects.order_by("position", "pk")}
    names = [one.name for one in fields.values() if one.archived_at is None]
    names += [name for name in custom_names() if name not in fields]
    return [
        Column(
            f"custom:{name}",
            fields[name].label if name in fields else name,
            partial(_custom_values, name, fields.get(name)),
            note=_("own field"),
        )
        for name in names
    ]


def custom_names() -> list[str]:
    """The custom fields that somebody has."""
    return [row[0] for row in run_sql("contacts/field_names", {"workspace": current_workspace_id()})]


def default_keys() -> list[str]:
    """The columns of a list for which nobody chose any."""
    return ["roles", *(one.name for one in default_columns()), *(f"field:{one.name}" for one in list_fields()), "known"]


def chosen_columns(keys: Sequence[Any], known: Mapping[str, Column]) -> list[Column]:
    """The columns with these keys, in their order, each once."""
    return [known[key] for key in dict.fromkeys(map(str, keys)) if key in known][:MOST_COLUMNS]


def fill_cells(rows: Sequence[dict[str, Any]], columns: Sequence[Column]) -> None:
    """Each row gets `cells` for these columns; a statement or a few for each column, whatever the number of people."""
    filled = [(one, one.values(rows)) for one in columns] if rows else []
    for row in rows:
        row["cells"] = [{"template": one.template, "cell": values.get(row["id"])} for one, values in filled]


def moved(keys: Sequence[str], key: str) -> list[str]:
    """The keys with this one a place further to the left."""
    made = list(keys)
    if (place := made.index(key) if key in made else 0) > 0:
        made[place - 1], made[place] = made[place], made[place - 1]
    return made


def role_names(row: Mapping[str, Any]) -> list[str]:
    """What they are called."""
    return [str(Audience(role).label) for role in row["roles"] if role in Audience.values]


def _of_room(values: Callable[[Sequence[int]], Mapping[int, Any]]) -> Callable[[Rows], Mapping[int, Any]]:
    return lambda rows: values([row["id"] for row in rows])


def _roles(rows: Rows) -> dict[int, Any]:
    return {
        row["id"]: {"roles": role_names(row), "tags": row["tags"], "complaint_since": row["complaint_since"]}
        for row in rows
    }


def _roles_text(cell: Mapping[str, Any]) -> str:
    return ", ".join([*cell["roles"], *cell["tags"]])


def _own_values(name: str, rows: Rows) -> dict[int, str]:
    ids = [row["id"] for row in rows]
    return {pk: _shown(name, value) for pk, value in Contact.objects.filter(pk__in=ids).values_list("pk", name)}


def _custom_values(name: str, field: FieldDefinition | None, rows: Rows) -> dict[int, str]:
    """Of everybody merged into a person the newest."""
    ids = [row["id"] for row in rows]
    whose = {one: one for one in ids} | dict(
        Merged.objects.filter(survivor__in=ids).values_list("loser_id", "survivor_id")
    )
    found = FieldValue.objects.filter(contact__in=list(whose), name=name).order_by("updated_at")
    values = {}
    for contact, text, number, moment in found.values_list("contact_id", "text", "number", "moment"):
        if field is not None:
            values[whose[contact]] = shown_value(field, text, number, moment)
            continue
        day = date_format(moment, "j M Y") if moment else ""
        values[whose[contact]] = text or day or ("" if number is None else number_text(number))
    return values


def _words(topic: str, rows: Rows) -> dict[int, str]:
    said = words_of([row["id"] for row in rows])
    return {
        pk: next((one["state"] for one in words if (one["topic"], one["channel"]) == (topic, "email")), "none")
        for pk, words in said.items()
    }


def _state(state: str) -> Text:
    return STATES[state]


def _shown(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "contact_frequency" and value in ContactFrequency.values:
        return str(ContactFrequency(value).label)
    return date_format(value, "j M Y") if hasattr(value, "year") else str(value)


ROLES = Column("roles", gettext_lazy("Roles and tags"), _roles, "segments/cells/roles.html", _roles_text)
KNOWN = Column(
    "known",
    gettext_lazy("Known since"),
    lambda rows: {row["id"]: row["created_at"] for row in rows},
    "segments/cells/moment.html",
    lambda moment: moment.isoformat(),
)
