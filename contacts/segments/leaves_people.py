"""The words about a person's own rows: fields, custom fields, roles, tags."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Audience, AudienceRole, Contact, Dial, Tag, Trait
from contacts.segments.comparing import (
    MOMENT_OPS,
    NUMBER_OPS,
    OPPOSITES,
    SQL_OPS,
    TEXT_OPS,
    check_keys,
    check_moment,
    check_number,
    check_text,
    day_words,
    expect,
    is_number,
    moment_sql,
    text_sql,
    to_moment,
)
from contacts.segments.words import Building, Evidence, Path, Phrase

TEXT, NUMBER, MOMENT, YES_NO = "text", "number", "moment", "yes_no"
FIELDS = {
    "name": (TEXT, gettext_lazy("name")),
    "given_name": (TEXT, gettext_lazy("first name")),
    "family_name": (TEXT, gettext_lazy("last name")),
    "email": (TEXT, gettext_lazy("e-mail")),
    "language": (TEXT, gettext_lazy("language")),
    "country": (TEXT, gettext_lazy("country")),
    "city": (TEXT, gettext_lazy("city")),
    "zone": (TEXT, gettext_lazy("time zone")),
    "dial": (NUMBER, gettext_lazy("own dial")),
    "created_at": (MOMENT, gettext_lazy("known to us")),
    "complaint_since": (MOMENT, gettext_lazy("open complaint")),
    "paused_until": (MOMENT, gettext_lazy("pause until")),
    "is_profiled": (YES_NO, gettext_lazy("may be scored")),
}
ROLE_NAMES = {role.name.lower(): role for role in Audience}
TAG_TESTS = ("has_any", "has_all", "has_none")


def check_field(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["name", "op"], ["value"])
    expect(argument["name"] in FIELDS, path, _("There is no field “%(name)s”.") % {"name": argument["name"]})
    kind, op, value = FIELDS[argument["name"]][0], argument["op"], argument.get("value")
    if kind == YES_NO:
        expect(op == "=" and isinstance(value, bool), path, _("This needs yes or no."))
    else:
        {TEXT: check_text, NUMBER: check_number, MOMENT: check_moment}[kind](op, value, path)


def field_condition(argument: Any, building: Building) -> str:
    kind, op, value = FIELDS[argument["name"]][0], argument["op"], argument.get("value")
    column = f"c.{argument['name']}"
    if kind in {NUMBER, YES_NO}:
        return f"({column} {SQL_OPS[op]} {building.param(value)})"
    positive = OPPOSITES.get(op, op)
    sql = (text_sql if kind == TEXT else moment_sql)(column, positive, value, building)
    return f"(NOT {sql})" if op in OPPOSITES else f"({sql})"


def field_phrase(argument: Any) -> Phrase:
    kind, label = FIELDS[argument["name"]]
    op, value = argument["op"], argument.get("value")
    ops = {TEXT: TEXT_OPS, NUMBER: NUMBER_OPS, MOMENT: MOMENT_OPS, YES_NO: NUMBER_OPS}[kind]
    if argument["name"] == "dial" and value in Dial.values:
        value = Dial(value).label
    return Phrase(label, ops[op], value_words(value, op, kind), "id")


def field_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    value = Contact.objects.filter(pk=members[0]).values_list(argument["name"], flat=True).first()
    if value is None or value == "":
        return Evidence(_("nothing known"))
    return Evidence(date_format(value, "j M Y") if hasattr(value, "year") else str(value))


def field_moves(argument: Any) -> bool:
    return bool(argument["op"] == "last_days")


def value_words(value: Any, op: str, kind: str = TEXT) -> str:
    """A rule's value, readable."""
    if op in {"set", "unset"} or value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return day_words(value) if kind == MOMENT and isinstance(value, str) else f"{value}"


def trait_kind(op: str, value: Any) -> str:
    """Which column of Trait an operator and a value speak of."""
    if is_number(value) and op in NUMBER_OPS:
        return NUMBER
    if op in {"before", "after", "last_days"} or (op in {"<", "<=", ">", ">="} and to_moment(value)):
        return MOMENT
    return TEXT


def check_trait(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["name", "op"], ["value"])
    expect(isinstance(argument["name"], str) and argument["name"] != "", path, _("This needs the name of a field."))
    op, value = argument["op"], argument.get("value")
    kind = trait_kind(op, value)
    if kind == MOMENT and op in NUMBER_OPS:
        return
    {TEXT: check_text, NUMBER: check_number, MOMENT: check_moment}[kind](op, value, path)


