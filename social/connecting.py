"""Connections: made, pointed to their network's class, given new secrets, paused, polled."""

import random
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Heard
from conversations.mentions.listening import Listened
from conversations.mentions.setting_aside import Poison, hear_each, set_aside
from conversations.models import Connection
from lib.clock import now
from lib.links import public_link
from lib.retrying import is_passing
from lib.rooms import house
from lib.sealing import SealBrokenError
from lib.signing import BadTokenError, make_token, read_token
from social.networks.protocol import Network, Page
from social.secrets import brought_secrets, keep_secrets, made_secrets, new_secret
from social.stream_places import want_no_stream, want_stream
from social.watching import look_for_watched
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import current_workspace, working_in
from workspaces.models import User, Workspace

WORK = "social.poll"
TOKEN = "hook"  # noqa: S105 - the purpose of a token, not one
FEED_EVERY = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
BROUGHT_IN = timedelta(days=30)
WORK_SECONDS = 20
log = structlog.get_logger(__name__)


def network_of(connection: Connection) -> Network:
    """The class that speaks with this connection's network. KeyError for a kind that nobody offers."""
    found: Any = house.networks[connection.network]
    network: Network = found(connection)
    return network


def networks() -> list[type[Network]]:
    """The kinds of connections that can be added: those with a form."""
    offered: list[Any] = list(house.networks.values())
    return [one for one in offered if hasattr(one, "form")]


@transaction.atomic
def connect(network: str, *, by: User | None, **facts: Any) -> tuple[Connection, str]:
    """A new connection of this network and its secret, which is shown this once ("" where it needs none).

    One that must be polled is looked at soon, then every few minutes. `password` is what we sign in with there, `secrets`
    where there are several; they are sealed. KeyError for a network that nobody offers.
    """
    password = facts.pop("password", "")
    brought: list[str] = facts.pop("secrets", [password] if password else [])
    connection = Connection(network=network, **facts)
    can, secret = network_of(connection).capabilities(), ""
    connection.due_at = now() if can.polls else None
    connection.save()
    if brought:
        keep_secrets(connection, brought)
    if can.polls:
        agenda.set_due(WORK)
    if can.receives:
        secret = new_secret()
        keep_secrets(connection, [secret, *brought])
    audit("connection.added", by=by, target=connection, network=network)
    return connection, secret


@transaction.atomic
def rotate_secret(connection: Connection, *, by: User | None) -> str:
    """A new secret, shown this once; the one before stays good until the next rotation."""
    secret = new_secret()
    try:
        before, brought = made_secrets(connection)[:1], brought_secrets(connection)
    except SealBrokenError:
        before, brought = [], []  # sealed with a key that is gone: nobody can sign with it either
    keep_secrets(connection, [secret, *before, *brought])
    audit("connection.secret_rotated", by=by, target=connection)
    return secret


@transaction.atomic
def sign_in_again(
    connection: Connection,
    *,
    secrets: list[str],
    by: User | None,
    settings: dict[str, Any],
    health: dict[str, Any] | None = None,
) -> None:
    """From now on we sign in there with these; the cursor stays, so nothing said meanwhile is lost.

    What was made here (by which deliveries are signed) stays as it was entered there. Locks the connection's row.
    """
    Connection.objects.select_for_update().get(pk=connection.pk)
    connection.refresh_from_db(fields=["settings", "health", "sealed_secret"])
    connection.settings = {**connection.settings, **settings}
    connection.health = connection.health if health is None else health
    connection.save(update_fields=["settings", "health"])
    try:
        made = made_secrets(connection)
    except SealBrokenError:
        made = []  # sealed with a key that is gone: nobody can sign with it either
    keep_secrets(connection, [*made, *secrets])
    audit("connection.secret_rotated", by=by, target=connection)
    set_active(connection, True, by=by)


@transaction.atomic
def set_active(connection: Connection, is_active: bool, *, by: User | None) -> None:
    """Listen, or stop listening; what came in stays. May be repeated."""
    connection.is_active, connection.failures, connection.last_error = is_active, 0, ""
    connection.due_at = now() if is_active and network_of(connection).capabilities().polls else None
    connection.save(update_fields=["is_active", "failures", "last_error", "due_at"])
    if connection.due_at:
        agenda.set_due(WORK)
    if not is_active:
        transaction.on_commit(partial(want_no_stream, current_workspace().pk, connection.pk))
    audit("connection.resumed" if is_active else "connection.paused", by=by, target=connection)


