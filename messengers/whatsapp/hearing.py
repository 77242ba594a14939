"""What WhatsApp's webhook tells: what became of messages, what people write, what becomes of templates.

A call is proven by X-Hub-Signature-256: HMAC-SHA256 of its body under the app's secret. It may come again and in any
order: what became of a message is folded (delivery/returns/folding.py), what somebody wrote is a fact with a name of its
own, a template keeps the newest word.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.addresses import BadAddressError, normalise_phone
from contacts.channels import Channel
from delivery.models import Sender
from delivery.news import answer_told
from delivery.returns.answers import AnswerWord, read_mark
from delivery.returns.events import MOST_EVENTS, Kind, ReturnEvent, event, moment_of, part_of, word_of
from delivery.returns.provider import ForgedError, tree_of
from delivery.returns.taking import take_events
from delivery.returns.texts import Answer, Way, owner_of, take_answer
from lib.foreign.cleaning import to_line
from lib.sql import run_sql
from messengers.keyring import keys_of
from messengers.whatsapp.codes import CLOSED, STOPPED, meaning_of
from messengers.whatsapp.messenger import KIND
from messengers.whatsapp.stopping import hear_stops
from messengers.whatsapp.templates import hear_state
from workspaces.current import current_workspace_id

WAY = Way(Channel.WHATSAPP, "whatsapp", "whatsapp", "WhatsApp")
AGENT = "WhatsApp"
NOT_WRITTEN = frozenset({"system", "unsupported"})


def prove(sender: Sender, raw: bytes, given: str) -> None:
    """Return when the call is WhatsApp's. ForgedError, SealBrokenError."""
    secret = keys_of(sender).get("app_secret", "")
    wanted = f"sha256={hmac.digest(secret.encode(), raw, 'sha256').hex()}"
    if not secret or not hmac.compare_digest(wanted.encode(), given.encode()):
        raise ForgedError("the signature does not fit")


@transaction.atomic
def take_call(sender: Sender, raw: bytes) -> dict[str, int]:
    """Let a proven call take effect; how many of its things we knew. BadBodyError. May be repeated.

    One address serves every number of the app: what speaks of another sender of this workspace is taken as of that one.
    """
    ours = [one for one in Sender.objects.filter(kind=KIND) if _account(one) == _account(sender) or one.pk == sender.pk]
    by_number = {str(one.settings.get("phone_number_id", "")): one for one in ours}
    counts = {"taken": 0, "unknown": 0}
    for account, field, value in _changes(tree_of(raw)):
        if field == "message_template_status_update":
            known = [
                hear_state(one, value, moment_of(part_of(value, "time"))) for one in ours if _account(one) == account
            ]
            counts["taken" if any(known) else "unknown"] += 1
            continue
        owner = by_number.get(word_of(value, "metadata", "phone_number_id"))
        if field == "messages" and owner is not None:
            _take_messages(owner, value, counts)
        else:
            counts["unknown"] += 1
    return counts


def _changes(tree: Any) -> Iterator[tuple[str, str, Any]]:
    """(account, field, value) of each change."""
    for entry in _list(part_of(tree, "entry")):
        at = part_of(entry, "time")
        for change in _list(part_of(entry, "changes")):
            value = part_of(change, "value")
            timed = {**value, "time": at} if isinstance(value, dict) else {}
            yield word_of(entry, "id"), word_of(change, "field"), timed


def _take_messages(sender: Sender, value: Any, counts: dict[str, int]) -> None:
    told = _list(part_of(value, "statuses"))[:MOST_EVENTS]
    events = [one for status in told for one in _events(status)]
    taken = take_events(events, sender=sender) if events else 0
    taken += sum(_tell_answer(sender, status) for status in told)
    counts["taken"] += taken
    counts["unknown"] += max(0, len(told) - taken)
    if stops := _stops(told):
        hear_stops(stops)
    names = {word_of(one, "wa_id"): word_of(one, "profile", "name") for one in _list(part_of(value, "contacts"))}
    for message in _list(part_of(value, "messages"))[:MOST_EVENTS]:
        counts["taken" if _take_message(sender, message, names) else "unknown"] += 1


