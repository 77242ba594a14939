"""The inbox's queues: what stands in each, how many, in which order."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.folding import folded
from conversations.authors.shared_senders import perhaps_names
from conversations.authors.telling_authors import PHONES
from conversations.channels import network_icon, network_name
from conversations.inbox.prioritising import read_lines
from conversations.models import Conversation
from conversations.service_levels.team_hours import hours_by_connection, hours_of
from conversations.service_levels.working_hours import Hours
from lib.clock import now
from lib.foreign.cleaning import to_line
from lib.pages import Page, read_cursor, write_cursor
from lib.sql import load_sql, run_dicts
from lib.times.durations import in_short
from workspaces.current import current_workspace_id

PAGE_ROWS = 30  # a screen shows a dozen; the next ones come before its end is reached
EXCERPT = 200
MOST_COUNTED = 500
MOST_NAMED = 2
QUEUES: dict[str, tuple[str | Promise, str]] = {
    "waiting": (gettext_lazy("Waiting for us"), "inbox"),
    "mine": (gettext_lazy("Mine"), "user"),
    "team": (gettext_lazy("My team"), "users"),
    "unassigned": (gettext_lazy("Unassigned"), "user-question"),
    "named": (gettext_lazy("Mentioned me"), "at"),
    "snoozed": (gettext_lazy("Snoozed"), "clock-pause"),
    "done": (gettext_lazy("Closed"), "circle-check"),
    "spam": (gettext_lazy("Spam"), "ban"),
}
ONLY: dict[str, tuple[str | Promise, str]] = {
    "promises": (gettext_lazy("Promises due"), "heart-handshake"),
    "complaints": (gettext_lazy("Complaints"), "flame"),
    "late": (gettext_lazy("Late"), "alarm"),
    "drafts": (gettext_lazy("My drafts"), "pencil"),
    "approvals": (gettext_lazy("To approve"), "user-check"),
    "missed": (gettext_lazy("Answered late"), "alarm"),
    "found": (gettext_lazy("Found by listeners"), "hash"),
}
KINDS = {
    "promises": "EXISTS (SELECT FROM conversations_case k WHERE k.workspace_id = %(workspace)s AND k.conversation_id = c.id"
    " AND k.closed_at IS NULL AND k.was_kept IS NULL AND k.promise <> '')",
    "complaints": "EXISTS (SELECT FROM conversations_mention x WHERE x.workspace_id = %(workspace)s AND x.intent = 'complaint'"
    " AND x.conversation_id = c.id AND x.deleted_at IS NULL AND x.answered_at IS NULL)",
    "late": "c.due_at < %(now)s",
    "drafts": "EXISTS (SELECT FROM conversations_answerdraft d WHERE d.workspace_id = %(workspace)s AND d.conversation_id = c.id"
    " AND d.user_id = %(user)s)",
    "approvals": "(EXISTS (SELECT FROM conversations_answerdraft d WHERE d.workspace_id = %(workspace)s"
    " AND d.conversation_id = c.id AND d.asked_at IS NOT NULL) OR EXISTS (SELECT FROM conversations_forward w"
    " WHERE w.workspace_id = %(workspace)s AND w.conversation_id = c.id AND w.state = 'asked'))",
    "missed": "EXISTS (SELECT FROM conversations_reply r WHERE r.workspace_id = %(workspace)s AND r.conversation_id = c.id"
    " AND r.created_at > %(now)s - interval '90 days' AND r.created_at > r.target_at AND r.state <> 'failed')",
    "found": "c.state <> 'spam' AND EXISTS (SELECT FROM conversations_mention f WHERE f.workspace_id = %(workspace)s"
    " AND f.conversation_id = c.id AND f.found_by <> '' AND f.deleted_at IS NULL)",
}
NAMED = (
    "EXISTS (SELECT FROM conversations_teamnotemention n WHERE n.workspace_id = %(workspace)s AND n.conversation_id = c.id"
    " AND n.user_id = %(user)s AND n.created_at > %(now)s - interval '30 days')"
)
OF_MY_TEAMS = (
    "c.connection_id IN (SELECT k.id FROM conversations_connection k JOIN conversations_teammember t"
    " ON t.workspace_id = %(workspace)s AND t.team_id = k.team_id AND t.user_id = %(user)s"
    " WHERE k.workspace_id = %(workspace)s)"
)
TAGGED = (
    "EXISTS (SELECT FROM conversations_conversationtag t WHERE t.workspace_id = %(workspace)s AND t.conversation_id = c.id"
    " AND t.folded = %(tag)s)"
)
SAID = (
    "c.id IN (SELECT s.conversation_id FROM (SELECT m.conversation_id, m.text FROM conversations_mention m"
    " WHERE m.workspace_id = %(workspace)s AND m.deleted_at IS NULL ORDER BY m.id DESC LIMIT %(searched)s) AS s"
    " WHERE s.text ILIKE %(words)s)"
)
SEARCHED = 20_000  # messages whose words are looked through, the newest: each costs 2 µs, and no index may help here
ANY_STATE = {"promises", "drafts", "approvals", "missed", "found"}
MOST_URGENT = "c.priority DESC, c.waiting_since, c.id"
NEWEST = "c.last_at DESC, c.id DESC"


@dataclass(frozen=True, slots=True)
class View:
    """What of the inbox is looked at: a queue, perhaps one network, a tag, a kind (ONLY), some words."""

    queue: str = "waiting"
    network: str = ""
    words: str = ""
    tag: str = ""
    only: str = ""
    finds_names: bool = True  # a search that finds names tells them, letter by letter

    @property
    def name(self) -> str:
        """The heading."""
        if self.tag:
            return f"#{self.tag}"
        if self.only:
            return str(ONLY[self.only][0])
        return network_name(self.network) if self.network else str(QUEUES[self.queue][0])

    @property
    def is_by_urgency(self) -> bool:
        """Who waits most urgently first; else the newest first."""
        return self.queue in {"waiting", "mine", "team", "unassigned"} and self.only not in ANY_STATE

    @property
    def is_plain(self) -> bool:
        """A queue alone, nothing narrowed."""
        return not (self.network or self.tag or self.only or self.words)

    @property
    def query(self) -> str:
        """As the query of an address, so that every link and form stays in this view."""
        return _query_of(self)

    @property
    def facts(self) -> dict[str, str]:
        """The same as names and values, for a form."""
        facts = {"queue": self.queue, "network": self.network, "tag": self.tag, "only": self.only, "q": self.words}
        return {key: value for key, value in facts.items() if value}


@lru_cache(1_000)
def _query_of(view: View) -> str:
    """A page says it in a hundred links."""
    return urlencode(view.facts)


def read_view(said: Mapping[str, str], *, finds_names: bool = True) -> View:
    """The view an address asks for; what it does not know is the first queue."""
    queue = said.get("queue", "")
    known = queue if queue in QUEUES else "waiting"
    only = said.get("only", "")
    return View(
        known,
        network=said.get("network", "")[:40],
        words=said.get("q", "").strip()[:80],
        tag=to_line(said.get("tag", ""), 60),
        only=only if only in ONLY else "",
        finds_names=finds_names,
    )


def read_rows(view: View, user_id: int, *, cursor: str = "", limit: int = PAGE_ROWS) -> Page[dict[str, Any]]:
    """One page of a view, ready for the list. Two queries, whatever the page."""
    params: dict[str, Any] = {"workspace": current_workspace_id(), "user": user_id, "limit": limit + 1}
    clauses, by_urgency = _clauses(view, params), view.is_by_urgency
    if key := read_cursor(cursor, *((int, datetime, int) if by_urgency else (datetime, int))):
        clauses.append(_after(key, params, by_urgency=by_urgency))
    where = "".join(f" AND {one}" for one in clauses if one)
    order = MOST_URGENT if by_urgency else NEWEST
    rows = run_dicts(load_sql("conversations/inbox_rows", where=where, order=order), params)
    page, moment, usual, of = rows[:limit], now(), hours_of(None), hours_by_connection()
    last = page[-1] if len(rows) > limit else None
    after = ""
    if last:
        after = write_cursor(
            *((last["priority"], last["waiting_since"].isoformat()) if by_urgency else (last["last_at"].isoformat(),)),
            last["id"],
        )
    _name_perhaps(page)
    return Page([_dress(row, moment, of.get(row["connection_id"], usual)) for row in page], after)


def _name_perhaps(rows: list[dict[str, Any]]) -> None:
    """A stranger who is a bare number is called by who uses it, perhaps. One statement, only where there is one."""
    bare = [row for row in rows if row["network"] in PHONES and row["contact_id"] is None and not row["name"]]
    found = perhaps_names({(row["network"], row["handle"]) for row in bare}) if bare else {}
    for row in bare:
        if names := found.get((row["network"], row["handle"])):
            row["name"] = perhaps(names)


def perhaps(names: list[str]) -> str:
    """The names of who uses a number, as a guess that says so."""
    told = ", ".join(names[:MOST_NAMED])
    return _("perhaps %(names)s") % {"names": f"{told} …" if names[MOST_NAMED:] else told}


def waiting_count() -> int:
    """For the rail: at most 500, then it says so by staying there."""
    return Conversation.objects.filter(state="waiting")[:MOST_COUNTED].count()


def due_words(due_at: datetime | None, moment: datetime, hours: Hours) -> tuple[str, str]:
    """("1 h 04 late", "bad"), ("26 min left", "warn") or ("2 h 10", ""), in working time; a day is one of the team's."""
    if due_at is None:
        return "", ""
    left = hours.between(moment, due_at)
    if moment >= due_at:
        return _("%(time)s late") % {"time": in_short(-left, day=hours.day)}, "bad"
    if left <= timedelta(hours=1):
        return _("%(time)s left") % {"time": in_short(left, day=hours.day)}, "warn"
    return in_short(left, day=hours.day), ""


