"""What a programme costs and brings: its messages, what a person enters beside them, and orders that would not have come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from campaigns.charters.counting import Counted
from campaigns.models import Programme, ProgrammeCost
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.models import User

LARGEST = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure in the workspace's currency with its 95 % interval."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Return:
    """Amounts in the workspace's currency, since the first offer that counts, or from the beginning where none does.

    `gain`: what was bought that would not have come. `each`: what each unit of money spent brought. None: it cannot be said.
    """

    since: date
    messages: int
    messages_cost: float
    own: Sequence[ProgrammeCost]
    cost: float
    gain: Amount | None
    each: Amount | None
    budget: float | None
    spent: float

    @property
    def left_over(self) -> float | None:
        """The gain less what it cost."""
        return None if self.gain is None else self.gain.middle - self.cost


def return_of(programme: Programme, counted: Counted) -> Return:
    """Cost and return as far as they can be said. One statement."""
    zone = ZoneInfo(current_workspace().zone)
    since = (counted.lift.since or programme.created_at).astimezone(zone).date()
    every = list(ProgrammeCost.objects.filter(programme=programme))
    own = [one for one in every if counted.lift.since is None or one.day >= since]
    cost = counted.cost_milli / 1000 + sum(one.amount_minor for one in own) / 100
    gain = _gain(counted)
    each = Amount(gain.middle / cost, gain.low / cost, gain.high / cost) if gain and cost else None
    return Return(
        since=since,
        messages=counted.sent,
        messages_cost=counted.cost_milli / 1000,
        own=own,
        cost=cost,
        gain=gain,
        each=each,
        budget=None if programme.budget_minor is None else programme.budget_minor / 100,
        spent=counted.cost_milli / 1000 + sum(one.amount_minor for one in every) / 100,
    )


def _gain(counted: Counted) -> Amount | None:
    """The lift in value times the people whom the offers were for; None before anybody may call it."""
    lift = counted.lift
    if lift.verdict in {"none_held", "no_offer", "odd"} or lift.value is None or lift.value.is_early:
        return None
    people = lift.reached.people
    return Amount(lift.value.points * people, lift.value.low * people, lift.value.high * people)


def add_cost(programme: Programme, *, name: str, amount: Decimal, day: date, by: User | None) -> ProgrammeCost:
    """Note what it cost beside its messages, in the workspace's currency. Below zero is money that came back."""
    made = ProgrammeCost.objects.create(
        programme=programme, name=name, amount_minor=int(amount * 100), day=day, by_id=by.pk if by else None
    )
    audit("programme.cost_added", by=by, target=programme, cost=made.pk)
    return made


def remove_cost(cost: ProgrammeCost, *, by: User | None) -> None:
    """It was none."""
    audit("programme.cost_removed", by=by, target=cost.programme, cost=cost.pk)
    cost.delete()
