"""Begin an email with one of the starting templates."""

import msgspec
from django.utils.html import escape
from django.utils.translation import override

from emails.blocks.base import Block
from emails.gallery.event import EVENT
from emails.gallery.launch import LAUNCH
from emails.gallery.newsletter import NEWSLETTER
from emails.gallery.plain_letter import PLAIN_LETTER
from emails.gallery.points import Facts, StartingPoint
from emails.gallery.survey import SURVEY
from emails.gallery.thank_you import THANK_YOU
from emails.gallery.welcome import WELCOME
from emails.gallery.win_back import WIN_BACK
from emails.library.calendar_files import calendar_address
from emails.models import LibraryItem
from emails.reading import check_blocks, new_id
from lib.clock import now
from workspaces.current import current_workspace

STARTING_POINTS: dict[str, StartingPoint] = {
    one.key: one for one in (NEWSLETTER, WELCOME, LAUNCH, EVENT, WIN_BACK, THANK_YOU, SURVEY, PLAIN_LETTER)
}


class UnknownStartingPointError(LookupError):
    """There is no starting template of this key."""


def begin(key: str, *, writer: str = "", language: str = "") -> list[Block]:
    """Its blocks in the workspace's language or the one that is asked for, each with a new id.

    `writer` signs where somebody signs, else the brand does. UnknownStartingPointError.
    """
    point = STARTING_POINTS.get(key)
    if point is None:
        raise UnknownStartingPointError(key)
    workspace = current_workspace()
    event, calendar = _next_event()
    facts = Facts(_as_words(workspace.name), workspace.website, _as_words(writer), _no_tag(event), calendar)
    with override(language or workspace.locale):
        made = point.blocks(facts)
    return check_blocks([msgspec.structs.replace(block, id=new_id()) for block in made])


def _next_event() -> tuple[str, str]:
    """What of the library begins next, and the address of its calendar file; empty where nothing does."""
    item = LibraryItem.objects.filter(is_active=True, starts_at__gt=now()).order_by("starts_at", "pk").first()
    return (item.title, calendar_address(item)) if item else ("", "")


def _as_words(name: str) -> str:
    """A name as markup of words."""
    return escape(_no_tag(name))


def _no_tag(name: str) -> str:
    """Braces would be read as a tag."""
    return name.replace("{", "(").replace("}", ")")