def _events(status: Any) -> Sequence[ReturnEvent]:
    state, name = word_of(status, "status"), word_of(status, "biz_opaque_callback_data")
    facts: dict[str, Any] = {"at": word_of(status, "timestamp"), "address": "", "message_id": name}
    if state == "sent":
        return [event(Kind.TAKEN, **facts)]
    if state == "delivered":
        return [event(Kind.DELIVERED, **facts)]
    if state in {"read", "played"}:
        return [event(Kind.DELIVERED, **facts), event(Kind.OPEN, agent=AGENT, **facts)]
    if state == "failed":
        error = next(iter(_list(part_of(status, "errors"))), None)
        return [event(Kind.SOFT, words=f"{_code(status)} {word_of(error, 'title')}".strip(), **facts)]
    return []


def _tell_answer(sender: Sender, status: Any) -> bool:
    """What became of an answer that a member gave; False where it is about anything else."""
    answer_id, state = read_mark(word_of(status, "biz_opaque_callback_data")), word_of(status, "status")
    if answer_id is None or state not in {"sent", "delivered", "read", "failed"}:
        return False
    code, meaning = _code(status), meaning_of(_code(status))
    words = f"{meaning.cause}. {meaning.fix}" if code else ""
    told = AnswerWord(to_line(word_of(status, "id"), 200), state == "failed", words, is_closed=code == CLOSED)
    answer_told.tell(sender=sender, answer_id=answer_id, word=told)
    return True


def _code(status: Any) -> int:
    code = part_of(next(iter(_list(part_of(status, "errors"))), None), "code")
    return code if isinstance(code, int) and not isinstance(code, bool) else 0


def _stops(told: Iterable[Any]) -> dict[str, datetime]:
    """Number → the last moment at which it was refused because they want no offers."""
    found: dict[str, datetime] = {}
    for status in told:
        if _code(status) == STOPPED and (number := _number(word_of(status, "recipient_id"))):
            at = moment_of(word_of(status, "timestamp"))
            found[number] = max(at, found.get(number, at))
    return found


def _take_message(sender: Sender, message: Any, names: Mapping[str, str]) -> bool:
    """What somebody wrote: on their timeline, STOP as with texts, and from then on their window is open."""
    sid, number, kind = to_line(word_of(message, "id"), 200), word_of(message, "from"), word_of(message, "type")
    if not sid or not number or kind in NOT_WRITTEN:
        return False
    at = moment_of(word_of(message, "timestamp"))
    take_answer(sender, Answer(sid, f"+{number}", _text(message, kind), True, at, WAY, names.get(number, "")))
    return _open_window(sender, number, at)


def _text(message: Any, kind: str) -> str:
    for path in (
        ("text", "body"), ("button", "text"), ("interactive", "button_reply", "title"),
        ("interactive", "list_reply", "title"), ("reaction", "emoji"), (kind, "caption"), (kind, "filename"),
    ):  # fmt: skip
        if found := word_of(message, *path):
            return found
    return f"[{to_line(kind, 20)}]"


def _open_window(sender: Sender, digits: str, at: datetime) -> bool:
    """Kept of people we know only; returns whether it is one."""
    value = _number(digits)
    contact = owner_of(value) if value else None
    if contact is None:
        return False
    ids = {"workspace": current_workspace_id(), "sender": sender.pk, "contact": contact.pk}
    params = ids | {"number": value, "at": at}
    run_sql("messengers/open_window", params)
    return True


def _number(digits: str) -> str:
    """Normalised, "" where it is none."""
    try:
        return normalise_phone(f"+{digits}")
    except BadAddressError:
        return ""


def _account(sender: Sender) -> str:
    return str(sender.settings.get("account_id", ""))


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []
