"""Hashtags and words that a connection listens to: added, removed, looked for in turn within the budget of its host.

What they find are mentions that ask for no answer (conversations/mentions/finds.py), each post once whoever brings it.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from contacts.folding import folded
from conversations.channels import ChannelError, Heard
from conversations.mentions.setting_aside import Poison, hear_each, set_aside
from conversations.models import Connection, Mention, WatchedQuery
from lib.clock import now
from lib.foreign.cleaning import to_line
from lib.retrying import is_passing
from social.following_finds import follow_finds
from social.host_budget import BudgetSpentError
from social.networks.protocol import Network, Page
from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import User, Workspace

MOST = 20
A_LOOK = 3  # of a connection; so twenty of them leave most of what its host allows to what is written to us
EVERY = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=6)
FIRST_HOURS = timedelta(hours=24)
WEEK = timedelta(days=7)
TAG = re.compile(r"(?=.*[^\W\d])\w{1,100}")
SHORTEST_WORDS, LONGEST_WORDS = 2, 100
Kind = WatchedQuery.Kind
log = structlog.get_logger(__name__)


class CannotWatchError(ValueError):
    """This cannot be listened to; the text says why, in words for people."""


@transaction.atomic
def watch(connection: Connection, kind: str, query: str, *, finds: Sequence[str], by: User | None) -> WatchedQuery:
    """From now on the connection looks for it; the last day comes in first. May be repeated. CannotWatchError.

    `finds` are the kinds that its network can be asked for. Locks the connection.
    """
    words = _cleaned(kind, query)
    if kind not in finds:
        raise CannotWatchError(_("This server cannot be asked for that."))
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    held = WatchedQuery.objects.filter(connection=connection)
    if same := held.filter(kind=kind, folded=folded(words, 120)).first():
        return same
    if held.count() >= MOST:
        raise CannotWatchError(_("A connection listens to %(most)s at most. Remove one first.") % {"most": MOST})
    made = WatchedQuery.objects.create(connection=connection, kind=kind, query=words, cursor=_first_cursor())
    audit("connection.watches", by=by, target=connection, kind=kind)
    return made


@transaction.atomic
def change_watched(watched: WatchedQuery, query: str, *, by: User | None) -> WatchedQuery:
    """From now on it looks for this instead; the last day comes in first, and what it found before stays.

    May be repeated. CannotWatchError changes nothing. Locks the connection.
    """
    words = _cleaned(watched.kind, query)
    Connection.objects.select_for_update(no_key=True).get(pk=watched.connection_id)
    others = WatchedQuery.objects.filter(connection=watched.connection_id, kind=watched.kind).exclude(pk=watched.pk)
    if others.filter(folded=folded(words, 120)).exists():
        raise CannotWatchError(_("This connection listens to that already."))
    if words == watched.query:
        return watched
    watched.query, watched.cursor, watched.due_at = words, _first_cursor(), now()
    watched.looked_at, watched.failures, watched.last_error = None, 0, ""
    watched.save()
    audit("connection.watches_other", by=by, target=watched.connection, kind=watched.kind)
    return watched


@transaction.atomic
def unwatch(watched: WatchedQuery, *, by: User | None) -> None:
    """It is looked for no more; what it found stays."""
    audit("connection.watches_no_more", by=by, target=watched.connection, kind=watched.kind)
    watched.delete()


def found_lately(connection: Connection) -> dict[str, int]:
    """Name of a listener → posts of the last seven days that it was the first to bring. One query."""
    rows = Mention.objects.filter(connection=connection, received_at__gte=now() - WEEK).exclude(found_by="").order_by()
    return dict(rows.values_list("found_by").annotate(Count("pk")))


def watched_counts() -> dict[int, int]:
    """Connection → to how many it listens. One query."""
    return dict(WatchedQuery.objects.order_by().values_list("connection").annotate(Count("pk")))


def look_for_watched(
    workspace: Workspace, connection: Connection, open_network: Callable[[Connection], Network]
) -> None:
    """Look for those that are due, at most three, the longest unseen first. Whatever goes wrong is noted on each alone.

    None where the connection itself does not answer: what is written to us comes first.
    """
    with working_in(workspace):
        due = WatchedQuery.objects.filter(connection=connection, connection__is_active=True, connection__failures=0)
        rows = list(due.filter(due_at__lte=now()).order_by("due_at", "pk")[:A_LOOK])
    network = open_network(connection) if rows else None
    for row in rows:
        try:
            _look_for(workspace, connection, network, row)
        except BudgetSpentError as error:
            with working_in(workspace):
                WatchedQuery.objects.filter(pk=row.pk).update(due_at=now() + timedelta(seconds=error.wait))
            return


def _look_for(workspace: Workspace, connection: Connection, network: Any, row: WatchedQuery) -> None:
    try:
        if row.kind not in network.capabilities().finds:
            raise ChannelError(_("This server cannot be asked for that."), again=False)
        page: Page = network.find(row.kind, row.query, row.cursor)
        followed, kept = follow_finds(workspace, network, row)
        page = replace(page, items=[*page.items, *followed], cursor={**page.cursor, **kept})
        with working_in(workspace):
            fresh = WatchedQuery.objects.select_for_update().filter(pk=row.pk).first()
            if fresh is not None and fresh.cursor == row.cursor:  # else it was removed, or somebody else was here
                _store(connection, fresh, page)
            return
    except BudgetSpentError:
        raise
    except ChannelError as error:
        failure = error
    except Exception as error:
        if is_passing(error):
            raise
        log.exception("find_broke", connection=connection.pk, watched=row.pk)
        failure = ChannelError(_("What it sent cannot be read (%(kind)s).") % {"kind": type(error).__name__})
    with working_in(workspace):
        _note_failure(row, failure)


def _store(connection: Connection, row: WatchedQuery, page: Page) -> None:
    ours = _our_handles(connection)
    items = [replace(one, found_by=str(row)) for one in page.items if not _is_ours(one, ours)]
    hear_each(connection, items)
    set_aside(connection, [Poison(one.name, one.excerpt, one.reason, one.excerpt) for one in page.refused])
    row.cursor, row.looked_at, row.failures, row.last_error = dict(page.cursor), now(), 0, ""
    row.due_at = page.next_at or now() + EVERY * random.uniform(0.9, 1.1)  # noqa: S311 - jitter
    row.save(update_fields=["cursor", "looked_at", "failures", "last_error", "due_at"])


def _note_failure(row: WatchedQuery, error: ChannelError) -> None:
    failures = row.failures + 1
    pause = min(EVERY * 2 ** min(failures, 8), LONGEST_PAUSE) if error.again else LONGEST_PAUSE
    wait = timedelta(seconds=error.wait) if error.wait else pause
    facts = {"failures": failures, "last_error": str(error)[:300], "due_at": now() + wait}
    WatchedQuery.objects.filter(pk=row.pk).update(**facts)
    log.warning("find_failed", watched=row.pk, failures=failures, error=str(error))


def _our_handles(connection: Connection) -> set[str]:
    """Our accounts on this network, as they are written: what one of ours says is nothing that others say of us."""
    settings = Connection.objects.filter(network=connection.network).values_list("settings", flat=True)
    names = [one.get(name) for one in settings if isinstance(one, dict) for name in ("acct", "user_id")]
    return {name.lower() for name in names if isinstance(name, str) and name}


def _is_ours(item: Heard, ours: set[str]) -> bool:
    last = item.author_url.rstrip("/").rpartition("/")[2].removeprefix("@").lower()
    return item.handle.lower() in ours or last in ours


def _first_cursor() -> dict[str, str]:
    return {"head": (now() - FIRST_HOURS).isoformat()}


def _cleaned(kind: str, query: str) -> str:
    """The hashtag without its sign, or the words on one line. CannotWatchError."""
    words = to_line(query, 200)
    if kind == Kind.HASHTAG:
        words = words.removeprefix("#").removeprefix("＃")
        if not TAG.fullmatch(words):
            raise CannotWatchError(_("A hashtag is one word of letters and digits."))
    elif not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        raise CannotWatchError(_("Enter words of 2 to 100 letters."))
    return words
