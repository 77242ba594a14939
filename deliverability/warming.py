"""Warm-up plans by what came back: each night the day that is over is looked at, and the plan stays, steps up or back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliverability.domains import spoken_domain
from deliverability.providers import BY_KEY, whose_sql
from delivery.models import Delivery, Message, Sender, WarmUp
from delivery.pace.rationing import left_today, today_of
from delivery.pace.warming_up import end_warm_up, note_day, start_warm_up
from lib.clock import next_time_of_day, now
from lib.local_words import number
from lib.sql import load_sql, run_dicts
from workspaces import agenda
from workspaces.current import current_workspace, current_workspace_id, working_in
from workspaces.models import User, Workspace

WORK = "deliverability.warm_ups"
LOOKED_AT, WITHIN = 1_000, timedelta(days=14)
MOST_COMPLAINED, MOST_CAME_BACK = 0.001, 0.03  # from Google's and Yahoo's rules for senders; bounces as carriers ask
FEWEST_COMPLAINTS, FEWEST_CAME_BACK = 2, 3  # of fewer than LOOKED_AT: one of fifty says nothing yet
LITTLE, LITTLE_WITHIN = 1_000, timedelta(days=30)  # what a domain has sent that receivers do not know yet
ENDED = WarmUp.State.ENDED
JUDGED = ["step", "stepped_at", "good_days", "bad_days", "trouble", "judged_on"]


def begin_warm_up(sender: Sender, *, most: int, days_a_step: int, by: User | None) -> WarmUp:
    """Start the plan of a sender, and look at its days from tonight on."""
    plan = start_warm_up(sender, most=most, days_a_step=days_a_step, by=by)
    agenda.set_due(WORK, _next_night(current_workspace().zone))
    return plan


def judge_days(workspace: Workspace) -> datetime | None:
    """The agenda's work, after midnight: what the day that is over means for each plan. Returns the next night.

    May be repeated: each day counts once.
    """
    with working_in(workspace):
        open_plans = WarmUp.objects.exclude(state=ENDED).select_for_update().select_related("sender").order_by("pk")
        plans, today = list(open_plans), today_of(workspace)
        due = [(one, one.day) for one in plans if one.day and one.day < today and one.day != one.judged_on]
        troubles = troubles_of([plan for plan, _day in due])
        for plan, day in due:
            is_over = note_day(plan, day, troubles.get(plan.sender_id, {}))
            plan.save(update_fields=JUDGED)
            if is_over:
                end_warm_up(plan.sender, by=None)
    return _next_night(workspace.zone) if plans else None


def troubles_of(plans: Sequence[WarmUp]) -> dict[int, dict[str, Any]]:
    """Sender → what is wrong since its step began, for those of whom something is; the worst first thing of each.

    Of the last 1,000 emails to one mailbox provider: 0.1 % marked as spam, or 3 % refused by its rules, or 3 % bounced.
    """
    if not plans:
        return {}
    whose, words = whose_sql("d.address")
    params = words | {
        "workspace": current_workspace_id(), "now": now(), "within": WITHIN, "looked_at": LOOKED_AT,
        "senders": [one.sender_id for one in plans], "sinces": [one.stepped_at for one in plans],
        "draft": Message.State.DRAFT.value,
    }  # fmt: skip
    found: dict[int, dict[str, Any]] = {}
    for row in run_dicts(load_sql("deliverability/last_by_provider", whose=whose), params):
        trouble = _trouble(row)
        if trouble and trouble["over"] > found.get(row["sender"], {"over": 0})["over"]:
            found[row["sender"]] = trouble
    return found


def _trouble(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is worst of one provider, by how many times its limit; empty when all is well."""
    tried = row["tried"]
    limits = [
        ("complaints", row["complained"], MOST_COMPLAINED, FEWEST_COMPLAINTS),
        ("refusals", row["refused"], MOST_CAME_BACK, FEWEST_CAME_BACK),
        ("bounces", row["bounced"], MOST_CAME_BACK, FEWEST_CAME_BACK),
    ]
    bad = [
        {"kind": kind, "provider": row["provider"], "count": count, "of": tried, "over": count / tried / limit}
        for kind, count, limit, fewest in limits
        if count / tried >= limit and (count >= fewest or tried >= LOOKED_AT)
    ]
    return max(bad, key=lambda one: one["over"], default={})


