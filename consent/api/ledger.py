"""`/contacts/…/consents` and `/topics`: the ledger with its proof, a yes, a no."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field, IPvAnyAddress

from consent.api.words import ChannelName, Page
from consent.consenting import NoProofError, Proof, give_consent, withdraw_consent
from consent.models import Basis, Consent, Topic
from contacts.api.reading import find_contact
from contacts.channels import Channel
from contacts.merging import everyone_in
from lib.clock import now
from workspaces.api.door import scope
from workspaces.api.pages import Id, Moment, Paged, PageOf, Taken, newest_first
from workspaces.api.problems import Problem, refuse

router = Router()
BasisName = StrEnum("BasisName", dict(zip(Basis.names, Basis.values, strict=True)))  # type: ignore[misc]


class TopicShape(Schema):
    """Something people can ask for."""

    key: str
    name: str
    promise: str
    is_private: bool
    basis: BasisName
    months: int | None = Field(description="After so many months a yes ends; null: never.")


class TopicsShape(Schema):
    """All of them; there are few."""

    items: list[TopicShape]


class NewConsent(Taken):
    """A yes or a no, and how you know."""

    topic: str | None = Field(None, max_length=40, description="Its key; null is everything.")
    channel: ChannelName = ChannelName.EMAIL  # type: ignore[attr-defined]
    state: Literal["given", "withdrawn"]
    basis: BasisName | None = Field(None, description="Why we may write, for a yes; left out: the topic's own basis.")
    wording: str = Field("", max_length=5_000, description="The sentence that they saw.")
    source: str = Field("", max_length=120, description="Where it was said: a form, a till.")
    page: Page = Field("", description="The address of the page. A yes after a no needs it.")
    language: str = Field("", max_length=10)
    ip: IPvAnyAddress | None = None
    agent: str = Field("", max_length=300)
    at: Moment | None = Field(None, description="When it was said; left out: now.")
    expires_at: Moment | None = Field(None, description="When a yes ends; left out: after the topic's months.")


class ConsentShape(Schema):
    """One line of the ledger. It is only ever added to."""

    id: int
    contact_id: int
    topic: str | None
    channel: ChannelName
    state: Literal["requested", "given", "withdrawn"]
    basis: BasisName
    wording: str
    source: str
    page: str
    language: str
    ip: str | None
    agent: str
    at: datetime
    expires_at: datetime | None


@router.get("/topics", response=TopicsShape, summary="Topics")
@scope("consents:read")
def list_topics(request: HttpRequest) -> dict[str, Any]:
    """What people can say yes or no to, in their order."""
    rows = Topic.objects.order_by("position", "pk").values("key", "name", "promise", "is_private", "basis", "months")
    return {"items": list(rows)}


@router.get("/contacts/{contact_id}/consents", response=PageOf[ConsentShape], summary="What a contact said")
@scope("consents:read")
def list_consents(request: HttpRequest, contact_id: Id, asked: Query[Paged]) -> dict[str, Any]:
    """The ledger of the whole person, newest line first, each with its proof. What counts stands in the contact itself."""
    rows = Consent.objects.filter(contact__in=everyone_in(find_contact(contact_id).pk)).select_related("wording")
    shown, after = newest_first(rows, asked)
    keys = dict(Topic.objects.values_list("pk", "key"))
    return {"items": [_shape(row, keys) for row in shown], "next": after}


@router.post("/contacts/{contact_id}/consents", response={201: ConsentShape}, summary="Write down a yes or a no")
@scope("consents:write")
def add_consent(request: HttpRequest, contact_id: Id, said: NewConsent) -> Status:
    """May be repeated: what stands already is not written twice. A no about everything stops the addresses as well.

    409 where they said no before and the yes names no page on which they took it back.
    """
    contact, topic = find_contact(contact_id), _topic(said.topic)
    channel = Channel[said.channel.name]
    if said.at and said.at > now():
        raise refuse("body.at", "This lies in the future.")
    proof = Proof(
        source=said.source or "API",
        page=said.page,
        language=said.language,
        agent=said.agent,
        ip=str(said.ip) if said.ip else None,
    )
    if said.state == "withdrawn":
        withdraw_consent(contact, topic=topic, channel=channel, **proof)
        mine = Consent.objects.filter(contact=contact, topic=topic, channel=channel)
        row = mine.filter(state=Consent.State.WITHDRAWN).order_by("-at", "-pk").first()
    else:
        facts: dict[str, Any] = {"basis": said.basis and said.basis.value, "wording": said.wording}
        facts |= {"at": said.at, "expires_at": said.expires_at}
        try:
            row = give_consent(contact, topic=topic, channel=channel, **facts, **proof)
        except NoProofError as error:
            raise Problem(409, str(error), code="no_proof") from error
    if row is None:
        raise Problem(409, "Their no to everything stands already, and this is part of it.", code="stands_already")
    return Status(201, _shape(row, {topic.pk: topic.key} if topic else {}))


def _topic(key: str | None) -> Topic | None:
    if key is None:
        return None
    found = Topic.objects.filter(key=key).first()
    if found is None:
        raise refuse("body.topic", f"There is no topic “{key}”.")
    return found


def _shape(row: Consent, keys: dict[int, str]) -> dict[str, Any]:
    plain = ("contact_id", "basis", "source", "page", "language", "ip", "agent", "at", "expires_at")
    return {
        "id": row.pk,
        "topic": keys.get(row.topic_id) if row.topic_id else None,
        "channel": Channel(row.channel).name.lower(),
        "state": Consent.State(row.state).name.lower(),
        "wording": row.wording.text if row.wording else "",
        **{name: getattr(row, name) for name in plain},
    }
