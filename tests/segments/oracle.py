"""What a rule means, said again in plain Python over plain people; the compiler is tested against it."""

import operator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise, product

from lib.bucketing import bucket

COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass
class Event:
    kind: str
    at: datetime
    value: int | None = None
    certainty: int = 0
    payload: dict = field(default_factory=dict)


@dataclass
class Person:
    """Everything of one person, with what came from those merged into them."""

    id: int
    city: str = ""
    contact_frequency: int = 2
    complaint_since: datetime | None = None
    is_known: bool = True
    roles: set = field(default_factory=set)
    tags: set = field(default_factory=set)
    custom: list = field(default_factory=list)
    events: list = field(default_factory=list)
    word: str = "none"
    is_suppressed: bool = False
    segments: set = field(default_factory=set)


def fits(rule, person: Person, now: datetime) -> bool:
    if not person.is_known:
        return False
    return holds(rule, person, now)


def holds(node, person, now):
    ((kind, arg),) = node.items()
    match kind:
        case "all":
            return all(holds(child, person, now) for child in arg)
        case "any":
            return any(holds(child, person, now) for child in arg)
        case "not":
            return not holds(arg, person, now)
        case _:
            return LEAVES[kind](arg, person, now)


def text_holds(op, have: str, want) -> bool:
    match op:
        case "=":
            return have.casefold() == want.casefold()
        case "in":
            return have.casefold() in {one.casefold() for one in want}
        case "contains":
            return want.lower() in have.lower()
        case "starts":
            return have.lower().startswith(want.lower())
        case "set":
            return have != ""
    raise AssertionError(op)


def field_holds(arg, person, now):
    if not hasattr(person, arg["name"]):
        return custom_field_holds(arg, person)
    have, op, want = getattr(person, arg["name"]), arg["op"], arg.get("value")
    if arg["name"] == "contact_frequency":
        return COMPARE[op](have, want)
    if arg["name"] == "complaint_since":
        if op == "last_days":
            return have is not None and now - timedelta(days=want) <= have <= now
        return (have is not None) == (op == "set")
    if op in {"!=", "unset"}:
        return not text_holds({"!=": "=", "unset": "set"}[op], have, want)
    return text_holds(op, have, want)


def custom_field_holds(arg, person):
    mine = [value for name, value in person.custom if name == arg["name"]]
    op, want = arg["op"], arg.get("value")
    if op in {"set", "unset"}:
        return bool(mine) == (op == "set")
    positive = "=" if op == "!=" else op
    if isinstance(want, int):
        some = any(isinstance(one, int) and COMPARE[positive](one, want) for one in mine)
    else:
        some = any(isinstance(one, str) and text_holds(positive, one, want) for one in mine)
    return some != (op == "!=")


def tag_holds(arg, person, _now):
    ((test, names),) = arg.items()
    wanted = {name.casefold() for name in names}
    shared = {tag.casefold() for tag in person.tags} & wanted
    return {"has_any": bool(shared), "has_all": shared == wanted, "has_none": not shared}[test]


def within(event, window, now):
    if not window:
        return True
    ((kind, days),) = window.items()
    assert kind == "last_days"
    return event.at >= now - timedelta(days=days)


def where_holds(test, event):
    have = {"value": event.value}.get(test["path"], event.payload.get(test["path"]))
    op, want = test["op"], test.get("value")
    if isinstance(want, int):
        return op == "!=" if have is None else COMPARE[op](have, want)
    have = "" if have is None else str(have)
    if op in {"!=", "unset"}:
        return not text_holds({"!=": "=", "unset": "set"}[op], have, want)
    return text_holds(op, have, want)


def events_of(arg, person, now):
    human = arg.get("certainty", "human") == "human"
    return [
        one
        for one in person.events
        if one.kind == arg["kind"]
        and within(one, arg.get("window"), now)
        and (one.certainty == 0 or not human)
        and all(where_holds(test, one) for test in arg.get("where", []))
    ]


def did_holds(arg, person, now):
    events = events_of(arg, person, now)
    if "sum" in arg:
        values = [one.value for one in events if one.value is not None]
        return bool(values) and COMPARE[arg["sum"]["op"]](sum(values), arg["sum"]["value"])
    aim = arg.get("count", {"op": ">=", "n": 1})
    return COMPARE[aim["op"]](len(events), aim["n"])


def last_holds(arg, person, now):
    moments = [one.at for one in events_of(arg, person, now)]
    if not moments:
        return False
    ago, days = now - max(moments), timedelta(days=arg["ago"]["days"])
    return COMPARE[arg["ago"]["op"]](ago, days)


def sequence_holds(arg, person, now):
    span = timedelta(days=arg["within_days"])
    steps = [[one.at for one in events_of(step, person, now)] for step in arg["steps"]]
    return any(
        all(earlier < later for earlier, later in pairwise(chain)) and chain[-1] - chain[0] <= span
        for chain in product(*steps)
    )


def consent_holds(arg, person, _now):
    return person.word == arg["state"]


LEAVES = {
    "field": field_holds,
    "tag": tag_holds,
    "role": lambda arg, person, _now: bool(person.roles & set(arg["in"])),
    "did": did_holds,
    "last": last_holds,
    "sequence": sequence_holds,
    "consent": consent_holds,
    "bucket": lambda arg, person, _now: arg["from"] <= bucket(person.id, arg["salt"]) < arg["to"],
    "suppressed": lambda _arg, person, _now: person.is_suppressed,
    "segment": lambda arg, person, _now: (arg["id"] in person.segments) == arg.get("in", True),
}
