"""The words the ledger brings to rules: "did", how often (or for how much) in a span of time, and "last".

{"did": {"kind": "purchase", "count": {"op": ">=", "n": 3}, "window": {"last_days": 60}, "where": [{path, op, value}]}}
{"did": {"kind": "purchase", "sum": {"path": "value", "op": ">", "value": 5000}}}
{"last": {"kind": "purchase", "ago": {"op": ">=", "days": 60}}}

Kind and time drive (an index holds them); columns and payload paths are tested behind. Only what people did counts,
unless "certainty" is "any".
"""

import operator
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.segments.comparing import (
    NUMBER_OPS,
    SQL_OPS,
    TEXT_OPS,
    bounds,
    check_days,
    check_keys,
    check_number,
    check_text,
    check_window,
    expect,
    is_number,
    text_sql,
    window_sql,
    window_words,
)
from contacts.segments.words import Building, Evidence, Path, Phrase, leaf
from touchpoints.kinds import ALIASES, BY_CODE, KINDS
from touchpoints.models import OwnKind, Touchpoint

COLUMNS = {
    "value": "value_minor",
    "campaign": "campaign_id",
    "source": "source_id",
    "sentiment": "sentiment_milli",
    "channel": "channel",
    "direction": "direction",
}
MEASURES = ("count", "sum", "min", "max", "distinct")
MEASURE_WORDS = {
    "sum": gettext_lazy("total of"),
    "min": gettext_lazy("smallest"),
    "max": gettext_lazy("largest"),
    "distinct": gettext_lazy("different"),
}
COUNT_WORDS = {
    ">=": gettext_lazy("at least"),
    ">": gettext_lazy("more than"),
    "<": gettext_lazy("fewer than"),
    "<=": gettext_lazy("at most"),
    "=": gettext_lazy("exactly"),
    "!=": gettext_lazy("not exactly"),
}
COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FROM_LEDGER = """FROM touchpoints_touchpoint t LEFT JOIN contacts_merged m
  ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id"""
DEEPEST_PATH = 5


def register() -> None:
    """Make the ledger's words known."""
    leaf(
        "did", label=gettext_lazy("did something, so often"), check=check_did, condition=did_condition,
        phrase=did_phrase, evidence=did_evidence, moves=did_moves, order=40,
        form="touchpoints.segment_forms.DidForm",
    )  # fmt: skip
    leaf(
        "last", label=gettext_lazy("did something last, so long ago"), check=check_last, condition=last_condition,
        phrase=last_phrase, evidence=last_evidence, moves=last_moves, order=45,
        form="touchpoints.segment_forms.LastForm",
    )  # fmt: skip


def code_of(key: Any) -> int | None:
    """The code of a kind by its key, a name of the Segment spec, or a workspace's own name."""
    if not isinstance(key, str):
        return None
    known = KINDS.get(key) or KINDS.get(ALIASES.get(key.lower(), ""))
    if known:
        return known.code
    return OwnKind.objects.filter(key=key).values_list("code", flat=True).first()


def kind_words(key: str) -> str:
    """The plain word of a kind."""
    code = code_of(key)
    return str(BY_CODE[code].name) if code in BY_CODE else key


def kind_icon(key: str) -> str:
    """The icon of a kind."""
    code = code_of(key)
    return BY_CODE[code].icon if code in BY_CODE else "activity"


def check_did(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["kind"], [*MEASURES, "where", "window", "certainty"])
    _check_kind(argument["kind"], path)
    check_window(argument.get("window"), path)
    expect(argument.get("certainty", "human") in {"human", "any"}, path, _("Certainty is human or any."))
    chosen = [measure for measure in MEASURES if measure in argument]
    expect(len(chosen) <= 1, path, _("One line measures one thing."))
    for measure in chosen:
        aim = argument[measure]
        if measure == "count":
            check_keys(aim, path, ["op", "n"])
            check_number(aim["op"], aim["n"], path)
            expect(float(aim["n"]).is_integer() and aim["n"] >= 0, path, _("This needs a whole number."))
        else:
            check_keys(aim, path, ["path", "op", "value"])
            _check_path(aim["path"], path)
            check_number(aim["op"], aim["value"], path)
    where = argument.get("where", [])
    expect(isinstance(where, list) and len(where) <= 5, path, _("At most five conditions on one moment."))
    for test in where:
        _check_where(test, path)


