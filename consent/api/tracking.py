"""`/contacts/…/tracking`: how far a contact lets us measure what they do with our emails, with the proof."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from consent.api.words import Page
from consent.consenting import NoProofError, Proof
from consent.models import TrackingConsent
from consent.tracking import say_tracking, tracking_history, tracking_modes
from contacts.api.reading import find_contact
from contacts.models import Contact
from workspaces.api.door import scope
from workspaces.api.pages import Id, Taken
from workspaces.api.problems import Problem
from workspaces.tracking_mode import TrackingMode

router = Router()
ModeName = StrEnum("TrackingModeName", {name: name.lower() for name in TrackingMode.names})  # type: ignore[misc]


class NewTracking(Taken):
    """How far they let us measure; null takes back what they said."""

    mode: ModeName | None
    wording: str = Field("", max_length=5_000, description="The sentence that they saw.")
    source: str = Field("", max_length=120)
    page: Page = Field("", description="The address of the page. To allow more than before needs it.")
    language: str = Field("", max_length=10)


class SaidTracking(Schema):
    """What they said once."""

    mode: ModeName | None
    wording: str
    source: str
    page: str
    at: datetime


class TrackingShape(Schema):
    """How far may be measured now, by the brand's usual way and their own word; and all that they said, newest first."""

    mode: ModeName
    said: list[SaidTracking]


@router.get("/contacts/{contact_id}/tracking", response=TrackingShape, summary="May opens and clicks be measured?")
@scope("consents:read")
def get_tracking(request: HttpRequest, contact_id: Id) -> dict[str, Any]:
    """What holds when a picture is fetched or a link is followed, also of emails that were sent before."""
    return _shape(find_contact(contact_id))


@router.post("/contacts/{contact_id}/tracking", response=TrackingShape, summary="Say how far may be measured")
@scope("consents:write", "consents:read")
def add_tracking(request: HttpRequest, contact_id: Id, said: NewTracking) -> dict[str, Any]:
    """May be repeated. 409 where they allowed less before and no page is named on which they allow more."""
    contact = find_contact(contact_id)
    proof = Proof(source=said.source or "API", page=said.page, language=said.language)
    try:
        say_tracking(contact, TrackingMode[said.mode.name] if said.mode else None, wording=said.wording, **proof)
    except NoProofError as error:
        raise Problem(409, str(error), code="no_proof") from error
    return _shape(contact)


def _shape(contact: Contact) -> dict[str, Any]:
    holds = tracking_modes([contact.pk]).get(contact.pk, TrackingMode.NONE)
    return {"mode": holds.name.lower(), "said": [_said(row) for row in tracking_history(contact)]}


def _said(row: TrackingConsent) -> dict[str, Any]:
    return {
        "mode": None if row.mode is None else TrackingMode(row.mode).name.lower(),
        "wording": row.wording.text if row.wording else "",
        "source": row.source,
        "page": row.page,
        "at": row.at,
    }
