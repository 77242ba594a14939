"""How campaigns are written in the API: what is taken, what is answered."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from ninja import Schema
from pydantic import Field

from campaigns.forms import CHOSEN
from campaigns.list_figures import lines_of, people_of
from campaigns.models import Campaign
from campaigns.reviewing import asked_about
from delivery.models import Content, Message
from workspaces.api.pages import Id, Paged, Taken

LONGEST_BODY, MOST_HOLDOUT = 300_000, 50
StateName = StrEnum("CampaignState", {one.name: one.value for one in Message.State})  # type: ignore[misc]
PurposeName = StrEnum("CampaignPurpose", {str(value).upper(): value for value, _label in CHOSEN})  # type: ignore[misc]
FormatName = StrEnum("CampaignFormat", {one.name: one.value for one in Content.Format})  # type: ignore[misc]


class FiguresShape(Schema):
    """People and no machines, as far as they are measured."""

    delivered: int
    opened: int
    clicked: int
    revenue_minor: int = Field(description="What those who clicked ordered within 72 hours, in hundredths.")


class CampaignShape(Schema):
    """A message and its audience."""

    id: int
    name: str
    state: StateName
    is_in_review: bool
    purpose: str
    topic: int | None
    sender: int | None
    segment: int | None
    programme: int | None
    holdout_percent: int
    adds_utm: bool = Field(description="Whether utm parameters are added to its links.")
    subject: str
    preheader: str
    body_format: FormatName
    version: int = Field(description="Counts the changes of its words.")
    intended_at: datetime | None = Field(description="When a draft is meant to go out; nothing goes out by it.")
    scheduled_at: datetime | None
    began_at: datetime | None
    finished_at: datetime | None
    people: int = Field(description="Who was planned, in whatever version; 0 before.")
    figures: FiguresShape | None = Field(description="Null before it goes out, and of a big one until it is counted.")
    created_at: datetime


class CampaignsAsked(Paged):
    """Which campaigns."""

    state: StateName | None = None


class NewCampaign(Taken):
    """A draft. What is left out is asked on its page before somebody approves it."""

    name: str = Field(min_length=1, max_length=120)
    purpose: PurposeName = PurposeName("subscribed")  # type: ignore[operator]
    topic: Id | None = None
    sender: Id | None = None
    segment: Id | None = None
    programme: Id | None = None
    holdout_percent: int = Field(0, ge=0, le=MOST_HOLDOUT)
    adds_utm: bool = True
    subject: str = Field("", max_length=200)
    preheader: str = Field("", max_length=200)
    markdown: str | None = Field(
        None, max_length=LONGEST_BODY, description="In Liquid. Without it: an email of blocks."
    )
    intended_at: datetime | None = None


class ChangedCampaign(Taken):
    """What is to change; the rest stays."""

    name: str = Field("", min_length=1, max_length=120)
    purpose: PurposeName = PurposeName("subscribed")  # type: ignore[operator]
    topic: Id | None = None
    sender: Id | None = None
    segment: Id | None = None
    programme: Id | None = None
    holdout_percent: int = Field(0, ge=0, le=MOST_HOLDOUT)
    adds_utm: bool = True
    subject: str = Field("", max_length=200)
    preheader: str = Field("", max_length=200)
    markdown: str | None = Field(
        None, max_length=LONGEST_BODY, description="The email is written by hand from then on."
    )
    intended_at: datetime | None = None


class BlocksShape(Schema):
    """The blocks of an email, in their order."""

    version: int
    blocks: list[dict[str, Any]]


class Blocks(Taken):
    """All blocks, in their order."""

    blocks: list[dict[str, Any]] = Field(max_length=500)


def shapes_of(campaigns: Iterable[Campaign]) -> list[dict[str, Any]]:
    """These campaigns as the API shows them, in a constant number of statements."""
    rows = list(campaigns)
    lines, people, asked = lines_of(rows), people_of(rows), asked_about(rows)
    return [
        _shape(one)
        | {"figures": line._asdict() if (line := lines.get(one.pk)) else None, "is_in_review": one.pk in asked}
        | {"people": people[one.pk]}
        for one in rows
    ]


def _shape(one: Campaign) -> dict[str, Any]:
    message, content = one.message, one.message.content
    return {
        "id": one.pk,
        "name": message.name,
        "state": message.state,
        "purpose": message.purpose,
        "topic": message.topic_id,
        "sender": message.sender_id,
        "segment": one.segment_id,
        "programme": one.programme_id,
        "holdout_percent": one.holdout_percent,
        "adds_utm": one.adds_utm,
        "subject": content.subject,
        "preheader": content.preheader,
        "body_format": content.body_format,
        "version": content.version,
        "intended_at": one.intended_at,
        "scheduled_at": message.scheduled_at,
        "began_at": message.planned_at,
        "finished_at": message.finished_at,
        "created_at": one.created_at,
    }
