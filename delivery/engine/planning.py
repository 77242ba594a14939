"""Planning: who gets a message is fixed in one transaction, as chunks of 1,000 people: once, or again and again for a
standing one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from contacts.channels import Channel, identity_kind_of
from delivery.engine.lanes import call_sender
from delivery.engine.timing import timing_of
from delivery.models import Delivery, Message, RecipientChunk
from delivery.news import message_finished
from delivery.pace.warming_up import plan_of
from delivery.pricing import price_of_sender
from delivery.senders import channel_of
from engagement.warmth import warmth_sql
from lib.bucketing import bucket_sql
from lib.clock import now
from lib.sql import load_sql, numbers_of, run_sql
from workspaces.current import current_workspace_id

CHUNK = 1_000
OF_NUMBER = {"warmth": "0", "order": "id"}


# people who are named, by their ids
GIVEN = "SELECT unnest(%(people)s::bigint[]) AS contact_id"


class AlreadyPlannedError(ValueError):
    """The recipients of a message are fixed once."""


class NotOpenError(ValueError):
    """The message takes no further recipients; the text is the state it is in."""


@transaction.atomic
def plan(message: Message, audience: str, params: Mapping[str, Any]) -> Message:
    """Fix who gets the message: the people of `audience`, a SELECT of contact_ids with `params`. It is sending then.

    Once a person and once an address; those of a holdout are written down as such. Where the sender warms up, the most
    engaged stand first. When each may have it is the message's timing. AlreadyPlannedError. Locks the message's row.
    """
    message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if message.planned_at or message.state not in {Message.State.SCHEDULED, Message.State.PLANNING}:
        raise AlreadyPlannedError(message.pk)
    people, held, doubles = _write_chunks(message, audience, params, occasion=0, first=0)
    message.planned_at = now()
    message.planned_count, message.held_count = people + held + doubles, held
    message.state = Message.State.SENDING if people else Message.State.SENT
    message.state_reason = ""
    message.finished_at = None if people else message.planned_at
    _note_price(message)
    message.save(
        update_fields=[
            "planned_at", "planned_count", "held_count", "state", "state_reason", "finished_at", "price_milli",
            "postage_milli",
        ]
    )  # fmt: skip
    call_sender(message)
    if not people:
        message_finished.tell(message=message)
    return message


@transaction.atomic
def add_recipients(message: Message, contact_ids: Sequence[int], *, occasion: int) -> int:
    """These people get a standing message because of `occasion`; returns to how many it goes.

    Once a person, address and occasion, whoever asks again; those of a holdout are written down as such. NotOpenError
    unless it is standing and open. Locks the message's row.
    """
    message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if not message.is_standing or message.state != Message.State.SENDING:
        raise NotOpenError(message.get_state_display())
    return _add(message, GIVEN, {"people": list(contact_ids)}, occasion)


@transaction.atomic
def add_audience(message: Message, audience: str, params: Mapping[str, Any], *, at: datetime | None = None) -> int:
    """The people of `audience`, as of `plan`, get a message too that others were planned for; returns to how many it goes.

    Once a person and address: whoever has a word of it, or waits for it, gets no second. `at`: not before this moment.
    One that was sent is being sent again. NotOpenError unless it is being sent or was. Locks the message's row.
    """
    message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if message.planned_at is None or message.state not in {Message.State.SENDING, Message.State.SENT}:
        raise NotOpenError(message.get_state_display())
    if at is not None:
        if message.wall_at and message.scheduled_at:  # whole days, of which one may have an hour more or less
            message.wall_at += timedelta(days=round((at - message.scheduled_at) / timedelta(days=1)))
        message.scheduled_at = at
    people = _add(message, audience, params, 0)
    if people and message.state == Message.State.SENT:
        message.state, message.finished_at = Message.State.SENDING, None
    message.save(update_fields=["state", "finished_at", "scheduled_at", "wall_at"])
    return people


def _add(message: Message, audience: str, params: Mapping[str, Any], occasion: int) -> int:
    """Further recipients of a message whose row is locked."""
    last = RecipientChunk.objects.filter(message=message).aggregate(last=Max("number"))["last"]
    first = (last or 0) + 1
    people, held, doubles = _write_chunks(message, audience, params, occasion=occasion, first=first, goes_on=True)
    message.planned_count += people + held + doubles
    message.held_count += held
    if message.price_milli is None:
        _note_price(message)
    message.save(update_fields=["planned_count", "held_count", "price_milli", "postage_milli"])
    if people:
        call_sender(message)
    return people


def _write_chunks(
    message: Message, audience: str, given: Mapping[str, Any], *, occasion: int, first: int, goes_on: bool = False
) -> tuple[int, int, int]:
    """(people in chunks, held back, doubles). `goes_on`: some may have a word about this occasion already."""
    salts = {f"salt_{number}": salt for number, (salt, _size) in enumerate(message.holdouts)}
    mine = {"workspace": current_workspace_id(), "message": message.pk, "size": CHUNK}
    mine |= {"occasion": occasion, "first": first, "address_kind": identity_kind_of(channel_of(message.sender))}
    order = {"warmth": warmth_sql("p.id"), "order": "warmth DESC, id"} if plan_of(message.sender) else OF_NUMBER
    timing = timing_of(message, order["order"])
    params = dict(given) | mine | salts | timing.params | numbers_of(Delivery.State)
    parts = {"audience": audience, "held": _held_sql(message), "address": address_sql(message)} | order | timing.holes
    parts |= {"unknown": load_sql("delivery/without_word") if goes_on else ""}
    is_email = channel_of(message.sender) == Channel.EMAIL
    parts |= {"had_address": load_sql("delivery/had_address") if goes_on and is_email else ""}
    ((people, held, doubles),) = run_sql("delivery/plan", params, **parts)
    return int(people), held, doubles


def _note_price(message: Message) -> None:
    price = price_of_sender(message.sender)
    message.price_milli, message.postage_milli = price.unit_milli, price.postage_milli


def address_sql(message: Message) -> str:
    """Where it goes to of a person `p`: their email, or what else its channel goes to.

    An audience may use it: its parameter is among those of the plan.
    """
    if channel_of(message.sender) == Channel.EMAIL:
        return "p.email"
    main = load_sql("contacts/primary_address", contact="p.id", kind="%(address_kind)s", email="p.email")
    return f"coalesce((SELECT one.value FROM ({main}) AS one), '')"


def _held_sql(message: Message) -> str:
    tests = [f"{bucket_sql('c.id', f'salt_{no}')} < {int(size)}" for no, (_salt, size) in enumerate(message.holdouts)]
    return f"({' OR '.join(tests)})" if tests else "false"