def did_condition(argument: Any, building: Building) -> str:
    """People for whom the measure compares as asked. Where "never" compares too, everybody but those for whom not."""
    measure, aim = _measure_of(argument)
    op, value = aim["op"], aim["n"] if measure == "count" else aim["value"]
    test = f"{_measure_sql(measure, aim, building)} {SQL_OPS[op]} {building.param(value)}"
    never_fits = measure == "count" and COMPARE[op](0, value)
    having = f"NOT ({test})" if never_fits else test
    inside = building.people(f"{_events(argument, building)} GROUP BY 1 HAVING {having}")
    return f"(NOT {inside})" if never_fits else inside


def did_phrase(argument: Any) -> Phrase:
    measure, aim = _measure_of(argument)
    span = window_words(argument.get("window"))
    icon, name = kind_icon(argument["kind"]), kind_words(argument["kind"])
    tests = _(" and ").join(_where_words(test) for test in argument.get("where", []))
    tail = f"{span}, {tests}" if tests else span
    if measure != "count":
        verb = f"{MEASURE_WORDS[measure]} {aim['path']} {NUMBER_OPS[aim['op']]}"
        return Phrase(name, verb, f"{aim['value']} {tail}", icon)
    if (aim["op"], aim["n"]) in {("=", 0), ("<", 1), ("<=", 0)}:
        return Phrase(name, _("not"), tail, icon)
    times = ngettext("once", "%(n)s times", int(aim["n"])) % {"n": int(aim["n"])}
    return Phrase(name, COUNT_WORDS[aim["op"]], f"{times} {tail}", icon)


def did_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    rows = Touchpoint.objects.filter(contact__in=members, kind=code_of(argument["kind"]) or 0)
    if argument.get("certainty", "human") == "human":
        rows = rows.filter(certainty=Touchpoint.Certainty.HUMAN)
    start, end = bounds(argument.get("window"), timezone.now())
    rows = rows.filter(occurred_at__gte=start) if start else rows
    rows = rows.filter(occurred_at__lt=end) if end else rows
    moments = list(rows.order_by("-occurred_at").values_list("occurred_at", flat=True)[:101])
    if not moments:
        return Evidence(_("never in this time"))
    times = ngettext("once", "%(n)s times", len(moments)) % {"n": len(moments)}
    return Evidence(_("more than 100 times") if len(moments) > 100 else times, moments[0])


def did_moves(argument: Any) -> bool:
    return "last_days" in (argument.get("window") or {})


def check_last(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["kind", "ago"])
    _check_kind(argument["kind"], path)
    check_keys(argument["ago"], path, ["op", "days"])
    expect(argument["ago"]["op"] in {"<", "<=", ">", ">="}, path, _("This needs more than or less than."))
    check_days(argument["ago"]["days"], path)


def last_condition(argument: Any, building: Building) -> str:
    """The newest moment of a kind against a day; who never did it is in neither half."""
    op, days = argument["ago"]["op"], argument["ago"]["days"]
    day = building.param(building.now - timedelta(days=days))
    sign = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]
    # Recent halves read only the recent months.
    recent = f" AND t.occurred_at {sign} {day}" if op in {"<", "<="} else ""
    return building.people(f"{_events(argument, building)}{recent} GROUP BY 1 HAVING max(t.occurred_at) {sign} {day}")


