"""A test in words: what each version brought, what may be said of them, and what happens next."""

import math
from dataclasses import dataclass
from decimal import Decimal

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.experiments.judging import FEWEST_HITS, FEWEST_PEOPLE, Gap
from campaigns.experiments.measuring import POINT, Finding, Goal, ends_waiting_at, is_going_out
from campaigns.experiments.setting_up import LETTERS, Varies
from campaigns.models import Campaign, Experiment
from lib.local_words import date_format, number
from lib.money import written_money
from workspaces.current import current_workspace

State, How = Experiment.State, Experiment.How


@dataclass(frozen=True, slots=True)
class Line:
    """One version as the page shows it. `low`, `more`, `high`: against A, in points or money; None where none is told."""

    campaign: Campaign
    letter: str
    says: str
    waiting: int
    people: int
    did: str
    each: str
    percent: float
    low: float | None
    more: float | None
    high: float | None
    words: str
    is_winner: bool
    is_ahead: bool


def lines_of(experiment: Experiment, versions: list[Campaign], finding: Finding) -> list[Line]:
    """Each version, A first."""
    judged = finding.judgement
    best = max((one.total / one.people if one.people else 0 for one in finding.counts), default=0) or 1
    gaps = {gap.second: gap for gap in judged.gaps}
    lines = []
    for no, (version, count) in enumerate(zip(versions, finding.counts, strict=True)):
        mean = count.total / count.people if count.people else 0.0
        low, more, high = _bounds(gaps.get(no), experiment)
        line = Line(
            campaign=version,
            letter=LETTERS[no],
            says=what_varies(version, experiment),
            waiting=count.waiting,
            people=count.people,
            did=_money(count.total) if experiment.goal == Goal.REVENUE else number(count.total),
            each=_each(mean, experiment),
            percent=max(0.0, 100 * mean / best),
            low=low,
            more=more,
            high=high,
            words=_gap_words(low, high, experiment),
            is_winner=experiment.winner == no,
            is_ahead=judged.leader == no and experiment.winner is None,
        )
        lines.append(line)
    return lines


def what_varies(version: Campaign, experiment: Experiment) -> str:
    """What a version says of what is tested, in a few words."""
    message = version.message
    if experiment.varies == Varies.SENDER:
        return str(message.sender or "–")
    if experiment.varies == Varies.TIME:
        hours = version.hours_later if version.variant_of_id else 0
        words = ngettext("%(n)s hour later", "%(n)s hours later", hours) % {"n": hours}
        return words if hours else _("At its moment")
    return message.content.subject or "–"


def verdict_of(experiment: Experiment, finding: Finding) -> str:
    """What may be said, as a plain sentence."""
    judged = finding.judgement
    if judged.word == "mismatch":
        return _(
            "The versions did not get equally many people, which is no chance. Something treats them differently: trust no "
            "difference here."
        )
    if judged.word == "early":
        return _early_words(experiment, finding)
    if judged.word == "winner" and judged.winner is not None:
        return _winner_words(experiment, finding, judged.winner)
    return _("No difference is proven so far: the true ones may as well be zero.")


def next_of(experiment: Experiment, versions: list[Campaign]) -> str:
    """What happened, or happens next and when."""
    if experiment.state == State.DRAFT:
        return _("It starts when the campaign goes out.")
    if experiment.state == State.ASKS:
        return experiment.why
    if experiment.state == State.ENDED:
        return _("The test was ended. The rest got nothing.")
    if experiment.state == State.DECIDED:
        return _decided_words(experiment)
    ends_at = ends_waiting_at(experiment, versions)
    moment = localtime(ends_at) if ends_at else None
    words = _(
        "We look every 15 minutes. As soon as one is proven to be the best, the rest gets it; on %(day)s at %(time)s at the "
        "latest the rest gets the one that is ahead."
    )
    return words % {"day": date_format(moment, "j F"), "time": date_format(moment, "H:i")} if moment else ""


def _decided_words(experiment: Experiment) -> str:
    how = {
        How.PROVEN: _("%(letter)s did best, and that is proven."),
        How.PERSON: _("Somebody decided for %(letter)s."),
        How.TIME: _("Time was over, and %(letter)s was ahead. That is not proven: it may be chance."),
    }[How(experiment.decided_how)]
    people = experiment.rest_people or 0
    rest = ngettext("It went to the rest: %(n)s person.", "It went to the rest: %(n)s people.", people)
    said = how % {"letter": LETTERS[experiment.winner or 0]}
    return f"{said} {rest % {'n': number(people)}}" if people else f"{said} {_('There was nobody left to send it to.')}"


def _early_words(experiment: Experiment, finding: Finding) -> str:
    if is_going_out(finding.counts):
        return _("Too early: the versions are still going out.")
    if experiment.varies == Varies.TIME and min(one.people for one in finding.counts) < FEWEST_PEOPLE:
        return _("Too early: each person is counted once they had %(n)s hours.") % {"n": experiment.within_hours}
    people = max(experiment.planned_people, FEWEST_PEOPLE)
    words = _("Too early: nothing is said before each version went to %(people)s people and %(hits)s of them answered.")
    return words % {"people": number(people), "hits": FEWEST_HITS}


def _winner_words(experiment: Experiment, finding: Finding, winner: int) -> str:
    """Against A; where A itself won, against the one that came closest to it."""
    gaps = finding.judgement.gaps
    gap = next((one for one in gaps if one.second == winner), None)
    if gap is None:
        closest = max(gaps, key=lambda one: one.difference)
        gap = Gap(closest.second, 0, -closest.difference, -closest.high, -closest.low)
    low, more, high = _bounds(gap, experiment)
    named = {
        "best": LETTERS[gap.second],
        "other": LETTERS[gap.first],
        "more": _size(more or 0, experiment),
        "low": _size(low or 0, experiment),
        "high": _size(high or 0, experiment),
    }
    words = {
        Goal.CLICKS: _(
            "%(best)s brought %(more)s points more clicks than %(other)s; the true difference lies between %(low)s and "
            "%(high)s."
        ),
        Goal.KIND: _(
            "%(best)s brought %(more)s points more people to do it than %(other)s; the true difference lies between "
            "%(low)s and %(high)s."
        ),
        Goal.REVENUE: _(
            "%(best)s brought %(more)s more for each person than %(other)s; the true difference lies between %(low)s and "
            "%(high)s."
        ),
    }
    return words[Goal(experiment.goal)] % named


def _bounds(gap: Gap | None, experiment: Experiment) -> tuple[float | None, float | None, float | None]:
    if gap is None or math.isinf(gap.low) or math.isinf(gap.high):
        return None, None, None
    factor = 1 / POINT if experiment.goal == Goal.REVENUE else POINT
    return factor * gap.low, factor * gap.difference, factor * gap.high


def _gap_words(low: float | None, high: float | None, experiment: Experiment) -> str:
    if low is None or high is None:
        return ""
    return _("%(low)s to %(high)s") % {"low": _size(low, experiment), "high": _size(high, experiment)}


def _size(value: float, experiment: Experiment) -> str:
    if experiment.goal == Goal.REVENUE:
        return written_money(Decimal(str(round(value, 4))), current_workspace().currency)
    return number(value, 1).replace("-", "−")


def _each(mean: float, experiment: Experiment) -> str:
    return _money(mean) if experiment.goal == Goal.REVENUE else f"{number(100 * mean, 1)} %"


def _money(minor: float) -> str:
    return written_money(Decimal(str(round(minor / 100, 4))), current_workspace().currency)
