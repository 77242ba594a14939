"""Planning: who gets a message is fixed once, in one transaction, as chunks of 1,000 people."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from contacts.channels import Channel, identity_kind_of
from delivery.lanes import call_sender
from delivery.models import Delivery, Message
from delivery.pricing import price_of_sender
from delivery.senders import channel_of
from delivery.warming_up import plan_of
from engagement.warmth import warmth_sql
from lib.bucketing import bucket_sql
from lib.clock import now
from lib.sql import load_sql, numbers_of, run_sql
from workspaces.current import current_workspace_id

CHUNK = 1_000
OF_NUMBER = {"warmth": "0", "order": "id"}


class AlreadyPlannedError(ValueError):
    """The recipients of a message are fixed once."""


@transaction.atomic
def plan(message: Message, audience: str, params: Mapping[str, Any]) -> Message:
    """Fix who gets the message: the people of `audience`, a SELECT of contact_ids with `params`. It is sending then.

    Once a person and once an address; those of a holdout are written down as such. Where the sender warms up, the most
    engaged stand first. AlreadyPlannedError. Locks the message's row.
    """
    message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if message.planned_at or message.state not in {Message.State.SCHEDULED, Message.State.PLANNING}:
        raise AlreadyPlannedError(message.pk)
    salts = {f"salt_{number}": salt for number, (salt, _size) in enumerate(message.holdouts)}
    mine = {"workspace": current_workspace_id(), "message": message.pk, "size": CHUNK}
    kind = {"address_kind": identity_kind_of(channel_of(message.sender))}
    given = dict(params) | mine | salts | kind | numbers_of(Delivery.State)
    first = {"warmth": warmth_sql("p.id"), "order": "warmth DESC, id"} if plan_of(message.sender) else OF_NUMBER
    parts = {"audience": audience, "held": _held_sql(message), "address": _address_sql(message)} | first
    ((people, held, doubles),) = run_sql("delivery/plan", given, **parts)
    message.planned_at = now()
    message.planned_count, message.held_count = int(people) + held + doubles, held
    message.state = Message.State.SENDING if people else Message.State.SENT
    message.state_reason = ""
    price = price_of_sender(message.sender)
    message.price_milli, message.postage_milli = price.unit_milli, price.postage_milli
    message.finished_at = None if people else message.planned_at
    message.save(
        update_fields=[
            "planned_at", "planned_count", "held_count", "state", "state_reason", "finished_at", "price_milli",
            "postage_milli",
        ]
    )  # fmt: skip
    call_sender(message)
    return message


def _address_sql(message: Message) -> str:
    """Where it goes to of a person `p`: their email, or what else its channel goes to."""
    if channel_of(message.sender) == Channel.EMAIL:
        return "p.email"
    main = load_sql("contacts/primary_address", contact="p.id", kind="%(address_kind)s", email="p.email")
    return f"coalesce((SELECT one.value FROM ({main}) AS one), '')"


def _held_sql(message: Message) -> str:
    tests = [f"{bucket_sql('c.id', f'salt_{no}')} < {int(size)}" for no, (_salt, size) in enumerate(message.holdouts)]
    return f"({' OR '.join(tests)})" if tests else "false"
