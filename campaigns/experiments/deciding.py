"""Deciding: what a test found goes to the rest of its people, by itself or because somebody says so."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.events import tell_when_all_over
from campaigns.experiments.assigning import rest_audience
from campaigns.experiments.going_together import LOOKS_EVERY, lock_messages
from campaigns.experiments.measuring import Finding, ends_waiting_at, finding_of
from campaigns.experiments.setting_up import LETTERS, versions_of
from campaigns.models import Campaign, Experiment
from consent.rules import zone_of
from delivery.engine.planning import NotOpenError, add_audience
from delivery.models import Message
from lib.clock import now
from lib.times.wall_clock import moment_at
from segments.leaf_types.base import RuleError
from segments.members.membership import unfilled_in
from segments.rules.compiler import compile_rule
from segments.rules.statements import TooSlowError, bounded
from workspaces.auditing import audit
from workspaces.current import current_workspace, working_in
from workspaces.models import User, Workspace

PLAN_SECONDS = 120
DAY = timedelta(days=1)
State, How, Varies = Experiment.State, Experiment.How, Experiment.Varies


class NotDecidableError(ValueError):
    """Nothing can go to the rest now; the text is a code: "over", "version", "waits", "paused", "cancelled"."""


def look_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: look at each test that runs; returns when to look again, None when none runs."""
    with working_in(workspace):
        ids = list(Experiment.objects.filter(state=State.RUNNING).order_by("pk").values_list("pk", flat=True))
    still = False
    for pk in ids:
        with working_in(workspace):
            still |= look_at(pk)
    return now() + LOOKS_EVERY if still else None


@transaction.atomic
def look_at(experiment_id: int) -> bool:
    """Send the winner to the rest if there is one, or the one that is ahead if time is over; whether it still runs.

    A split that is no chance, or a rest that cannot be planned, stops it: a person is asked. Locks the test's row.
    """
    experiment = _locked(experiment_id)
    if experiment.state != State.RUNNING:
        return False
    finding, versions = finding_of(experiment), versions_of(experiment.campaign)
    said = finding.judgement
    ends_at = ends_waiting_at(experiment, versions)
    if said.word == "mismatch":
        _ask(experiment, _("The versions did not get equally many people, which is no chance. Look why, then decide."))
    elif said.winner is not None:
        _try(experiment, finding, said.winner, How.PROVEN)
    elif ends_at is not None and now() >= ends_at:
        _try(experiment, finding, said.leader or 0, How.TIME)
    return experiment.state == State.RUNNING


@transaction.atomic
def decide(experiment: Experiment, number: int, *, by: User | None) -> int:
    """Somebody sends this version to the rest, whatever the numbers say; returns to how many. May be said once.

    NotDecidableError. RuleError, TooSlowError: the segment. Locks the test's row.
    """
    experiment = _locked(experiment.pk)
    if not experiment.is_open:
        raise NotDecidableError("over")
    return _send_rest(experiment, finding_of(experiment), number, How.PERSON, by)


@transaction.atomic
def end_test(experiment: Experiment, *, by: User | None) -> None:
    """The rest gets nothing, and nothing is decided. NotDecidableError when it is over.

    Locks the test's row, then the messages'.
    """
    experiment = _locked(experiment.pk)
    if not experiment.is_open:
        raise NotDecidableError("over")
    experiment.result = finding_of(experiment).kept()
    experiment.state, experiment.decided_at, experiment.decided_how = State.ENDED, now(), How.PERSON
    experiment.why = ""
    experiment.save()
    audit("campaign.test_ended", by=by, target=experiment.campaign)
    lock_messages([experiment.campaign, *versions_of(experiment.campaign)])
    tell_when_all_over(experiment.campaign)


def _try(experiment: Experiment, finding: Finding, number: int, how: str) -> None:
    """As the agenda does it: what comes right by itself is waited for, of anything else a person is told."""
    try:
        with transaction.atomic():
            _send_rest(experiment, finding, number, how, None)
    except NotDecidableError as error:
        if str(error) == "cancelled":
            _ask(experiment, _("Version %(letter)s was cancelled.") % {"letter": LETTERS[number]})
    except (RuleError, TooSlowError) as error:
        _ask(experiment, _("The rest cannot be planned: %(why)s") % {"why": error})


def _send_rest(experiment: Experiment, finding: Finding, number: int, how: str, by: User | None) -> int:
    """The rest gets this version; the caller holds the test's row. NotDecidableError, RuleError, TooSlowError."""
    campaign = experiment.campaign
    versions = [campaign, *versions_of(campaign)]
    if not 0 <= number < len(versions):
        raise NotDecidableError("version")
    segment, winner = campaign.segment, versions[number]
    if segment is None:
        raise NotDecidableError("version")
    if Message.State.PAUSED in lock_messages(versions):
        raise NotDecidableError("paused")
    if unfilled_in(segment.rule):
        raise NotDecidableError("waits")
    audience, params = rest_audience([one.message for one in versions], compile_rule(segment.rule))
    try:
        with bounded(PLAN_SECONDS):
            people = add_audience(winner.message, audience, params, at=_same_clock(experiment, winner))
    except NotOpenError as error:
        is_gone = Message.objects.get(pk=winner.message_id).state == Message.State.CANCELLED
        raise NotDecidableError("cancelled" if is_gone else "paused") from error
    experiment.state, experiment.decided_at, experiment.decided_how = State.DECIDED, now(), how
    experiment.winner, experiment.rest_people, experiment.why = number, people, ""
    experiment.result = finding.kept()
    experiment.save()
    audit("campaign.test_decided", by=by, target=campaign, version=LETTERS[number], how=how, people=people)
    tell_when_all_over(campaign)
    return people


def _same_clock(experiment: Experiment, winner: Campaign) -> datetime | None:
    """Where moments were tested the rest gets it when clocks here show the same on a day to come; None for at once."""
    at = winner.message.scheduled_at
    if experiment.varies != Varies.TIME or at is None:
        return None
    zone = zone_of(current_workspace().zone)
    wall = at.astimezone(zone).replace(tzinfo=None)
    while at < now():
        wall += DAY
        at = moment_at(wall, zone)
    return at


def _ask(experiment: Experiment, why: str) -> None:
    experiment.state, experiment.why = State.ASKS, why[:300]
    experiment.save(update_fields=["state", "why"])
    audit("campaign.test_asks", by=None, target=experiment.campaign, why=why[:300])


def _locked(pk: int) -> Experiment:
    rows = Experiment.objects.select_related("campaign__message__sender", "campaign__segment", "campaign__programme")
    return rows.select_for_update(of=("self",)).get(pk=pk)