def trait_condition(argument: Any, building: Building) -> str:
    op, value = argument["op"], argument.get("value")
    kind, positive = trait_kind(op, value), OPPOSITES.get(op, op)
    if positive == "set":
        test = "TRUE"
    elif kind == NUMBER:
        test = f"t.number {SQL_OPS[positive]} {building.param(value)}"
    elif kind == MOMENT and positive in SQL_OPS:
        test = f"t.moment {SQL_OPS[positive]} {building.param(to_moment(value))}"
    elif kind == MOMENT:
        test = moment_sql("t.moment", positive, value, building)
    else:
        test = text_sql("t.text", positive, value, building, is_exact=True)
    inside = building.people(
        f"SELECT DISTINCT coalesce(m.survivor_id, t.contact_id) AS contact_id"
        f" {building.survivors('contacts_trait', 't')}"
        f" WHERE t.workspace_id = %(workspace)s AND t.name = {building.param(argument['name'])} AND {test}"
        f"{building.only('t.contact_id')}"
    )
    return f"(NOT {inside})" if op in OPPOSITES else inside


def trait_phrase(argument: Any) -> Phrase:
    op, value = argument["op"], argument.get("value")
    kind = trait_kind(op, value)
    ops = {TEXT: TEXT_OPS, NUMBER: NUMBER_OPS, MOMENT: {**NUMBER_OPS, **MOMENT_OPS}}[kind]
    return Phrase(argument["name"], ops[op], value_words(value, op, kind), "forms")


def trait_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    row = Trait.objects.filter(contact__in=members, name=argument["name"]).first()
    if row is None:
        return Evidence(_("nothing known"))
    value = row.text or row.number or row.moment
    return Evidence(str(value), row.updated_at)


def trait_moves(argument: Any) -> bool:
    return bool(argument["op"] == "last_days")


def check_role(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["in"])
    names = argument["in"]
    fits = isinstance(names, list) and bool(names) and all(name in ROLE_NAMES for name in names)
    expect(fits, path, _("This needs one or more of: %(roles)s.") % {"roles": ", ".join(ROLE_NAMES)})


def role_condition(argument: Any, building: Building) -> str:
    wanted = building.param([int(ROLE_NAMES[name]) for name in argument["in"]])
    return building.people(
        f"SELECT DISTINCT coalesce(m.survivor_id, r.contact_id) AS contact_id"
        f" {building.survivors('contacts_audiencerole', 'r')}"
        f" WHERE r.workspace_id = %(workspace)s AND r.role = ANY({wanted}) AND r.until IS NULL"
        f"{building.only('r.contact_id')}"
    )


def role_phrase(argument: Any) -> Phrase:
    labels = [str(ROLE_NAMES[name].label).lower() for name in argument["in"]]
    return Phrase(_("plays the role"), _("of"), _(" or ").join(labels), "users")


def role_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    rows = AudienceRole.objects.filter(contact__in=members, until=None).order_by("since")
    found = [row for row in rows if row.role in {int(ROLE_NAMES[name]) for name in argument["in"]}]
    if found:
        return Evidence(", ".join(str(row) for row in found), found[0].since)
    return Evidence(", ".join(str(row) for row in rows) or _("no role"))


def check_tag(argument: Any, path: Path) -> None:
    fits = isinstance(argument, dict) and len(argument) == 1 and next(iter(argument)) in TAG_TESTS
    expect(fits, path, _("This needs one of: %(tests)s.") % {"tests": ", ".join(TAG_TESTS)})
    check_text("in", next(iter(argument.values())), path)


def tag_condition(argument: Any, building: Building) -> str:
    ((test, names),) = argument.items()
    wanted = sorted(set(names))
    every = f" HAVING count(DISTINCT t.name) = {len(wanted)}" if test == "has_all" else ""
    inside = building.people(
        f"SELECT coalesce(m.survivor_id, t.contact_id) AS contact_id {building.survivors('contacts_tag', 't')}"
        f" WHERE t.workspace_id = %(workspace)s AND t.name = ANY({building.param(wanted)})"
        f"{building.only('t.contact_id')} GROUP BY 1{every}"
    )
    return f"(NOT {inside})" if test == "has_none" else inside


def tag_phrase(argument: Any) -> Phrase:
    ((test, names),) = argument.items()
    verbs = {"has_any": _("include"), "has_all": _("include all of"), "has_none": _("do not include")}
    joint = _(" and ") if test == "has_all" else _(" or ")
    return Phrase(_("tags"), verbs[test], joint.join(names), "tag")


def tag_evidence(_argument: Any, members: Sequence[int]) -> Evidence | None:
    names = sorted(set(Tag.objects.filter(contact__in=members).values_list("name", flat=True)))
    return Evidence(", ".join(names) or _("no tags"))
