"""How campaigns that go out by themselves are written in the API: what is taken, what is answered."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from ninja import Schema
from pydantic import Field

from campaigns.api.shapes import StateName
from campaigns.models import StandingCampaign
from campaigns.standing.forms import AFTER, BEFORE, MOST_DAYS, MOST_DELAY
from campaigns.standing.saying import how_they_stand
from touchpoints.kinds import BY_CODE
from touchpoints.models import OwnKind
from workspaces.api.pages import Taken

Trigger = StandingCampaign.Trigger
TriggerName = StrEnum("StandingTrigger", {one.name: one.value for one in Trigger})  # type: ignore[misc]
LONGEST_KIND, MOST_A_DAY = 60, 10_000_000
PLACES = {
    "days": "offset_days",
    "delay": "delay_minutes",
    "again": "again_after_days",
}  # field of the form → of the body


class StandingShape(Schema):
    """When a campaign goes out by itself, and what came of it."""

    campaign_id: int = Field(description="What goes out now; before it was started the draft.")
    draft_id: int | None = Field(description="The campaign that will take its place, while somebody writes it.")
    name: str
    state: StateName
    paused_because: str = Field(description="Why it paused by itself; empty where somebody paused it.")
    is_running: bool = Field(description="People may enter it: it was started, and not ended.")
    trigger: TriggerName
    kind: str = Field(description="What they do, where the trigger is happens: purchase, or a kind of your own.")
    field: str = Field(description="The field with the day, where the trigger is date.")
    is_yearly: bool
    offset_days: int = Field(description="Before the day where it is negative.")
    at_hour: int = Field(description="Of their own clock, where the trigger is date.")
    delay_minutes: int
    again_after_days: int | None = Field(description="Null: nobody gets it twice.")
    includes_present: bool = Field(description="Also those who are in the segment as it starts.")
    most_a_day: int = Field(
        description="Before more than this many would get it on a day it pauses, and somebody looks."
    )
    started_at: datetime | None
    ended_at: datetime | None
    waiting: int
    next_at: datetime | None = Field(description="When the next moment comes of those who wait.")
    given: int
    given_today: int
    given_week: int = Field(description="In the last seven days.")
    left: int = Field(description="Had left the segment by then, and got nothing.")
    late: int = Field(description="Their day had gone by.")


class Standing(Taken):
    """By what somebody gets it. What its trigger does not read is left as usual."""

    trigger: TriggerName
    kind: str = Field("", max_length=LONGEST_KIND, description="A kind of touchpoint, where the trigger is happens.")
    field: str = Field("", max_length=80, description="A field with a date, where the trigger is date.")
    is_yearly: bool = True
    offset_days: int = Field(0, ge=-MOST_DAYS, le=MOST_DAYS)
    at_hour: int = Field(9, ge=0, le=23)
    delay_minutes: int = Field(0, ge=0, le=MOST_DELAY)
    again_after_days: int | None = Field(None, ge=1, le=3_660)
    includes_present: bool = False
    most_a_day: int = Field(1_000, ge=1, le=MOST_A_DAY)

    def as_form(self, kind: int | None) -> dict[str, Any]:
        """The same as the page's form says it; `kind` is the number of what they do."""
        return {
            "trigger": str(self.trigger),
            "kind": "" if kind is None else str(kind),
            "field": self.field,
            "is_yearly": self.is_yearly,
            "days": abs(self.offset_days),
            "side": BEFORE if self.offset_days < 0 else AFTER,
            "at_hour": self.at_hour,
            "delay": self.delay_minutes,
            "unit": 1,
            "again": self.again_after_days is not None,
            "again_after_days": self.again_after_days,
            "includes_present": self.includes_present,
            "most_a_day": self.most_a_day,
        }


def shapes_of_standing(rows: Sequence[StandingCampaign]) -> list[dict[str, Any]]:
    """These as the API shows them, their campaigns and messages read with them, in three statements at most."""
    stands = how_they_stand(rows)
    own = dict(OwnKind.objects.values_list("code", "key")) if any(_is_own(one) for one in rows) else {}
    return [_shape(one, own) | _figures(stands[one.pk]) for one in rows]


def _is_own(one: StandingCampaign) -> bool:
    return one.kind is not None and one.kind not in BY_CODE


def _shape(one: StandingCampaign, own: dict[int, str]) -> dict[str, Any]:
    names = ("trigger", "field", "is_yearly", "offset_days", "at_hour", "delay_minutes", "again_after_days",
             "includes_present", "most_a_day", "started_at", "ended_at", "is_running", "campaign_id", "draft_id")  # fmt: skip
    message, known = one.campaign.message, BY_CODE.get(one.kind or 0)
    return {name: getattr(one, name) for name in names} | {
        "name": message.name,
        "state": message.state,
        "paused_because": message.state_reason if message.state == message.State.PAUSED else "",
        "kind": known.key if known else own.get(one.kind or 0, ""),
    }


def _figures(stands: Any) -> dict[str, Any]:
    plain = {name: getattr(stands, name) for name in ("waiting", "next_at", "given", "left", "late")}
    return plain | {"given_today": stands.today, "given_week": stands.week}
