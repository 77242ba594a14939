"""The inbox with 100,000 open conversations: its first page, the poll when nothing changed, a thread of 2,000 messages.

CPU of Python and PostgreSQL, one request at a time, medians of ROUNDS; each is asked for once before it counts.
"""

import re
import statistics
from collections.abc import Callable
from datetime import datetime, timedelta

from django.test import Client

from bench.recording import measured
from conversations.models import Connection, Conversation, Mention, PublicAuthor
from lib.clock import now
from social.connecting import connect
from workspaces.current import working_in
from workspaces.models import Membership, Role, User, Workspace

OPEN, AUTHORS, LONG = 100_000, 20_000, 2_000
ROUNDS, AT_ONCE = 9, 2_000
LOOK = re.compile(r'hx-get="([^"]+live[^"]+)"')


def run(workspace: Workspace) -> None:
    """Print the figures."""
    owner = User.objects.create(email="inbox@bench.example", name="Ada")
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    long = _fill(workspace)
    client = Client()
    client.force_login(owner)
    inbox = f"/w/{workspace.slug}/inbox/"
    page = client.get(inbox)
    print(f"{OPEN:,} open conversations, one of them of {LONG:,} messages: ms of CPU, medians of {ROUNDS}")
    _tell("first page (aim 50)", lambda: client.get(inbox))
    _tell("its list alone, of those that are late", lambda: client.get(f"{inbox}?only=late"))
    _tell("a conversation", lambda: client.get(f"{inbox}{long - 1}/", headers={"HX-Request": "true"}))
    _tell(f"a thread of {LONG:,} (aim 60)", lambda: client.get(f"{inbox}{long}/", headers={"HX-Request": "true"}))
    found = LOOK.search(page.text)
    poll = found[1].replace("&amp;", "&") if found else ""
    if client.get(poll).status_code != 204:
        raise RuntimeError(f"{poll} has something to tell, although nothing changed")
    _tell("the poll, nothing new (aim 2)", lambda: client.get(poll))


def _fill(workspace: Workspace) -> int:
    """Writers, conversations that wait with a message each, and the long one; its id."""
    start = now() - timedelta(days=60)
    with working_in(workspace):
        bridge = connect("webhook", name="Inbox", by=None)[0]
        authors = PublicAuthor.objects.bulk_create(
            [
                PublicAuthor(network="mastodon", handle=f"inbox-{n}@bench.example", name=f"Writer {n}")
                for n in range(AUTHORS)
            ],
            batch_size=AT_ONCE,
        )
        rows = [_conversation(bridge, authors[n % AUTHORS], n, start + timedelta(seconds=40 * n)) for n in range(OPEN)]
        rows = Conversation.objects.bulk_create(rows, batch_size=AT_ONCE)
        words = [_mention(row, n, row.last_at) for n, row in enumerate(rows)]
        long = rows[-1]
        words += [_mention(long, OPEN + n, start + timedelta(minutes=n)) for n in range(LONG - 1)]
        Mention.objects.bulk_create(words, batch_size=AT_ONCE)
    return long.pk


def _conversation(bridge: Connection, author: PublicAuthor, number: int, moment: datetime) -> Conversation:
    return Conversation(
        connection=bridge,
        author=author,
        thread=f"inbox-{number}",
        title=f"Where is my tea {number}",
        state=Conversation.State.WAITING,
        is_public=True,
        waiting_since=moment,
        due_at=moment + timedelta(hours=4),
        priority=number % 100,
        last_at=moment,
        created_at=moment,
    )


def _mention(row: Conversation, number: int, moment: datetime) -> Mention:
    return Mention(
        connection=row.connection,
        conversation=row,
        author=row.author,
        network="mastodon",
        remote_id=f"inbox-{number}",
        text=f"My tea did not arrive, where is it? {number}",
        language="en",
        visibility="public",
        published_at=moment,
        received_at=moment,
    )


def _tell(name: str, act: Callable[[], object]) -> None:
    act()
    rows = [measured(act) for _round in range(ROUNDS)]
    _wall, python, postgres = (statistics.median(column) * 1000 for column in zip(*rows, strict=True))
    print(f"  {name:<42}{python + postgres:>8.1f}  ({python:.1f} Python, {postgres:.1f} PostgreSQL)", flush=True)