def _clauses(view: View, params: dict[str, Any]) -> list[str]:
    states = {"snoozed": "snoozed", "done": "done", "spam": "spam"}
    params |= {"state": states.get(view.queue, "waiting"), "now": now()}
    is_any = view.queue == "named" or view.only in ANY_STATE
    clauses = ["c.state <> 'merged'" if is_any else "c.state = %(state)s"]
    if view.queue == "named":
        clauses.append(NAMED)
    if view.only:
        clauses.append(KINDS[view.only])
    if view.tag:
        params["tag"] = folded(view.tag, 60)
        clauses.append(TAGGED)
    if view.queue == "mine":
        clauses.append("c.assignee_id = %(user)s")
    elif view.queue == "team":
        clauses.append(OF_MY_TEAMS)
    elif view.queue == "unassigned":
        clauses.append("c.assignee_id IS NULL")
    if view.network:
        clauses.append("a.network = %(network)s")
        params["network"] = view.network
    if view.words:
        columns = ("c.title", "a.name", "a.handle") if view.finds_names else ("c.title",)
        clauses.append("(" + " OR ".join([*(f"{column} ILIKE %(words)s" for column in columns), SAID]) + ")")
        words = view.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        params |= {"words": f"%{words}%", "searched": SEARCHED}
    return clauses


