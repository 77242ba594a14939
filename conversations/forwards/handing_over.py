"""A forward leaves, once: under a lease, and never again by itself where nobody knows whether it left."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.db.models import F, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from conversations.channels import network_name
from conversations.forwards.addresses import CannotForwardError, answers_go_to, check_address
from conversations.forwards.forwarding import GONE
from conversations.inbox.live import tell_inbox
from conversations.mentions.came_along import files_beside, files_that_came, going_along
from conversations.models import Forward, Mention
from conversations.telling_members import tell_unforwarded
from delivery.content.mime import BadHeaderError
from delivery.messengers.protocol import (
    AskedToWaitError,
    ConnectionLostError,
    MessageInFlightError,
    Outcome,
    OutcomeKind,
    ServerDownError,
    code_in,
)
from delivery.models import Sender
from delivery.personal.direct_emails import DirectEmail, find_direct_sender, name_of, send_direct
from delivery.senders import UnknownMessengerError
from lib.clock import now
from lib.foreign.cleaning import to_line
from lib.retrying import is_passing
from lib.sealing import SealBrokenError
from workspaces.current import working_in
from workspaces.models import User, Workspace

LEASE = timedelta(minutes=2)  # longer than the slowest hand-over takes
WORK_SECONDS = 20
TRIED_FOR = timedelta(hours=24)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(hours=1)
KIND = "forward"
State = Forward.State
log = structlog.get_logger(__name__)


def send_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: hand over what is due, one at a time; returns when to come again."""
    ends_at = now() + timedelta(seconds=WORK_SECONDS)
    while now() < ends_at:
        with working_in(workspace):
            row = _lease()
        if row is None:
            break
        _hand_over(workspace, row)
    with working_in(workspace):
        waiting = Forward.objects.filter(state=State.WAITING).order_by("due_at").values_list("due_at", flat=True)
        leased = Forward.objects.filter(state=State.SENDING).order_by("leased_until")
        moments = (waiting.first(), leased.values_list("leased_until", flat=True).first())
        return min((one for one in moments if one), default=None)


def _lease() -> Forward | None:
    """The next one that is due, leased. Of what a dead worker held nobody knows whether it left: it is unclear."""
    moment = now()
    lost = Forward.objects.select_for_update(skip_locked=True).filter(state=State.SENDING, leased_until__lt=moment)
    for one in lost.select_related("conversation"):
        Forward.objects.filter(pk=one.pk).update(state=State.UNCLEAR, due_at=None, leased_until=None)
        tell_unforwarded(one)
        tell_inbox()
    waiting = Forward.objects.filter(state=State.WAITING, due_at__lte=moment).order_by("due_at", "pk")
    pk = waiting.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True).first()
    if pk is None:
        return None
    Forward.objects.filter(pk=pk).update(state=State.SENDING, leased_until=moment + LEASE, attempts=F("attempts") + 1)
    return Forward.objects.select_related("conversation").get(pk=pk)


def _hand_over(workspace: Workspace, row: Forward) -> None:
    state, why = _send(workspace, row)
    gives_up = state == State.WAITING and (row.approved_at or row.created_at) < now() - TRIED_FOR
    state = State.FAILED if gives_up else state
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), LONGEST_PAUSE)
    facts: Mapping[str, object] = {
        "state": state,
        "last_error": why[:300],
        "leased_until": None,
        "due_at": now() + pause if state == State.WAITING else None,
        "sent_at": now() if state == State.SENT else None,
    }
    with working_in(workspace):
        if _mine(row).update(**facts):
            tell_inbox()
            if state in {State.FAILED, State.UNCLEAR}:
                tell_unforwarded(row)
    if state != State.SENT:
        log.warning("forward_not_sent", forward=row.pk, attempts=row.attempts, state=str(state), error=why)


def _mine(row: Forward) -> QuerySet[Forward]:
    """The row, as long as nobody tried again meanwhile; where our lease ran out, we know now what was unclear."""
    return Forward.objects.filter(pk=row.pk, state__in=[State.SENDING, State.UNCLEAR], attempts=row.attempts)


