"""What became of the people whom a form brought, after 30 and 90 days, beside the workspace's other forms."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db.models import Count, Min, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.models import Consent, SignUp, SignUpForm
from contacts.channels import Channel
from engagement.levels import Level
from lib.clock import now
from lib.sql import load_sql, run_dicts
from touchpoints.kinds import KINDS
from workspaces.current import current_workspace_id

AGES = (30, 90)
MOST = 5_000  # requests of one age that are looked at: the newest
WROTE = ("message", "mention", "reply", "chat", "call", "question")
LOST = ("bounced", "complained")


@dataclass(frozen=True)
class Measure:
    """One column: a share of who confirmed (`confirmed` itself: of who asked). `is_bad`: the less the better."""

    name: str
    label: str | Promise
    is_bad: bool = False


MEASURES = (
    Measure("confirmed", _("Confirmed")),
    Measure("is_there", _("Still subscribed")),
    Measure("has_clicked", _("Clicked")),
    Measure("has_bought", _("Bought")),
    Measure("has_written", _("Wrote to us")),
    Measure("is_lost", _("Bounced or complained"), is_bad=True),
    Measure("is_warm", _("Level warm or above")),
)


@dataclass(frozen=True)
class Share:
    """A share of the form's people, and of the others', in per cent; None where there is nobody to tell it of."""

    label: str | Promise
    mine: int | None
    others: int | None
    is_bad: bool

    @property
    def is_better(self) -> bool | None:
        """Whether it is better than elsewhere; None when it is the same, or nobody knows."""
        if self.mine is None or self.others is None or self.mine == self.others:
            return None
        return (self.mine > self.others) != self.is_bad


@dataclass(frozen=True)
class Cohort:
    """The people of one age: how many asked and confirmed, and a share for each measure."""

    days: int
    asked: int
    confirmed: int
    shares: list[Share]


@dataclass(frozen=True)
class Totals:
    """A form's numbers in all. `ways` counts the requests by the way they came."""

    asked: int
    confirmed: int
    forgotten: int
    since: datetime | None
    ways: dict[str, int]


def totals_of(form: SignUpForm) -> Totals:
    """How many asked, confirmed, were forgotten. One statement."""
    found = SignUp.objects.filter(form=form).aggregate(
        asked=Count("pk"),
        confirmed=Count("pk", filter=Q(state=SignUp.State.CONFIRMED)),
        forgotten=Count("pk", filter=Q(state=SignUp.State.FORGOTTEN)),
        since=Min("asked_at"),
        **{way: Count("pk", filter=Q(way=way)) for way in SignUp.Way.values},
    )
    ways = {way: found.pop(way) for way in SignUp.Way.values}
    return Totals(ways=ways, **found)


def cohorts_of(form: SignUpForm) -> list[Cohort]:
    """One for each age, the young ones first. One statement, whatever the number of people."""
    params = {
        "workspace": current_workspace_id(),
        "form": form.pk,
        "ages": list(AGES),
        "most": MOST,
        "now": now(),
        "confirmed": int(SignUp.State.CONFIRMED),
        "given": int(Consent.State.GIVEN),
        "email": int(Channel.EMAIL),
        "clicked": KINDS["clicked"].code,
        "bought": KINDS["purchase"].code,
        "wrote": [KINDS[kind].code for kind in WROTE],
        "lost": [KINDS[kind].code for kind in LOST],
        "warm": int(Level.WARM),
    }
    rows = {(row["days"], row["is_mine"]): row for row in run_dicts(_statement(), params)}
    return [_cohort(days, rows.get((days, True)), rows.get((days, False))) for days in AGES]


@cache
def _statement() -> str:
    return load_sql("portal/form_quality", facts=load_sql("touchpoints/facts"))


def _cohort(days: int, mine: dict[str, int] | None, others: dict[str, int] | None) -> Cohort:
    shares = [Share(one.label, _share(mine, one.name), _share(others, one.name), one.is_bad) for one in MEASURES]
    return Cohort(days, mine["asked"] if mine else 0, mine["confirmed"] if mine else 0, shares)


def _share(row: dict[str, int] | None, name: str) -> int | None:
    whole = row["asked" if name == "confirmed" else "confirmed"] if row else 0
    return round(100 * row[name] / whole) if row and whole else None
