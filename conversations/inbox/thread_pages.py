"""What was said in a conversation, a page at a time: theirs, ours, and notes among colleagues, the oldest first.

A place in a thread is (moment, kind, number) of one thing said, so page 40 costs what page 1 costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from conversations.inbox.queues import FEELINGS
from conversations.mentions.came_along import files_beside
from conversations.models import Conversation, Forward, Mention, MentionFile, Reply, ReplyFile, TeamNote
from conversations.visibility import visibility_of
from lib.clock import now
from lib.pages import read_cursor, write_cursor
from workspaces.models import User

PAGE = 50
MOST_SINCE = 200  # so many a page that stays open gathers before it shows the newest again
KINDS = ("theirs", "ours", "note", "forward")  # in this order where they share a moment
MOMENTS = {"theirs": "published_at", "ours": "created_at", "note": "created_at", "forward": "created_at"}
type Place = tuple[datetime, int, int]


@dataclass(slots=True)
class Said:
    """One thing in the thread: theirs, ours, a note among colleagues, or that something was forwarded."""

    kind: str
    at: datetime
    text: str
    row: Any
    who: str = ""
    feeling: str = ""
    reasons: list[str] = field(default_factory=list)
    visibility: str = ""
    turns: bool = False  # others can read it than could read what stands before it
    leaves: bool = False  # an answer that can still be taken back
    files: Sequence[MentionFile] = ()
    is_kept: bool = False  # a forward that its writer can still take back
    approved: str = ""  # by whom, where its writer's role asks for it

    @property
    def place(self) -> Place:
        """Where it stands in the thread."""
        return self.at, KINDS.index(self.kind), self.row.pk


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Some of a thread. `earlier` and `later` are cursors, "" where nothing more stands there; `since` begins it."""

    said: Sequence[Said]
    earlier: str = ""
    later: str = ""
    since: str = ""

    @property
    def days(self) -> list[tuple[date, list[Said]]]:
        """By day of whoever looks."""
        return [(day, list(group)) for day, group in groupby(self.said, key=lambda one: localdate(one.at))]