def last_phrase(argument: Any) -> Phrase:
    verbs = {"<": _("less than"), "<=": _("at most"), ">": _("more than"), ">=": _("at least")}
    ago = argument["ago"]
    days = ngettext("1 day ago", "%(n)s days ago", ago["days"]) % {"n": ago["days"]}
    name = _("last %(kind)s") % {"kind": kind_words(argument["kind"])}
    return Phrase(name, verbs[ago["op"]], days, kind_icon(argument["kind"]))


def last_evidence(argument: Any, members: Sequence[int]) -> Evidence | None:
    rows = Touchpoint.objects.filter(contact__in=members, kind=code_of(argument["kind"]) or 0, certainty=0)
    last = rows.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
    return Evidence(_("last time"), last) if last else Evidence(_("never"))


def last_moves(_argument: Any) -> bool:
    return True


def _events(argument: Any, building: Building) -> str:
    certainty = "" if argument.get("certainty", "human") == "any" else " AND t.certainty = 0"
    tests = "".join(f" AND {_where_sql(test, building)}" for test in argument.get("where", []))
    return (
        f"SELECT coalesce(m.survivor_id, t.contact_id) AS contact_id {FROM_LEDGER}"
        f" WHERE t.workspace_id = %(workspace)s AND t.kind = {building.param(code_of(argument['kind']))}"
        f"{window_sql('t.occurred_at', argument.get('window'), building)}{certainty}{tests}"
        f"{building.only('t.contact_id')}"
    )


def _measure_of(argument: Any) -> tuple[str, Any]:
    measure = next((name for name in MEASURES if name in argument), "count")
    return measure, argument.get(measure, {"op": ">=", "n": 1})


def _measure_sql(measure: str, aim: Any, building: Building) -> str:
    if measure == "count":
        return "count(*)"
    if measure == "distinct":
        return f"count(DISTINCT {_text_at(aim['path'], building)})"
    return f"{measure}({_number_at(aim['path'], building)})"


def _number_at(path: str, building: Building) -> str:
    if path in COLUMNS:
        return f"t.{COLUMNS[path]}::numeric"
    text = _text_at(path, building)
    return rf"(CASE WHEN {text} ~ '^-?\d{{1,15}}(\.\d{{1,9}})?$' THEN ({text})::numeric END)"


def _text_at(path: str, building: Building) -> str:
    if path in COLUMNS:
        return f"t.{COLUMNS[path]}::text"
    return f"(t.payload #>> {building.param(path.split('.'))}::text[])"


def _where_sql(test: Any, building: Building) -> str:
    path, op, value = test["path"], test["op"], test.get("value")
    if is_number(value):
        absent = "true" if op == "!=" else "false"
        return f"coalesce({_number_at(path, building)} {SQL_OPS[op]} {building.param(value)}, {absent})"
    text = f"coalesce({_text_at(path, building)}, '')"
    if op in {"!=", "unset"}:
        return f"NOT ({text_sql(text, '=' if op == '!=' else 'set', value, building, is_exact=True)})"
    return f"({text_sql(text, op, value, building, is_exact=True)})"


def _where_words(test: Any) -> str:
    value = test.get("value")
    ops = NUMBER_OPS if is_number(value) else TEXT_OPS
    words = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"{test['path']} {ops[test['op']]} {words}".strip()


def _check_kind(key: Any, path: Path) -> None:
    expect(code_of(key) is not None, path, _("There is no kind of touchpoint “%(kind)s”.") % {"kind": key})


def _check_path(name: Any, path: Path) -> None:
    fits = isinstance(name, str) and 0 < len(name) <= 120 and len(name.split(".")) <= DEEPEST_PATH
    expect(fits, path, _("This needs the name of something that was recorded."))


def _check_where(test: Any, path: Path) -> None:
    check_keys(test, path, ["path", "op"], ["value"])
    _check_path(test["path"], path)
    check = check_number if is_number(test.get("value")) else check_text
    check(test["op"], test.get("value"), path)


register()