def _after(key: list[Any], params: dict[str, Any], *, by_urgency: bool) -> str:
    *first, moment, last = key
    params |= {"w": moment, "i": last}
    if not by_urgency:
        return "(c.last_at, c.id) < (%(w)s::timestamptz, %(i)s::bigint)"
    params["p"] = first[0]
    later = "(c.waiting_since, c.id) > (%(w)s::timestamptz, %(i)s::bigint)"
    return f"(c.priority < %(p)s::bigint OR (c.priority = %(p)s::bigint AND {later}))"


def _dress(row: dict[str, Any], moment: datetime, hours: Hours) -> dict[str, Any]:
    clock, tone = due_words(row["due_at"], moment, hours) if row["state"] == "waiting" else ("", "")
    words = [
        text for text, _points in read_lines(json.loads(row["priority_why"])) if not text.startswith(_("Negative"))
    ][:2]
    return row | {
        "who": row["name"] or row["handle"],
        "icon": network_icon(row["network"]),
        "channel": network_name(row["network"]),
        "clock": clock,
        "tone": tone,
        "feeling": FEELINGS.get(row["sentiment"] or "unc", "unclear"),
        "words": ", ".join(words),
        "excerpt": _excerpt(row["title"] if row["text"] is None else row["text"]),
        "is_deleted": row["deleted_at"] is not None,
    }


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else Truncator(text).chars(EXCERPT)


FEELINGS = {"neg": "negative", "neu": "neutral", "pos": "positive", "unc": "unclear"}
