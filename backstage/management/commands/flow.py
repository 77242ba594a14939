"""`manage.py flow`: who causes what, as text."""

import importlib
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from textwrap import wrap
from typing import Any

from django.core.management import BaseCommand

from lib.news import News
from lib.room import Room
from lib.rooms import house

WIRING = "ecrm.flow"  # above this room: asked by name


class Command(BaseCommand):
    """Print the rooms, who hears which news, which facts are re-checked, the agenda and the schedule."""

    help = "Print who causes what: rooms, news and their hearers in order, works of the agenda, the schedule."
    requires_system_checks: list[str] = []

    def handle(self, *_: object, **__: object) -> None:
        self.stdout.write("\n".join(told()))


WIDTH = 120


def told() -> Iterator[str]:
    """The whole of it, line by line."""
    flow: Any = importlib.import_module(WIRING)
    yield "ROOMS, top first"
    for room in reversed(house.rooms):
        yield from _columns((room.name if not n else "", line) for n, line in enumerate(wrap(_offers(room), WIDTH)))
    yield from ("", "NEWS, and who hears it, in this order")
    for news in all_news():
        hearers = [_name(hearer) for hearer in news.hearers] or [f"nobody: {news.unheard}"]
        yield from _columns((news.name if not n else "", hearer) for n, hearer in enumerate(hearers))
    yield from ("", "SEGMENTS LOOK AGAIN when a news changes a fact")
    yield from _columns((news.name, ", ".join(sorted(facts))) for news, (_marks, facts) in flow.RECHECKED.items())
    yield from ("", "DERIVED NUMBERS, and the news by which they hear")
    yield from _columns((name, ", ".join(news.name for news in heard)) for name, heard in flow.DERIVED.items())
    yield from ("", "AGENDA, by room")
    yield from _columns((work, _name(does)) for room in house.rooms for work, does in room.works.items())
    yield from ("", "SCHEDULE")
    yield from _columns((one["task"], _when(one["schedule"])) for one in flow.SCHEDULE.values())


def all_news() -> list[News]:
    """The news of every room, bottom first, by their modules."""
    found: list[News] = []
    for room in house.rooms:
        if find_spec(f"{room.name}.news"):
            module = importlib.import_module(f"{room.name}.news")
            found += [one for one in vars(module).values() if isinstance(one, News)]
    return found


def _offers(room: Room) -> str:
    """What a room offers, counted."""
    counts = {
        name: len(value)
        for name, value in vars(room).items()
        if name != "name" and (isinstance(value, (dict, list, tuple)) and value)
    }
    return ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items()) or "nothing to others"


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _when(schedule: Any) -> str:
    if isinstance(schedule, (int, float)):
        return f"every {schedule:g} s"
    return f"at {int(schedule._orig_hour):02}:{int(schedule._orig_minute):02} UTC"


def _columns(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from (f"  {left:<30} {right}".rstrip() for left, right in rows)
