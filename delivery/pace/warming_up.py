"""Warming up: a sender that receivers do not know yet sends a little, then a little more each day.

The ramp doubles from 50, as mailbox providers' and carriers' published schedules do ("never more than double the volume
of the stage before", docs.customer.io/journeys/domain-warming; Twilio SendGrid's guide begins with 50, then 100).
A day counts as good when at least half of what it allowed was counted and nothing was wrong; on the last step any number.
"""

from datetime import date

from django.db import transaction

from delivery.models import Sender, WarmUp
from delivery.pace.rationing import left_today, let_go_on
from lib.clock import now
from workspaces.auditing import audit
from workspaces.models import User

FIRST = 50
LEAST_MOST, MOST_MOST = 100, 1_000_000  # where a ramp may end
USUAL_MOST = 50_000
BAD_DAYS, LAST_DAYS = 2, 7
LONGEST_OUTLOOK = 3_650
State = WarmUp.State


class NoPlanError(ValueError):
    """The sender has no plan that could be steered so."""


def ramp(most: int) -> list[int]:
    """The most a day at each step: from 50, twice as many each time, up to `most`."""
    steps = [min(FIRST, most)]
    while steps[-1] < most:
        steps.append(min(steps[-1] * 2, most))
    return steps


def plan_of(sender: Sender | None) -> WarmUp | None:
    """The plan that limits this sender now."""
    if sender is None:
        return None
    return WarmUp.objects.filter(sender=sender).exclude(state=State.ENDED).first()


@transaction.atomic
def start_warm_up(sender: Sender, *, most: int, days_a_step: int, by: User | None) -> WarmUp:
    """From now on this sender sends no more a day than its plan allows, and nothing is limited once `most` a day went well
    for a week.

    Takes the place of the plan before; what that counted today still counts.
    """
    fresh = {"state": State.RUNNING, "steps": ramp(most), "days_a_step": days_a_step, "step": 0, "good_days": 0}
    fresh |= {"bad_days": 0, "trouble": {}, "started_at": now(), "stepped_at": now(), "ended_at": None}
    plan, _is_new = WarmUp.objects.update_or_create(sender=sender, defaults=fresh)
    audit("warm_up.started", by=by, target=sender, most=most, days_a_step=days_a_step)
    return plan


def pause_warm_up(sender: Sender, *, by: User | None) -> WarmUp:
    """The plan stays at its step until it goes on; as many a day as now may leave. NoPlanError unless it runs."""
    return _move(sender, State.RUNNING, State.PAUSED, "warm_up.paused", by)


def resume_warm_up(sender: Sender, *, by: User | None) -> WarmUp:
    """It steps up again when its days are good. NoPlanError unless it is paused."""
    return _move(sender, State.PAUSED, State.RUNNING, "warm_up.resumed", by)


@transaction.atomic
def end_warm_up(sender: Sender, *, by: User | None) -> WarmUp:
    """No limit any more: what waits for tomorrow goes now. NoPlanError when there is none. `by` None: it came to its end."""
    plan = WarmUp.objects.select_for_update().filter(sender=sender).exclude(state=State.ENDED).first()
    if plan is None:
        raise NoPlanError(sender.pk)
    plan.state, plan.ended_at = State.ENDED, now()
    plan.save(update_fields=["state", "ended_at"])
    let_go_on(sender.pk)
    audit("warm_up.ended", by=by, target=sender)
    return plan


def note_day(plan: WarmUp, day: date, trouble: dict[str, object]) -> bool:
    """What a day that is over means for the plan, in memory: stay, step up, step back; True when it has come to its end.

    A bad day (`trouble` says why) keeps the step, two in a row go one back. Safe to repeat: each day counts once.
    """
    if not plan.is_open or (plan.judged_on is not None and day <= plan.judged_on):
        return False
    used = plan.taken_count if plan.day == day else 0
    plan.judged_on, plan.trouble = day, trouble
    if plan.state == State.PAUSED:
        return False
    if trouble:
        _note_bad_day(plan)
        return False
    plan.bad_days = 0
    if used and (plan.is_last_step or 2 * used >= plan.most):
        plan.good_days += 1
    if plan.is_last_step:
        return plan.good_days >= LAST_DAYS
    if plan.good_days >= plan.days_a_step:
        _step_to(plan, plan.step + 1)
    return False


def outlook(plan: WarmUp, people: int) -> tuple[int, int]:
    """(how many of `people` can leave today, over how many further days the rest goes) if every day is a good one."""
    today = min(people, left_today(plan))
    left, step, good, days = people - today, plan.step, plan.good_days, 0
    full = plan.most
    while left > 0 and days < LONGEST_OUTLOOK:
        good += 1
        if plan.state == State.RUNNING and good >= plan.days_a_step and step < len(plan.steps) - 1:
            step, good, full = step + 1, 0, plan.steps[step + 1]
        left, days = left - full, days + 1
    return today, days


def _note_bad_day(plan: WarmUp) -> None:
    plan.good_days, plan.bad_days = 0, plan.bad_days + 1
    if plan.bad_days >= BAD_DAYS:
        _step_to(plan, max(0, plan.step - 1))


def _step_to(plan: WarmUp, step: int) -> None:
    plan.step, plan.good_days, plan.bad_days, plan.stepped_at = step, 0, 0, now()


@transaction.atomic
def _move(sender: Sender, before: str, after: str, action: str, by: User | None) -> WarmUp:
    plan = WarmUp.objects.select_for_update().filter(sender=sender, state=before).first()
    if plan is None:
        raise NoPlanError(sender.pk)
    plan.state = after
    plan.save(update_fields=["state"])
    audit(action, by=by, target=sender)
    return plan
