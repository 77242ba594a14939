"""The list of people narrowed to a level of relationship, or to who moved: where those numbers lead."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from engagement.levels import KNOWN, Level
from lib.asked import whole_number
from lib.clock import now
from lib.offers import Narrowing
from workspaces.requests import Request

AT_LEVEL = """AND c.id IN (SELECT s.contact_id FROM engagement_score s
             WHERE s.workspace_id = %(workspace)s AND s.level = %(at_level)s)"""
MOVED = """AND c.id IN (SELECT m.contact_id FROM engagement_levelmove m
             WHERE m.workspace_id = %(workspace)s AND m.at >= %(moved_since)s
               AND sign(m.after - m.before) = %(moved_to)s)"""
WEEKS = 4


def at_level(_request: Request, value: str) -> Narrowing | None:
    """`?level=5`: who stands at this level now."""
    number = whole_number(value)
    if number not in {int(level) for level in KNOWN}:
        return None
    words = _("Level: %(name)s") % {"name": Level(number).label}
    return Narrowing(words, AT_LEVEL, {"at_level": number})


def level_line(value: str) -> dict[str, Any]:
    """The same as a line of a rule; of a value that `at_level` took."""
    return {"level": {"op": "=", "value": int(value)}}


def who_moved(_request: Request, value: str) -> Narrowing | None:
    """`?moved=up` or `down`: whose level changed that way in the last four weeks."""
    signs = {"up": (1, _("Moved up in 4 weeks")), "down": (-1, _("Moved down in 4 weeks"))}
    if value not in signs:
        return None
    sign, words = signs[value]
    return Narrowing(words, MOVED, {"moved_since": now() - timedelta(weeks=WEEKS), "moved_to": sign})
