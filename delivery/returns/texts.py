"""What comes back about texts: whether one arrived, and what people answer. STOP is a no to the channel, START ends it.

Every call is proven by X-Twilio-Signature: HMAC-SHA1 of the address and the sorted fields, under the account's token.
Words are Twilio's own and their German counterparts. YES and JA are no consent: they may answer anything.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from consent.consenting import give_consent, newest_word, withdraw_consent
from consent.models import Consent, Suppression
from consent.suppressing import suppress_all
from contacts.addresses import BadAddressError, normalise_phone
from contacts.channels import Channel
from contacts.models import Contact, Identity
from delivery.models import Sender
from delivery.news import text_heard
from delivery.returns.events import Kind, ReturnEvent, event
from delivery.returns.provider import ForgedError, bounce
from delivery.returns.taking import take_events
from delivery.senders import secret_of
from delivery.text_addresses import TextPlace
from lib.foreign.cleaning import to_line, to_text
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import current_workspace

STOP = frozenset({
    "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke",
    "stopp", "abmelden", "abbestellen", "austragen", "ende", "kündigen", "kuendigen", "widerruf",
})  # fmt: skip
START = frozenset({"start", "unstop", "anmelden"})
HELP = frozenset({"help", "info", "hilfe"})
GERMAN = frozenset({"hilfe"})
EDGES = re.compile(r"^[\W_]+|[\W_]+$")
LONGEST_TEXT = 2_000
UNKNOWN_NUMBERS = frozenset({"21211", "21214", "21614", "30005", "30006"})  # there is no such mobile


class Way(NamedTuple):
    """By which way people write to us: `name` stands in proofs, `source` and `label` are the source of the facts."""

    channel: Channel
    name: str
    source: str
    label: str


TEXTS = Way(Channel.MOBILE, "text", "texts", "Texts")


class Answer(NamedTuple):
    """A text from a person. `provider_stops`: the provider has taken their STOP or START and answered it. `name`: what they
    call themselves there.
    """

    sid: str
    number: str
    text: str
    provider_stops: bool = False
    at: datetime | None = None
    way: Way = TEXTS
    name: str = ""

    @property
    def order(self) -> str:
        """`stop` or `start` where the text says nothing else; "" for any other."""
        word = EDGES.sub("", self.text).casefold()
        return "stop" if word in STOP else "start" if word in START else ""


def prove(sender: Sender, url: str, fields: Mapping[str, str], given: str) -> None:
    """Return when the call is the provider's. ForgedError, SealBrokenError."""
    secret = secret_of(sender)
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    wanted = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1"))
    if not secret or not hmac.compare_digest(wanted, given.encode()):
        raise ForgedError("the signature does not fit")


def take_status(sender: Sender, place: TextPlace, fields: Mapping[str, str]) -> int:
    """What became of one text takes its effect; returns whether it spoke of one of ours. May be repeated."""
    found = _status(place, fields)
    return take_events([found], sender=sender) if found else 0


def _status(place: TextPlace, fields: Mapping[str, str]) -> ReturnEvent | None:
    state, code = fields.get("MessageStatus", ""), to_line(fields.get("ErrorCode", ""), 10)
    name = f"{place.message_id}.{place.contact_id}.1.{place.occasion}@text"
    if state in {"delivered", "read"}:
        return event(Kind.DELIVERED, at=None, address="", message_id=name)
    if state in {"undelivered", "failed"}:
        return bounce(is_hard=code in UNKNOWN_NUMBERS, words=code, at=None, address="", message_id=name)
    return None


@transaction.atomic
def take_answer(sender: Sender, answer: Answer) -> str:
    """Let what a person wrote take effect; returns what to answer, "" for nothing. May be repeated.

    STOP: no text goes out a moment later. Their words are kept as the proof. Whoever nobody knows is only kept from.
    """
    try:
        number = normalise_phone(answer.number)
    except BadAddressError:
        return ""
    word = EDGES.sub("", answer.text).casefold()
    contact = owner_of(number)
    is_stop, is_news, fact = answer.order == "stop", True, None
    if contact is not None:
        is_news, fact = _take_words(contact, answer, is_stop=is_stop, is_start=answer.order == "start")
    if is_stop and is_news:
        channel, reason = answer.way.channel, Suppression.Reason.OBJECTION
        suppress_all([number], channel=channel, reason=reason, source=source_of_stop(answer.way, sender))
    text_heard.tell(sender=sender, answer=answer._replace(number=number), touchpoint_id=fact)
    if word in HELP and not answer.provider_stops:
        return _help(sender, "de" if word in GERMAN else "")
    return ""


def source_of_stop(way: Way, sender: Sender) -> str:
    """What stands on the suppression list as the reason of who wrote STOP to this sender."""
    return f"{way.name} to {sender.name}"


def owner_of(number: str) -> Contact | None:
    """Whose this normalised number is; nobody who was erased."""
    held = Identity.objects.filter(kind=Identity.Kind.PHONE, value=number).select_related("contact").first()
    return held.contact if held is not None and held.contact.erased_at is None else None


def _take_words(contact: Contact, answer: Answer, *, is_stop: bool, is_start: bool) -> tuple[bool, Any]:
    """(whether it is news, its fact): an old STOP that is told again ends no later START."""
    way = answer.way
    kind = "unsubscribed" if is_stop else "preference" if is_start else "message"
    recorded = record(
        [
            Fact(
                kind=kind,
                external_id=f"{way.name}:{answer.sid}",
                occurred_at=answer.at,
                contact_id=contact.pk,
                channel=way.channel,
                payload={"text": to_text(answer.text, LONGEST_TEXT)},
                has_foreign_id=True,
            )
        ],
        source=source_for(way.source, way.label),
    )
    if not recorded.fresh_count:
        return False, recorded.ids[0]
    proof = {"source": way.name, "touchpoint_id": recorded.ids[0]}
    if is_stop:
        withdraw_consent(contact, topic=None, channel=way.channel, **proof)  # type: ignore[arg-type]
    elif is_start and _has_stopped(contact, way.channel):
        wording = to_line(answer.text, 100)
        give_consent(contact, topic=None, channel=way.channel, wording=wording, **proof)  # type: ignore[arg-type]
    return True, recorded.ids[0]


def _has_stopped(contact: Contact, channel: int) -> bool:
    """Only a STOP is ended by START: of whom we have none, it is no yes to anything."""
    word = newest_word(contact, topic=None, channel=channel)
    return word is not None and word.state == Consent.State.WITHDRAWN


def _help(sender: Sender, language: str) -> str:
    """What HELP is answered, in the language of the word."""
    workspace = current_workspace()
    own = str(sender.settings.get("help_text", ""))
    with override(language or workspace.locale):
        return own or _("%(brand)s: reply STOP and no more texts come.") % {"brand": workspace.name}
