"""How a test of versions is written in the API."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from ninja import Schema
from pydantic import Field

from campaigns.experiments.forms import MOST_HOURS, WEEK
from campaigns.experiments.measuring import effect_of, finding_of
from campaigns.experiments.saying import next_of, verdict_of
from campaigns.experiments.setting_up import LETTERS, MOST_VERSIONS, followed_versions
from campaigns.models import Campaign, Experiment
from touchpoints.kinds import BY_CODE
from touchpoints.models import OwnKind
from workspaces.api.pages import Id, Taken

VariesName = StrEnum("ExperimentVaries", {one.name: one.value for one in Experiment.Varies})  # type: ignore[misc]
GoalName = StrEnum("ExperimentGoal", {one.name: one.value for one in Experiment.Goal})  # type: ignore[misc]
StateName = StrEnum("ExperimentState", {one.name: one.value for one in Experiment.State})  # type: ignore[misc]
Letter = StrEnum("ExperimentVersion", {one: one for one in LETTERS})  # type: ignore[misc]


class VersionShape(Schema):
    """One version and what it brought."""

    version: str
    campaign: int = Field(description="The number of its own campaign; blocks are changed there.")
    subject: str
    preheader: str
    sender: int | None
    hours_later: int
    people: int
    waiting: int
    total: float = Field(description="People who did it, or money in hundredths.")


class ExperimentShape(Schema):
    """A test of a campaign’s versions."""

    state: StateName
    varies: VariesName
    goal: GoalName
    kind: str | None
    within_hours: int
    test_percent: int
    wait_hours: int
    planned_people: int
    effect: float = Field(description="In points, or in money for each person.")
    started_at: datetime | None
    decided_at: datetime | None
    decided_how: str = Field(description="proven, person, time, or empty.")
    winner: str | None
    rest_people: int | None
    word: str = Field(description="mismatch, early, none or winner; empty before it starts.")
    verdict: str
    next: str
    versions: list[VersionShape]


class GivenVersion(Taken):
    """A further version, B first: what differs in it. Of whole emails nothing is given: change the version’s blocks."""

    subject: str = Field("", max_length=200)
    preheader: str = Field("", max_length=200)
    sender: Id | None = None
    hours_later: int = Field(0, ge=0, le=WEEK)


class NewExperiment(Taken):
    """How it is tested."""

    varies: VariesName = VariesName("subject")  # type: ignore[operator]
    goal: GoalName = GoalName("clicks")  # type: ignore[operator]
    kind: str | None = Field(
        None, max_length=80, description="The key of a kind of touchpoint, where that is the goal."
    )
    within_hours: int = Field(24, ge=1, le=WEEK)
    test_percent: int = Field(20, ge=2, le=100)
    wait_hours: int = Field(24, ge=1, le=MOST_HOURS)
    planned_people: int = Field(0, ge=0, le=10_000_000)
    effect: float | None = Field(None, ge=0.01, le=10_000)
    versions: list[GivenVersion] = Field(min_length=1, max_length=MOST_VERSIONS - 1)


class Decision(Taken):
    """Which version the rest gets; null: none."""

    version: Letter | None


def shape_of(experiment: Experiment, campaign: Campaign) -> dict[str, Any]:
    """A test as the API shows it."""
    experiment.campaign = campaign
    versions = [campaign, *followed_versions(campaign, experiment)]
    finding = finding_of(experiment) if experiment.started_at else None
    names = (
        "state", "varies", "goal", "within_hours", "test_percent", "wait_hours", "planned_people", "started_at",
        "decided_at", "decided_how", "rest_people",
    )  # fmt: skip
    return {name: getattr(experiment, name) for name in names} | {
        "kind": _kind_key(experiment.kind),
        "effect": effect_of(experiment),
        "winner": LETTERS[experiment.winner] if experiment.winner is not None else None,
        "word": finding.judgement.word if finding else "",
        "verdict": verdict_of(experiment, finding) if finding else "",
        "next": next_of(experiment, versions),
        "versions": [
            {
                "version": LETTERS[no],
                "campaign": one.pk,
                "subject": one.message.content.subject,
                "preheader": one.message.content.preheader,
                "sender": one.message.sender_id,
                "hours_later": one.hours_later if no else 0,
                "people": finding.counts[no].people if finding else 0,
                "waiting": finding.counts[no].waiting if finding else 0,
                "total": finding.counts[no].total if finding else 0,
            }
            for no, one in enumerate(versions)
        ],
    }


def _kind_key(code: int | None) -> str | None:
    if code is None:
        return None
    known = BY_CODE.get(code)
    return known.key if known else OwnKind.objects.filter(code=code).values_list("key", flat=True).first()
