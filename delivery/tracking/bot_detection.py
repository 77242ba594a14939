"""People or machines: who opened an email, who followed a link. Each verdict has its reason."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.content.linking import HONEYPOT
from touchpoints.models import Touchpoint

HUMAN, UNSURE, MACHINE = (int(one) for one in Touchpoint.Certainty.values)
SCANNERS = re.compile(
    r"safelinks|bot\b|crawl|spider|scan|preview|barracuda|proofpoint|mimecast|symantec|trendmicro|fireeye|sophos"
    r"|headlesschrome|phantomjs|curl/|wget/|python-|go-http|java/|okhttp|libwww|aiohttp|node-fetch|postman",
    re.IGNORECASE,
)
CACHING_PROXIES = re.compile(r"googleimageproxy|ggpht|yahoomailproxy", re.IGNORECASE)
BARE_AGENT = re.compile(r"Mozilla/5\.0\s*\Z")  # Apple's privacy proxy fetches with nothing behind it
TOO_FAST = timedelta(seconds=2)
AT_ONCE = timedelta(seconds=1)
AROUND_THE_TRAP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sign:
    """An open (`link` None) or a click, as it came in."""

    message_id: int
    contact_id: int
    at: datetime
    agent: str
    is_head: bool
    link: int | None = None

    @property
    def who(self) -> tuple[int, int]:
        """(message, contact)."""
        return (self.message_id, self.contact_id)


def detect_bots(
    signs: Sequence[Sign],
    sent_at: Mapping[tuple[int, int], datetime | None],
    link_counts: Mapping[int, int],
    around: Sequence[Sign] = (),
) -> list[tuple[int, str]]:
    """(certainty, reason) for each sign, in order. `link_counts`: message → how many links its email has.

    `around`: signs of before that are judged already, and may give these away.
    """
    known = [*around, *signs]
    bursts, traps = _bursts(known, link_counts), _traps(known)
    return [_judge(sign, sent_at.get(sign.who), bursts, traps) for sign in signs]


def given_away(signs: Sequence[Sign], known: Sequence[Sign], link_counts: Mapping[int, int]) -> list[bool]:
    """Of each of these whether what is `known` by now, a burst or a step into the trap, says that a machine made it."""
    bursts, traps = _bursts(known, link_counts), _traps(known)
    return [_is_trapped(sign, traps) or _is_burst(sign, bursts) for sign in signs]


def _judge(  # noqa: PLR0911 - a list of signs, first match wins
    sign: Sign,
    sent_at: datetime | None,
    bursts: Mapping[tuple[int, int], list[datetime]],
    traps: Mapping[tuple[int, int], list[datetime]],
) -> tuple[int, str]:
    if sign.is_head:
        return MACHINE, "head"
    if SCANNERS.search(sign.agent):
        return MACHINE, "scanner"
    if _is_trapped(sign, traps):
        return MACHINE, "trap"
    if sent_at and sign.at - sent_at < TOO_FAST:
        return MACHINE, "too_fast"
    if _is_burst(sign, bursts):
        return MACHINE, "every_link"
    if sign.link is None and BARE_AGENT.match(sign.agent):
        return MACHINE, "privacy_proxy"
    if CACHING_PROXIES.search(sign.agent):
        return UNSURE, "caching_proxy"
    return (HUMAN, "") if sign.agent else (UNSURE, "no_agent")


def _is_trapped(sign: Sign, traps: Mapping[tuple[int, int], list[datetime]]) -> bool:
    return any(abs(sign.at - at) <= AROUND_THE_TRAP for at in traps[sign.who])


def _is_burst(sign: Sign, bursts: Mapping[tuple[int, int], list[datetime]]) -> bool:
    return sign.link is not None and any(abs(sign.at - at) <= AT_ONCE for at in bursts[sign.who])


def _traps(signs: Sequence[Sign]) -> dict[tuple[int, int], list[datetime]]:
    found: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for sign in signs:
        if sign.link == HONEYPOT:
            found[sign.who].append(sign.at)
    return found


def _bursts(signs: Sequence[Sign], link_counts: Mapping[int, int]) -> dict[tuple[int, int], list[datetime]]:
    """Moments at which somebody followed every link (three at least are needed to tell) within a second."""
    clicks: dict[tuple[int, int], list[Sign]] = defaultdict(list)
    for sign in signs:
        if sign.link is not None:
            clicks[sign.who].append(sign)
    found: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for who, theirs in clicks.items():
        needed = max(2, min(3, link_counts.get(who[0], 3)))
        for first in theirs:
            links = {one.link for one in theirs if timedelta(0) <= one.at - first.at <= AT_ONCE}
            if len(links) >= needed:
                found[who].append(first.at)
    return found