def _send(workspace: Workspace, row: Forward) -> tuple[State, str]:
    """(what became of it, why)."""
    try:
        with working_in(workspace):
            sender, email = _ready(row, workspace)
        return _read(send_direct(workspace, sender, email))
    except (CannotForwardError, BadHeaderError, SealBrokenError, UnknownMessengerError) as error:
        return State.FAILED, _trouble(error)
    except MessageInFlightError as error:  # before ConnectionLostError, which it is
        return State.UNCLEAR, str(error)
    except (ServerDownError, ConnectionLostError, AskedToWaitError) as error:
        return State.WAITING, _trouble(error)
    except Exception as error:
        if is_passing(error):
            raise
        log.exception("forward_broke", forward=row.pk)
        return State.UNCLEAR, _("It could not be handed over (%(kind)s).") % {"kind": type(error).__name__}


def _trouble(error: Exception) -> str:
    if isinstance(error, SealBrokenError):
        return _("The password cannot be opened any more. Enter it again.")
    if isinstance(error, AskedToWaitError):
        return _("The server asked us to wait: %(answer)s") % {"answer": code_in(str(error))}
    return str(error)


def _read(outcome: Outcome) -> tuple[State, str]:
    states = {OutcomeKind.ACCEPTED: State.SENT, OutcomeKind.LATER: State.WAITING, OutcomeKind.UNKNOWN: State.UNCLEAR}
    state = states.get(outcome.kind, State.FAILED)
    if state == State.SENT:
        return state, ""
    if outcome.kind == OutcomeKind.UNSENDABLE:
        return state, _("The sender’s server takes no letters like those in this address. Choose another one.")
    return state, _("The server refused it (%(code)s).") % {"code": code_in(outcome.answer) or outcome.kind.value}


def _ready(given: Forward, workspace: Workspace) -> tuple[Sender, DirectEmail]:
    """By which sender, and what; read and asked again right before it leaves. CannotForwardError."""
    rows = (
        _mine(given)
        .filter(state=State.SENDING)
        .select_related("mention__author", "mention__conversation__author", "conversation")
    )
    row = rows.exclude(address="").first()
    if row is None or Mention.objects.filter(GONE, pk=row.mention_id).exists():
        raise CannotForwardError(_("What it forwards was deleted. Nothing was sent."))
    to, sender = check_address(row.address, row.mention), find_direct_sender()
    if sender is None:
        raise CannotForwardError(_("There is no sender of emails yet. Set one up first; nothing was sent."))
    member = User.objects.filter(pk=row.by_id).first() if row.by_id else None
    with override(workspace.locale):
        subject = to_line(f"{_('Fwd:')} {row.conversation.title or network_name(row.mention.network)}", 150)
        words, name = words_of(row, member, workspace), name_of(KIND, row.key)
    back, files = answers_go_to(row.mention), files_that_came(row.mention)
    return sender, DirectEmail(to, subject, words, name, reply_to=back, files=files)


def words_of(row: Forward, member: User | None, workspace: Workspace) -> str:
    """What stands in the email: the note, who sends it, and the message with who wrote it, where and when. No more."""
    mention, author = row.mention, row.mention.author
    who = f"{author.name} ({author.handle})" if author.name else author.handle
    sent_by = _("%(who)s of %(brand)s forwarded this to you. Your answer goes to their team, not to who wrote it.")
    at = date_format(mention.published_at.astimezone(ZoneInfo(workspace.zone)), "DATETIME_FORMAT")
    head = [
        f"---------- {_('Forwarded message')} ----------",
        f"{_('From:')} {who if row.names_author else _('Writer %(n)d') % {'n': author.pk}}",
        f"{_('On:')} {network_name(mention.network)}",
        f"{_('Written:')} {at}",
    ]
    said = sent_by % {"who": str(member) if member else _("Somebody"), "brand": workspace.name}
    parts = [row.note.strip(), said, "\n".join(head), mention.text.strip(), _left_out(mention)]
    return "\n\n".join(one for one in parts if one)


def _left_out(mention: Mention) -> str:
    missing = [one.name for one in going_along(files_beside([mention]).get(mention.pk, ())).left_out]
    return _("Not in this email, for they are too large: %(names)s") % {"names": ", ".join(missing)} if missing else ""