@dataclass(frozen=True)
class Shown:
    """A plan as pages show it."""

    plan: WarmUp

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each step as a bar: the most a day, and whether it is done, today's, or to come."""
        here = self.plan.step
        return [
            {
                "label": _("Step %(n)s") % {"n": at + 1},
                "value": most,
                "shown": number(most),
                "note": self._note(at),
                "colour": "fill-accent" if at <= here else "fill-soft",
            }
            for at, most in enumerate(self.plan.steps)
        ]

    def _note(self, at: int) -> str:
        """What is to be said of a step."""
        plan = self.plan
        if at < plan.step:
            return _("done")
        if at == plan.step:
            return _("today: %(sent)s sent") % {"sent": number(self.sent_today)}
        if plan.state == WarmUp.State.PAUSED:
            return "–"
        days = (at - plan.step) * plan.days_a_step - plan.good_days
        return ngettext("in %(n)s good day", "in %(n)s good days", days) % {"n": number(days)}

    @property
    def sent_today(self) -> int:
        """How many counted today."""
        return self.plan.taken_count if self.plan.day == today_of(current_workspace()) else 0

    @property
    def says(self) -> str:
        """Where it stands, as a sentence."""
        facts = {"most": number(self.plan.most), "sent": number(self.sent_today), "left": number(left_today(self.plan))}
        if self.plan.state == WarmUp.State.PAUSED:
            return _("It stays at %(most)s a day until you go on. %(sent)s left today.") % facts
        return _("%(most)s may leave today: %(sent)s did, %(left)s more can.") % facts

    @property
    def trouble(self) -> str:
        """Why it does not step up, with the cause; empty when nothing is wrong."""
        found = self.plan.trouble
        if not found:
            return ""
        house = BY_KEY.get(found["provider"])
        facts = {
            "count": number(found["count"]),
            "of": number(found["of"]),
            "share": number(100 * found["count"] / max(1, found["of"]), 2),
            "provider": house.name if house else found["provider"],
        }
        what = {
            "complaints": _("Of the last %(of)s emails to %(provider)s, %(count)s were marked as spam (%(share)s %%)."),
            "refusals": _("%(provider)s refused %(count)s of the last %(of)s emails by its rules (%(share)s %%)."),
            "bounces": _("Of the last %(of)s emails to %(provider)s, %(count)s came back (%(share)s %%)."),
        }
        return what[found["kind"]] % facts


def shown_plans() -> list[Shown]:
    """The open plans of all senders, by name. One query."""
    plans = WarmUp.objects.exclude(state=ENDED).select_related("sender").order_by("sender__name", "pk")
    return [Shown(one) for one in plans]


def shown_plan(sender: Sender) -> Shown | None:
    """The open plan of one sender."""
    plan = WarmUp.objects.filter(sender=sender).exclude(state=ENDED).first()
    return Shown(plan) if plan else None


def advice_of(sender: Sender, people: int) -> str:
    """What to say of a sender without a plan that is about to write to many while receivers do not know its domain yet."""
    domain = spoken_domain(sender)
    if not domain or people <= LITTLE or WarmUp.objects.filter(sender=sender).exists():
        return ""
    same = [one.pk for one in Sender.objects.filter(kind=sender.kind) if spoken_domain(one) == domain]
    lately = Delivery.objects.filter(message__sender__in=same, sent_at__gt=now() - LITTLE_WITHIN)
    sent = lately[:LITTLE].count()
    if sent >= LITTLE:
        return ""
    words = ngettext(
        "%(domain)s has sent %(n)s email in 30 days: so many at once may land in junk. Start a warm-up plan for the sender.",
        "%(domain)s has sent %(n)s emails in 30 days: so many at once may land in junk. Start a warm-up plan for the sender.",
        sent,
    )
    return words % {"domain": domain, "n": number(sent)}


def _next_night(zone: str) -> datetime:
    return next_time_of_day(zone, 0, 10)