def hook_link(connection: Connection) -> str:
    """The address to which deliveries are sent. It names the connection; the signature is the lock."""
    return public_link("hook", current_workspace().slug, make_token(TOKEN, current_workspace().pk, connection.pk))


def connection_of(workspace: Workspace, token: str) -> Connection | None:
    """The active connection that a token names in the open workspace, if it takes webhooks; else None."""
    try:
        workspace_id, pk = read_token(TOKEN, token, count=2)
    except BadTokenError:
        return None
    if workspace_id != workspace.pk:
        return None
    found = Connection.objects.filter(pk=pk, is_active=True).first()
    return found if found and network_of(found).capabilities().receives else None


def poll_due(workspace: Workspace) -> datetime | None:
    """Look at what is due, one page of one source a transaction; returns when to come again."""
    ends_at = now() + timedelta(seconds=WORK_SECONDS)
    with working_in(workspace):
        due = list(Connection.objects.filter(is_active=True, due_at__lte=now()).order_by("due_at")[:50])
    for connection in due:
        if now() > ends_at:
            return now()
        poll_one(workspace, connection)
        look_for_watched(workspace, connection, network_of)
    with working_in(workspace):
        waiting = Connection.objects.filter(is_active=True, due_at__isnull=False).order_by("due_at")
        return waiting.values_list("due_at", flat=True).first()


def poll_one(workspace: Workspace, connection: Connection) -> Listened:
    """One look at one source. The cursor moves in the transaction that stores the rows; a failure backs off.

    Whatever goes wrong with this source is noted on it, and no other source waits for it.
    """
    try:
        page = network_of(connection).poll(connection.cursor)
        with working_in(workspace):
            fresh = Connection.objects.select_for_update().get(pk=connection.pk)
            if fresh.cursor != connection.cursor:
                return Listened()  # somebody else was here; the rows behind their cursor are theirs
            found = _store(fresh, page, was_due_at=connection.due_at)
    except ChannelError as error:
        failure = error
    except Exception as error:
        if is_passing(error):
            raise
        log.exception("poll_broke", connection=connection.pk)
        failure = ChannelError(_("What it sent cannot be read (%(kind)s).") % {"kind": type(error).__name__})
    else:
        if fresh.is_active and network_of(fresh).capabilities().streams:
            want_stream(workspace.pk, fresh.pk)
        return found
    with working_in(workspace):
        _note_failure(connection, failure)
    return Listened()


def _store(connection: Connection, page: Page, was_due_at: datetime | None) -> Listened:
    """`was_due_at`: when this look was due. Where it is due anew, somebody said meanwhile that there is more."""
    is_poked = connection.due_at is not None and connection.due_at != was_due_at
    is_first = not connection.cursor
    items = [one for one in page.items if not is_first or _is_recent(one)]
    listened = hear_each(connection, items, silent=is_first or page.is_silent)
    set_aside(connection, [Poison(one.name, one.excerpt, one.reason, one.excerpt) for one in page.refused])
    connection.cursor, connection.note = {**page.cursor, "looked": True}, page.note[:300]
    connection.polled_at, connection.failures, connection.last_error = now(), 0, ""
    connection.due_at = page.next_at or now() + FEED_EVERY * random.uniform(0.9, 1.1)  # noqa: S311 - jitter
    if is_poked:
        connection.due_at = now()
    if page.is_gone:
        connection.is_active, connection.due_at = False, None
        connection.last_error = _("The source says that it is gone for good (410).")
    if page.health is not None:
        connection.health = dict(page.health)
    connection.save(
        update_fields=["cursor", "note", "polled_at", "failures", "last_error", "due_at", "is_active", "health"]
    )
    return listened


def _is_recent(item: Heard) -> bool:
    """Whether it is of the last 30 days. A time without a zone is nobody's to judge here: it is set aside later."""
    return item.published_at.tzinfo is None or item.published_at > now() - BROUGHT_IN


def _note_failure(connection: Connection, error: ChannelError) -> None:
    failures = connection.failures + 1
    wait = timedelta(seconds=error.wait) if error.wait else min(FEED_EVERY * 2 ** min(failures - 1, 8), LONGEST_PAUSE)
    facts = {"failures": failures, "last_error": str(error)[:300], "due_at": now() + wait}
    looked = Connection.objects.filter(pk=connection.pk, is_active=True)  # who paused it meanwhile has paused it
    looked.update(**facts if error.again else facts | {"is_active": False})
    log.warning("poll_failed", connection=connection.pk, failures=failures, error=str(error))
