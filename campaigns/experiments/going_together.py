"""Going together: each step of a campaign's life holds for all versions of its test."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from campaigns.composing import keep
from campaigns.events import tell_when_all_over
from campaigns.experiments.assigning import version_audience
from campaigns.experiments.setting_up import experiment_of, followed_versions, versions_of
from campaigns.models import Campaign, Experiment
from delivery.engine import controlling
from delivery.engine.controlling import WrongStateError
from delivery.engine.planning import AlreadyPlannedError, plan
from delivery.models import Message
from lib.clock import now
from segments.rules.compiler import Compiled
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.models import User

WORK = "campaigns.experiments"
LOOKS_EVERY = timedelta(minutes=15)
State, Varies = Experiment.State, Experiment.Varies


@transaction.atomic
def together(campaign: Campaign, verb: Callable[..., Message], *, by: User | None) -> Message:
    """A step of the message's life (delivery/engine/controlling.py) with each version that it fits; returns the campaign's.

    WrongStateError where it fits none of them. Locks the messages' rows.
    """
    message, done, refused = campaign.message, 0, None
    versions = versions_of(campaign)
    if versions:
        lock_messages([campaign, *versions])
    for one in (campaign, *versions):
        try:
            moved = verb(one.message, by=by)
        except WrongStateError as error:
            refused = refused or error
        else:
            done += 1
            message = moved if one is campaign else message
    if not done and refused is not None:
        raise refused
    return message


@transaction.atomic
def approve_versions(campaign: Campaign, *, by: User | None) -> None:
    """The further versions say what the first says, in all but what varies, and are approved. WrongStateError."""
    experiment = experiment_of(campaign)
    if experiment is None:
        return
    for one in followed_versions(campaign, experiment):
        keep(one)
        controlling.approve(one.message, by=by)


@transaction.atomic
def schedule_all(campaign: Campaign, at: datetime | None, *, by: User | None, **timing: Any) -> Message:
    """All versions go at this moment, or now; where moments are tested, each so much later as it says. WrongStateError."""
    experiment, begins = experiment_of(campaign), max(at or now(), now())
    message = controlling.schedule(campaign.message, at, by=by, **timing)
    if experiment is not None:
        for one in versions_of(campaign):
            later = timedelta(hours=one.hours_later if experiment.varies == Varies.TIME else 0)
            wall = timing["wall"] + later if timing.get("wall") else None
            controlling.schedule(one.message, begins + later if later else at, by=by, **timing | {"wall": wall})
    return message


@transaction.atomic
def cancel_all(campaign: Campaign, *, by: User | None) -> Message:
    """Nobody gets any more of any version, nor does the rest, also where all versions were sent. WrongStateError.

    Locks the test's row, then the messages'.
    """
    held = Experiment.objects.select_for_update().filter(campaign=campaign).first()
    try:
        message = together(campaign, controlling.cancel, by=by)
    except WrongStateError:
        if held is None or not held.is_open:
            raise
        message = campaign.message
        audit("campaign.test_ended", by=by, target=campaign)
    if held is not None and held.state in {State.DRAFT, State.RUNNING, State.ASKS}:
        held.state, held.decided_at = State.ENDED, now()
        held.save(update_fields=["state", "decided_at"])
        tell_when_all_over(campaign)
    return message


def steps_of(campaign: Campaign, experiment: Experiment | None) -> dict[str, bool]:
    """Which steps fit a campaign that goes out, by where all its versions stand: can_pause, can_resume, can_cancel."""
    states = {campaign.message.state}
    if experiment is not None:
        first = campaign.variant_of_id or campaign.pk
        tested = Campaign.objects.filter(Q(pk=first) | Q(variant_of=first))
        states |= set(tested.values_list("message__state", flat=True))
    moving = states & {Message.State.SENDING, Message.State.PAUSED}
    return {
        "can_pause": Message.State.SENDING in states,
        "can_resume": Message.State.PAUSED in states,
        "can_cancel": bool(moving) or (experiment is not None and experiment.is_open),
    }


def lock_messages(campaigns: Sequence[Campaign]) -> set[str]:
    """Their messages' rows are locked, always in one order; returns the states that they are in."""
    rows = Message.objects.select_for_update(no_key=True).filter(pk__in=[one.message_id for one in campaigns])
    return set(rows.order_by("pk").values_list("state", flat=True))


@transaction.atomic
def plan_versions(experiment: Experiment, campaign: Campaign, compiled: Compiled) -> Message:
    """Fix who gets which version, all in one; the test runs from then on. AlreadyPlannedError.

    Locks the test's row, then the messages'.
    """
    held = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if held.state != State.DRAFT:
        raise AlreadyPlannedError(campaign.message_id)
    all_of_them, first = (campaign, *versions_of(campaign)), campaign.message
    for number, one in enumerate(all_of_them):
        audience, params = version_audience(held, one.message, compiled, number, len(all_of_them))
        planned = plan(one.message, audience, params)
        first = planned if one is campaign else first
    held.state, held.started_at = State.RUNNING, now()
    held.save(update_fields=["state", "started_at"])
    agenda.set_due(WORK, now() + LOOKS_EVERY)
    return first
