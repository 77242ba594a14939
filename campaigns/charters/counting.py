"""What a programme's page counts over all its messages: at once while few people are concerned, else kept and shown with
its moment.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from campaigns.charters.lifting import SECONDS, Lift, groups_of, lift_of, metric_of, offers_of
from campaigns.models import Campaign, Programme
from delivery.models import Delivery, Message
from delivery.pricing import price_of
from lib.clock import ago, now
from lib.sql import run_sql
from segments.rules.statements import TooSlowError
from workspaces.current import current_workspace, current_workspace_id
from workspaces.kept_figures import FRESH_FOR, kept_figure

FIGURE = "campaigns.programme"
COUNTED_AT_ONCE = 20_000  # planned people, of all its messages together
WAITED_SECONDS = 3  # while somebody looks
WEEKS = 12


@dataclass(frozen=True, slots=True)
class Did:
    """What its messages of the last weeks did to people. `most_a_week`: the most that anybody got in one week."""

    messages: int
    people: int
    unsubscribed: int
    complained: int
    most_a_week: int
    over_cap: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The lift, what messages did, and what those since `since` cost, in thousandths of the currency.

    `at` is None where it was counted just now.
    """

    lift: Lift
    did: Did
    sent: int
    cost_milli: int
    at: datetime | None


def counted_of(programme: Programme) -> Counted | None:
    """What is known of it; None while a big one waits to be counted for the first time, a few seconds."""
    planned = messages_of(programme)
    if sum(one.planned_count for one in planned) <= COUNTED_AT_ONCE:
        with suppress(TooSlowError):  # few people with very many facts
            return _read(programme, _count(programme, planned, seconds=WAITED_SECONDS), None)
    kept = kept_figure(FIGURE, programme.pk, fresh_for=FRESH_FOR)
    if kept is None or not kept.data:
        return None
    if kept.data["of"] != _of(programme):  # of another metric or holdout: whatever its age, it is counted anew
        kept_figure(FIGURE, programme.pk, fresh_for=timedelta(0))
        return None
    return _read(programme, kept.data, kept.at)


def programme_now(programme_id: int) -> dict[str, Any] | None:
    """The same as JSON holds it; None where it is gone."""
    programme = Programme.objects.select_related("objective").filter(pk=programme_id).first()
    return _count(programme, messages_of(programme)) if programme else None


def messages_of(programme: Programme) -> list[Message]:
    """The messages of its campaigns for which people were planned."""
    rows = Campaign.objects.filter(programme=programme, message__planned_at__isnull=False)
    return [one.message for one in rows.select_related("message__sender")]


def _of(programme: Programme) -> list[Any]:
    """Of what the kept figures are; another metric or holdout makes them another's."""
    return [metric_of(programme), programme.holdout_percent]


def _count(programme: Programme, planned: Sequence[Message], *, seconds: int = SECONDS) -> dict[str, Any]:
    offers = offers_of(programme) if programme.holdout_percent else []
    since = min((one.planned_at for one in offers if one.planned_at), default=None)
    costing = [one for one in planned if since is None or (one.planned_at and one.planned_at >= since)]
    sent, milli = _costs(costing)
    return {
        "of": _of(programme),
        "groups": groups_of(programme, offers, seconds=seconds) if offers else {},
        "since": since.isoformat() if since else None,
        "did": _did(programme, planned),
        "sent": sent,
        "milli": milli,
    }


def _read(programme: Programme, data: dict[str, Any], at: datetime | None) -> Counted:
    since = parse_datetime(data["since"]) if data["since"] else None
    return Counted(lift_of(programme, data["groups"], since), Did(*data["did"]), data["sent"], data["milli"], at)


def _did(programme: Programme, planned: Sequence[Message]) -> list[int]:
    since = ago(days=7 * WEEKS)
    params = {
        "workspace": current_workspace_id(),
        "messages": [one.pk for one in planned if one.is_standing or (one.planned_at or now()) >= since - timedelta(7)],
        "sent": Delivery.State.SENT.value,
        "since": since,
        "zone": current_workspace().zone,
        "cap": programme.weekly_cap,
    }
    ((*counts,),) = run_sql("campaigns/programme_messages", params)
    return [int(one) for one in counts]


def _costs(messages: Sequence[Message]) -> tuple[int, int]:
    """(Messages handed over, what they cost in thousandths), each by the price that it was planned with."""
    params = {
        "workspace": current_workspace_id(),
        "messages": [one.pk for one in messages],
        "sent": Delivery.State.SENT.value,
    }
    by_pk = {one.pk: one for one in messages}
    rows = run_sql("campaigns/message_costs", params)
    cost = sum(price_of(by_pk[pk]).of(int(units), int(count)) for pk, count, units in rows)
    return sum(int(count) for _pk, count, _units in rows), round(cost * 1000)
