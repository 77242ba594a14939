"""How many first answers came within the team's time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet

from conversations.channels import network_icon, network_name
from conversations.models import Conversation, Reply, Team
from conversations.service_levels.channel_kinds import channel_kind
from lib.clock import now

LOOKED_BACK = timedelta(days=90)
GOOD = 90
IN_TIME = Count("pk", filter=Q(created_at__lte=F("target_at")))
RATED = ExpressionWrapper(Q(mention__rating__isnull=False), output_field=BooleanField())


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


def kept_by_kind(team: Team) -> dict[str, Kept]:
    """Kind of channel (channel_kinds.py) → how many of a team's answers were in time, in 90 days. Two queries."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    given = _given().filter(conversation__connection__team=team).annotate(is_rated=RATED)
    names = "mention__network", "conversation__is_public", "is_rated"
    for network, is_public, is_rated, in_time, n in given.values_list(*names).annotate(in_time=IN_TIME, n=Count("pk")):
        of = counts[channel_kind(network, is_public=is_public, is_rated=is_rated)]
        of[0], of[1] = of[0] + in_time, of[1] + n
    late = _late().filter(connection__team=team).values_list("due_for").annotate(n=Count("pk"))
    for due_for, n in late:
        counts[due_for.partition(".")[0]][2] += n
    return {kind: Kept(kind, *of) for kind, of in counts.items()}


def times_kept() -> list[Kept]:
    """Each channel with answers in the last 90 days, or with somebody who waits too long, the most first. Two queries."""
    answered = {
        network: (kept, n)
        for network, kept, n in _given().values_list("mention__network").annotate(in_time=IN_TIME, n=Count("pk"))
    }
    late = dict(_late().values_list("author__network").annotate(n=Count("pk")))
    rows = [
        Kept(network, *answered.get(network, (0, 0)), late.get(network, 0)) for network in answered.keys() | late.keys()
    ]
    return sorted(rows, key=lambda one: (-one.of, one.network))


def _given() -> QuerySet[Reply]:
    given = Reply.objects.filter(created_at__gt=now() - LOOKED_BACK).exclude(target_at=None)
    return given.exclude(state=Reply.State.FAILED).order_by()


def _late() -> QuerySet[Conversation]:
    return Conversation.objects.filter(state=Conversation.State.WAITING, due_at__lte=now()).order_by()
