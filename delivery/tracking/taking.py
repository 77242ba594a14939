"""Opens and clicks come back: people told from machines, recorded as touchpoints, noted on the delivery. In any order, once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils.dateparse import parse_datetime

from delivery.bounces.soft_bounces import settle_held
from delivery.content.link_parameters import plain_targets
from delivery.content.linking import FIRST_PICKED, HONEYPOT
from delivery.engine.finishing import message_source
from delivery.models import Delivery, Message, TrackedLink
from delivery.tracking.bot_detection import HUMAN, MACHINE, UNSURE, Sign, detect_bots
from delivery.tracking.measuring import people_measured
from delivery.tracking.second_looks import put_right, signs_before, traps_before
from emails.library.remembering import note_clicks
from lib.clock import now
from lib.sql import numbers_of, run_sql
from touchpoints.facts import Fact
from touchpoints.recording import record
from workspaces.models import Workspace

State = Delivery.State
CERTAINTIES = {"human": HUMAN, "unsure": UNSURE, "machine": MACHINE}


def take_opens(workspace: Workspace, items: list[dict[str, Any]]) -> None:
    """Write down the opens of those who may be measured. May be repeated."""
    _take(workspace, [_sign(item) for item in items])


def take_clicks(workspace: Workspace, items: list[dict[str, Any]]) -> None:
    """Write down the clicks of those who may be measured. May be repeated."""
    _take(workspace, [_sign(item) for item in items])


def _take(workspace: Workspace, signs: Sequence[Sign]) -> None:
    measured = people_measured({sign.contact_id for sign in signs})  # asked again: they rested a while
    signs = [sign for sign in signs if sign.contact_id in measured]
    messages = Message.objects.in_bulk({sign.message_id for sign in signs})
    sent_at, addresses = {}, set()
    for message_id, contact_id, at, address in Delivery.objects.filter(
        message__in=messages, contact__in={sign.contact_id for sign in signs}
    ).values_list("message_id", "contact_id", "sent_at", "address"):
        sent_at[message_id, contact_id] = at
        addresses.add(address)
    known = [sign for sign in signs if sign.who in sent_at]  # erased meanwhile, or a message that is gone
    if not known:
        return
    counted = TrackedLink.objects.filter(message_id__in=messages, number__lt=FIRST_PICKED).values_list("message_id")
    link_counts = dict(counted.annotate(count=Count("pk")))
    earlier = signs_before(known)
    around = [*traps_before(known), *(one.sign for one in earlier)]
    verdicts = detect_bots(known, sent_at, link_counts, around)
    for message_id, message in messages.items():
        facts = [
            _fact(sign, certainty, reason)
            for sign, (certainty, reason) in zip(known, verdicts, strict=True)
            if sign.message_id == message_id and sign.link != HONEYPOT
        ]
        if facts:
            record(facts, source=message_source(message))
    certainties = [certainty for certainty, _reason in verdicts]
    _note(workspace, known, certainties)
    _note_items([sign for sign, certainty in zip(known, certainties, strict=True) if certainty == HUMAN])
    put_right([*known, *around], earlier, link_counts)
    settle_held(addresses)


def _note_items(signs: Sequence[Sign]) -> None:
    """What of the library was opened by people. Two statements, none without a click."""
    clicks = [sign for sign in signs if sign.link is not None]
    if not clicks:
        return
    rows = TrackedLink.objects.filter(message_id__in={sign.message_id for sign in clicks})
    urls = {
        (message, number): plain_targets(url, parameters or {})
        for message, number, url, parameters in rows.values_list(
            "message_id", "number", "url", "message__link_parameters"
        )
    }
    note_clicks(
        [
            (sign.contact_id, sign.message_id, url, sign.at)
            for sign in clicks
            if sign.link is not None
            for url in urls.get((sign.message_id, sign.link), ())
        ]
    )


def _note(workspace: Workspace, signs: Sequence[Sign], certainties: Sequence[int]) -> None:
    run_sql(
        "delivery/note_signs",
        numbers_of(State)
        | CERTAINTIES
        | {
            "workspace": workspace.pk,
            "messages": [sign.message_id for sign in signs],
            "contacts": [sign.contact_id for sign in signs],
            "ats": [sign.at for sign in signs],
            "certainties": list(certainties),
            "clicks": [sign.link is not None for sign in signs],
        },
    )


def _fact(sign: Sign, certainty: int, reason: str) -> Fact:
    """One fact a minute and link: who reloads a page has not read it twice."""
    minute = int(sign.at.timestamp() // 60)
    kind = "opened" if sign.link is None else "clicked"
    link = "" if sign.link is None else f":{sign.link}"
    return Fact(
        kind=kind,
        external_id=f"{kind}:{sign.contact_id}{link}:{minute}:{certainty}",
        occurred_at=sign.at,
        contact_id=sign.contact_id,
        message_id=sign.message_id,
        certainty=certainty,
        payload={"reason": reason} | ({} if sign.link is None else {"link": sign.link}),
        has_foreign_id=True,  # the first moment of this minute stands: else each moment would be a fact of its own
    )


def _sign(item: dict[str, Any]) -> Sign:
    at: datetime = parse_datetime(item["at"]) or now()
    return Sign(item["message"], item["contact"], at, item["agent"], bool(item["head"]), item.get("link"))
