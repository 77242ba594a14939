"""What a notification says to a member: who did what, in their language, never what people wrote."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib.foreign.cleaning import to_line
from lib.push.sealing import LONGEST_TITLE, Shown
from lib.rooms import house
from workspaces.current import current_workspace
from workspaces.languages import team_language
from workspaces.models import User
from workspaces.notices.noticing import Told

MOST_ALONE = 3  # more at once become one
LINES = 3


@contextmanager
def member_language(user: User) -> Iterator[str]:
    """In this block words are in the language of a member, else in the workspace's; gives its code."""
    with team_language(), translation.override(user.locale or translation.get_language()):
        yield str(translation.get_language())


def things_for_you(count: int) -> str:
    """How many, at which brand."""
    says = ngettext("%(n)d thing for you at %(brand)s", "%(n)d things for you at %(brand)s", count)
    return to_line(says % {"n": count, "brand": current_workspace().name}, 200)


def shown_of(told: Sequence[Told]) -> list[tuple[Shown, str]]:
    """What of this a browser shows, and the tag of each: up to three by themselves, more as one.

    One about the same subject has the same tag: the newest replaces what stands there.
    """
    brand = to_line(current_workspace().name, LONGEST_TITLE)
    if len(told) <= MOST_ALONE:
        return [
            (Shown(one.text[:LONGEST_TITLE], brand, _link("workspaces:notice", one.row.pk)), _tag(one)) for one in told
        ]
    lines = list(dict.fromkeys(one.text for one in told))[:LINES]
    shown = Shown(things_for_you(len(told))[:LONGEST_TITLE], "\n".join(lines), _link("workspaces:notices"))
    return [(shown, tag_of("all"))]


def shown_test() -> tuple[Shown, str]:
    """What whoever tries it sees."""
    brand = to_line(current_workspace().name, LONGEST_TITLE)
    title = _("It works: notifications of %(brand)s come to this browser") % {"brand": brand}
    return Shown(title[:LONGEST_TITLE], _("So you hear of what concerns you."), _link("workspaces:notices")), tag_of(
        "test"
    )


def tag_of(*of: object) -> str:
    """A short text that stands for this in this workspace: browsers compare tags of all workspaces."""
    said = ":".join(str(one) for one in (current_workspace().pk, *of))
    return urlsafe_b64encode(sha256(said.encode()).digest())[:24].decode()


def _tag(told: Told) -> str:
    return tag_of(house.notice_kinds[told.row.kind].leads_to, told.row.subject_id)


def _link(name: str, *args: object) -> str:
    return f"{settings.ECRM_URL}{reverse(name, args=args)}"
