"""How many first answers came within the team's time."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q

from conversations.channels import network_icon, network_name
from conversations.models import Conversation, Reply
from lib.clock import now

LOOKED_BACK = timedelta(days=90)
GOOD = 90


@dataclass(frozen=True, slots=True)
class Kept:
    """Of a channel's answers that had a time, how many were given within it. What is late and still waits was not."""

    network: str
    in_time: int
    given: int
    late: int

    @property
    def of(self) -> int:
        """All that had a time."""
        return self.given + self.late

    @property
    def missed(self) -> int:
        """Answers that came too late."""
        return self.given - self.in_time

    @property
    def percent(self) -> int:
        """0 to 100; 100 only where all were in time."""
        return self.in_time * 100 // self.of

    @property
    def is_good(self) -> bool:
        """Nine of ten, or more."""
        return self.percent >= GOOD

    @property
    def name(self) -> str:
        """The channel."""
        return network_name(self.network)

    @property
    def icon(self) -> str:
        """Its sign."""
        return network_icon(self.network)


def times_kept() -> list[Kept]:
    """Each channel with answers in the last 90 days, or with somebody who waits too long, the most first. Two queries."""
    given = Reply.objects.filter(created_at__gt=now() - LOOKED_BACK).exclude(target_at=None)
    given = given.exclude(state=Reply.State.FAILED)
    in_time = Count("pk", filter=Q(created_at__lte=F("target_at")))
    answered = {
        network: (kept, n)
        for network, kept, n in given.order_by()
        .values_list("mention__network")
        .annotate(in_time=in_time, n=Count("pk"))
    }
    waiting = Conversation.objects.filter(state=Conversation.State.WAITING, due_at__lte=now()).order_by()
    late = dict(waiting.values_list("author__network").annotate(n=Count("pk")))
    rows = [
        Kept(network, *answered.get(network, (0, 0)), late.get(network, 0)) for network in answered.keys() | late.keys()
    ]
    return sorted(rows, key=lambda one: (-one.of, one.network))