def read_thread(
    conversation: Conversation,
    members: dict[int, str],
    *,
    before: str = "",
    after: str = "",
    since: str = "",
    sought: int | None = None,
) -> ThreadPage:
    """One page: the newest 50; those `before` or `after` a cursor; all `since` one; those around the mention `sought`.

    What stands before all `since` one is not looked for: who asks has it already. A constant number of statements, however
    long the thread; a cursor that is none of ours is the newest page. `members` are names by user id.
    """
    if place := _place_of(sought, conversation) if sought else None:
        found, more = _read(conversation, members, place, PAGE // 2, backwards=False, with_it=True)
        head, earlier = _read(conversation, members, place, PAGE // 2, backwards=True)
        return _page(head + found, earlier=earlier, later=more)
    if place := _place_in(after):
        found, more = _read(conversation, members, place, PAGE, backwards=False)
        return _page(found, earlier=bool(found), later=more)
    if place := _place_in(since):
        found, more = _read(conversation, members, place, MOST_SINCE, backwards=False, with_it=True)
        if found and not more:
            return _page(found, earlier=False)
    place = _place_in(before)
    found, more = _read(conversation, members, place, PAGE, backwards=True)
    return _page(found, earlier=more, later=bool(found) and place is not None)


def _page(said: Sequence[Said], *, earlier: bool, later: bool = False) -> ThreadPage:
    first, last = (_cursor(said[0]), _cursor(said[-1])) if said else ("", "")
    return ThreadPage(_with_turns(said), first if earlier else "", last if later else "", first)


def _cursor(one: Said) -> str:
    at, kind, pk = one.place
    return write_cursor(at.isoformat(), kind, pk)


def _place_in(cursor: str) -> Place | None:
    key = read_cursor(cursor, datetime, int, int) if cursor else None
    return (key[0], key[1], key[2]) if key else None


def _place_of(pk: int, conversation: Conversation) -> Place | None:
    at = Mention.objects.filter(pk=pk, conversation=conversation, twin_of=None).values_list("published_at", flat=True)
    return next(((one, 0, pk) for one in at), None)


def _rows(conversation: Conversation) -> dict[str, QuerySet[Any]]:
    theirs = Mention.objects.filter(conversation=conversation, twin_of=None)
    forwards = Forward.objects.filter(conversation=conversation)
    files = ReplyFile.objects.filter(reply=OuterRef("pk")).order_by("pk")
    told = JSONObject(**{name: name for name in ("pk", "name", "alt", "thumbnail_width", "thumbnail_height")})
    attached = ArraySubquery(files.values_list(told))
    return {
        "theirs": theirs.annotate(has_forward=Exists(forwards)),
        "ours": Reply.objects.filter(conversation=conversation).annotate(attached=attached),
        "note": TeamNote.objects.filter(conversation=conversation),
        "forward": forwards.select_related("mention"),
    }


def _read(
    conversation: Conversation,
    members: dict[int, str],
    place: Place | None,
    most: int,
    *,
    backwards: bool,
    with_it: bool = False,
) -> tuple[list[Said], bool]:
    """Up to `most` from that place on, the oldest first, and whether there are more."""
    rows: dict[str, list[Any]] = {}
    sign = "-" if backwards else ""
    for kind, everything in _rows(conversation).items():
        if kind == "forward" and rows["theirs"] and not rows["theirs"][0].has_forward:
            rows[kind] = []  # what they wrote said so already: most conversations are forwarded to nobody
            continue
        beyond = Q() if place is None else _beyond(kind, place, backwards=backwards, with_it=with_it)
        found = everything.filter(beyond).order_by(f"{sign}{MOMENTS[kind]}", f"{sign}pk")
        rows[kind] = list(found[: most + 1])
    said = sorted(_dressed(conversation, rows, members), key=lambda one: one.place)
    return (said[-most:] if backwards else said[:most]), len(said) > most


def _beyond(kind: str, place: Place, *, backwards: bool, with_it: bool) -> Q:
    """What stands before or after a place, among things of one kind."""
    at, rank, pk = place
    name, here = MOMENTS[kind], KINDS.index(kind)
    beyond, number = ("lt", "pk__lt") if backwards else ("gt", "pk__gte" if with_it else "pk__gt")
    if here == rank:  # the range first: it is what the index reads from
        return Q(**{f"{name}__{beyond}e": at}) & (Q(**{f"{name}__{beyond}": at}) | Q(**{number: pk}))
    shares = here < rank if backwards else here > rank
    return Q(**{f"{name}__{beyond}e" if shares else f"{name}__{beyond}": at})


def _dressed(conversation: Conversation, rows: dict[str, list[Any]], members: dict[int, str]) -> list[Said]:
    actors = {pk or 0 for one in rows["ours"] for pk in (one.by_id, one.approved_by_id)}
    actors |= {pk or 0 for one in rows["forward"] for pk in (one.by_id, one.approved_by_id)}
    actors |= {one.author_id or 0 for one in rows["note"]}
    unknown = actors - members.keys() - {0}
    names = members | (dict(User.objects.filter(pk__in=unknown).values_list("pk", "name")) if unknown else {})
    files = files_beside(rows["theirs"])
    said = [_theirs(conversation, one, files) for one in rows["theirs"]]
    said += [_ours(conversation, one, names) for one in rows["ours"]]
    said += [
        Said("note", one.created_at, one.text, one, one.writer or names.get(one.author_id or 0, ""))
        for one in rows["note"]
    ]
    return said + [_forwarded(one, names) for one in rows["forward"]]


def _theirs(conversation: Conversation, row: Mention, files: dict[int, list[MentionFile]]) -> Said:
    reasons, visibility = [str(word) for word in row.evidence], _visibility(conversation, row)
    feeling = FEELINGS[row.sentiment]
    return Said(
        "theirs", row.published_at, row.text, row, "", feeling, reasons, visibility, files=files.get(row.pk, ())
    )


def _ours(conversation: Conversation, row: Reply, names: dict[int, str]) -> Said:
    leaves = row.state == Reply.State.WAITING and row.attempts == 0 and bool(row.due_at and row.due_at > now())
    ours = Said("ours", row.created_at, row.text, row, names.get(row.by_id or 0, _("We")), leaves=leaves)
    ours.visibility = _visibility(conversation, row)
    ours.approved = names.get(row.approved_by_id or 0, "")
    return ours


def _forwarded(row: Forward, names: dict[int, str]) -> Said:
    leaves = row.state == Forward.State.WAITING and row.attempts == 0 and bool(row.due_at and row.due_at > now())
    said = Said("forward", row.created_at, row.note, row, names.get(row.by_id or 0, _("We")), leaves=leaves)
    said.approved = names.get(row.approved_by_id or 0, "")
    said.is_kept = leaves or row.state in {Forward.State.ASKED, Forward.State.RETURNED}
    return said


def _visibility(conversation: Conversation, row: Mention | Reply) -> str:
    return visibility_of(row.visibility, is_public=conversation.is_public)


def _with_turns(said: Sequence[Said]) -> Sequence[Said]:
    """Marked where others can read on than could before; notes and forwards are the team's, whoever reads the rest."""
    before = None
    for one in said:
        if one.kind in {"theirs", "ours"}:
            one.turns, before = one.visibility != before, one.visibility
    return said
