"""A call, written down by hand; who asked to be called back waits in the inbox until then."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Contact
from conversations.assigning import answerers, assign, snooze
from conversations.mentions.by_hand import by_hand
from conversations.mentions.opening import open_conversation
from conversations.models import Mention
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import by_hand_source
from workspaces.auditing import audit
from workspaces.languages import team_language
from workspaces.models import User

CALL_BACK = "callback"


@dataclass(frozen=True)
class Call:
    """What is said of one call. `token` is made with the form: a second click is the same call."""

    token: str
    we_called: bool
    result: str
    ended_at: datetime
    minutes: int | None = None
    note: str = ""
    mood_milli: int | None = None
    call_back_at: datetime | None = None


class Logged(NamedTuple):
    """What came of it: whether the call is new on the timeline; the wish to be called back, when that is new."""

    is_new: bool
    wish: Mention | None = None


@transaction.atomic
def log_call(contact: Contact, call: Call, *, by: User) -> Logged:
    """The call stands on the timeline; with a call-back moment, the person's wish sleeps in the inbox until then.

    The wish is given to whoever wrote it down, if they may answer. May be repeated: a call that stands already stays.
    """
    payload = {"note": call.note, "minutes": call.minutes, "result": call.result}
    fact = Fact(
        kind="called" if call.we_called else "call",
        external_id=f"call-{call.token}",
        occurred_at=call.ended_at,
        contact_id=contact.pk,
        sentiment_milli=call.mood_milli,
        actor_id=by.pk,
        payload={name: value for name, value in payload.items() if value},
    )
    is_new = record([fact], source=by_hand_source()).fresh_count > 0
    if is_new:
        audit("call.logged", by=by, target=contact)
    if call.call_back_at is None:
        return Logged(is_new)
    with team_language():
        text = call.note or _("Asked to be called back.")
    wish = open_conversation(
        by_hand(), contact, text, key=call.token, network=CALL_BACK, thread=f"{CALL_BACK}-{call.token}"
    )
    if wish is not None:
        snooze(wish.conversation, call.call_back_at, by=by)
        if by.pk in answerers():
            assign(wish.conversation, by, by=by)
    return Logged(is_new, wish)
