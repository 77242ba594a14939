"""`/suppressions`: addresses that are never written to. An entry knows its address by a keyed hash alone."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from consent.api.words import ChannelName
from consent.listed import MOST_ADDED, NotByHandError, add_by_hand, find_entries, lift_by_hand, list_entries
from consent.models import Suppression
from contacts.channels import Channel, sendable
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, Taken
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
Reason = Suppression.Reason
ReasonName = StrEnum("ReasonName", dict(zip(Reason.names, Reason.values, strict=True)))  # type: ignore[misc]
SendableName = StrEnum("SendableName", {one.name: one.name.lower() for one in sendable()})  # type: ignore[misc]


class SuppressionShape(Schema):
    """One entry: why an address is not written to, and since when."""

    id: int
    channel: ChannelName
    reason: ReasonName
    source: str
    at: datetime
    lifted_at: datetime | None
    ends_at: datetime | None = Field(description="When it ends by itself; null: never.")


class SuppressionsAsked(Paged):
    """Which entries."""

    reason: ReasonName | None = None


class Checked(Schema):
    """How one address stands on one channel."""

    channel: ChannelName
    is_suppressed: bool
    contact_id: int | None
    entries: list[SuppressionShape]


class ChecksShape(Schema):
    """One for each channel on which this is an address that we know something of."""

    items: list[Checked]


class NewSuppressions(Taken):
    """Addresses that must not be written to."""

    addresses: list[str] = Field(min_length=1, max_length=MOST_ADDED)
    channel: SendableName = SendableName.EMAIL  # type: ignore[attr-defined]
    why: str = Field("", max_length=200)


class AddedShape(Schema):
    """What became of them: those that are no addresses are told back, the others are kept."""

    count: int
    unusable: list[str]


class Lift(Taken):
    """The address that the entry stands for: the list itself does not know it."""

    address: str = Field(min_length=1, max_length=320)


@router.get("/suppressions", response=PageOf[SuppressionShape], summary="Suppression list")
@scope("suppressions:read")
def list_suppressions(request: HttpRequest, asked: Query[SuppressionsAsked]) -> dict[str, Any]:
    """What stands, newest first."""
    asked.place(datetime, int)
    reasons = [asked.reason.value] if asked.reason else list(Reason.values)
    page = list_entries(reasons, cursor=asked.after, a_page=asked.limit)
    return {"items": [_shape(row) for row in page.rows], "next": page.cursor or None}


@router.get("/suppressions/check", response=ChecksShape, summary="May this address be written to?")
@scope("suppressions:read")
def check_address(request: HttpRequest, address: Query[str]) -> dict[str, Any]:
    """What stands for this address and what was lifted, for each channel on which it is one. Empty: nothing is known."""
    if not 0 < len(address) <= 320:
        raise refuse("query.address", "An address has 1 to 320 characters.")
    return {
        "items": [
            {
                "channel": Channel(one.channel).name.lower(),
                "is_suppressed": one.stands,
                "contact_id": one.contact.pk if one.contact else None,
                "entries": [_shape(row) for row in one.entries],
            }
            for one in find_entries(address)
        ]
    }


@router.post("/suppressions", response={201: AddedShape}, summary="Put addresses on the list")
@scope("suppressions:write")
def add_suppressions(request: HttpRequest, said: NewSuppressions) -> Status:
    """Never write to these again. May be repeated."""
    channel = Channel[said.channel.name]
    added = add_by_hand(said.addresses, channel=channel, why=said.why or "API", by=None)
    return Status(201, {"count": added.count, "unusable": list(added.unusable)})


@router.post("/suppressions/{entry_id}/lift", response={204: None}, summary="Take an address off the list")
@scope("suppressions:write")
def lift_suppression(request: HttpRequest, entry_id: Id, said: Lift) -> Status:
    """Only what was blocked by hand. 409 for somebody's own word, which only a new consent of theirs takes away."""
    if not Suppression.objects.filter(pk=entry_id).exists():
        raise nothing_here("entry")
    try:
        is_lifted = lift_by_hand(entry_id, said.address, by=None)
    except NotByHandError as error:
        words = "This is the word of a person or of their mailbox: only a new consent of theirs takes it away."
        raise Problem(409, words, code="not_by_hand") from error
    if not is_lifted:
        raise refuse("body.address", "The entry does not stand for this address, or was lifted already.")
    return Status(204, None)


def _shape(row: Suppression) -> dict[str, Any]:
    return {
        "id": row.pk,
        "channel": Channel(row.channel).name.lower(),
        "reason": row.reason,
        "source": row.source,
        "at": row.at,
        "lifted_at": row.lifted_at,
        "ends_at": row.ends_at,
    }
