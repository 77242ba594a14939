"""Relevance: of what we sent to people in the last 90 days, how much mattered to them.

A message mattered to somebody who did something by it: a click of a person, an answer, a visit, a form, a survey or a
purchase that names it. A purchase after a click needs no rule of its own, for the click says it already. That it was
opened says nothing (machines open too), and to unsubscribe or complain is the opposite.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from contacts.merging import survivor_of
from contacts.models import Contact
from lib.clock import now
from lib.sql import array_of, load_sql, run_sql
from touchpoints.kinds import BY_CODE, KINDS
from touchpoints.models import Touchpoint
from workspaces.current import current_workspace_id
from workspaces.kept_figures import kept_figure
from workspaces.requests import Request

FIGURE = "engagement.relevance"
DAYS = 90
MOST_MESSAGES = 5_000
SENT = ("sent", "sms", "push")
NOTHING_SAID = ("opened", "unsubscribed", "complained", "bounced")
# Only kinds of ours that can name a message; never those of a workspace's own, which nobody has judged.
MATTERS = [code for code, kind in BY_CODE.items() if not kind.is_outward and kind.key not in NOTHING_SAID]
WHICH = "(t.kind = ANY (%(matters)s::smallint[]) AND t.certainty = %(human)s)"


class Relevance(NamedTuple):
    """How many messages were sent (to one person, or counted person by person), and how many of them mattered."""

    sent: int
    mattered: int

    @property
    def percent(self) -> int:
        """The share that mattered, in whole percent."""
        return round(100 * self.mattered / self.sent) if self.sent else 0


def relevance_of(contact_ids: Collection[int]) -> dict[int, Relevance]:
    """Of these people, who stand for everybody merged into them: what was sent and what mattered. One statement.

    Who got nothing in the last 90 days is left out.
    """
    if not contact_ids:
        return {}
    params = _params() | {"contacts": array_of(sorted(set(contact_ids)))}
    rows = run_sql("engagement/relevance_of", params, facts=load_sql("touchpoints/facts"), matters=WHICH)
    return {who: Relevance(sent, mattered) for who, sent, mattered in rows}


def relevance_by_message(_argument: int = 0) -> dict[str, list[int]]:
    """Message (as text, for JSON) → [people who got it, people it mattered to], of the newest 5,000 of the last 90 days."""
    params = _params() | {"most": MOST_MESSAGES}
    rows = run_sql("engagement/relevance_by_message", params, facts=load_sql("touchpoints/facts"), matters=WHICH)
    return {str(message): [sent, mattered] for message, sent, mattered in rows}


def kept_relevance(message_ids: Iterable[int] | None = None) -> Relevance | None:
    """Of these messages, or of all, as it was counted last; None before the first count, and where nothing was sent."""
    kept = kept_figure(FIGURE)
    if kept is None:
        return None
    wanted = None if message_ids is None else {str(one) for one in message_ids}
    rows = [numbers for message, numbers in kept.data.items() if wanted is None or message in wanted]
    sent, mattered = sum(row[0] for row in rows), sum(row[1] for row in rows)
    return Relevance(sent, mattered) if sent else None


def home_panel(_request: Request, _subject: Any) -> dict[str, Any] | None:
    """Of everything sent, what mattered; None where nothing was sent."""
    found = kept_relevance()
    return {"relevance": found} if found else None


def contact_panel(_request: Request, contact: Contact) -> dict[str, Any] | None:
    """Of what we sent this person, what mattered; None where nothing was sent."""
    who = survivor_of(contact.pk)
    found = relevance_of([who]).get(who)
    return {"relevance": found} if found else None


def _params() -> dict[str, Any]:
    return {
        "workspace": current_workspace_id(),
        "since": now() - timedelta(days=DAYS),
        "sent_kinds": [KINDS[name].code for name in SENT],
        "matters": MATTERS,
        "human": int(Touchpoint.Certainty.HUMAN),
    }
