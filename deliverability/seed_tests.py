"""Where do our emails land? A test goes to each seed mailbox of ours, and is looked for there by IMAP."""

import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from email import message_from_bytes

import structlog
from django.utils.translation import gettext as _

from deliverability.models import SeedMailbox, SeedTest
from delivery.messengers.protocol import (
    AskedToWaitError,
    ConnectionLostError,
    OutcomeKind,
    ServerDownError,
    code_in,
)
from delivery.models import Sender
from delivery.senders import UnknownMessengerError, messenger_of
from lib.clock import now
from lib.connections.imap import Account, Mailbox, MailboxError, open_mailbox
from lib.foreign.cleaning import to_storable
from lib.sealing import SealBrokenError, seal, unseal
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import current_workspace, working_in
from workspaces.models import User, Workspace

WORK = "deliverability.seed_tests"
SEND_SECONDS, READ_SECONDS = 10.0, 20.0
LOOKS = [timedelta(seconds=s) for s in (3, 8, 20, 45, 90, 180, 420, 900, 1800, 3600)]
GIVEN_UP_AFTER = timedelta(hours=1)
KEPT = timedelta(days=90)
MOST_AT_ONCE = 20
JUNK = re.compile(r"(?:^|[./])(?:junk|spam|bulk)(?: e-?mail| mail)?$|unerwünscht|&APw-nerw", re.IGNORECASE)
UNSAID = re.compile(
    r'"(?:[^"\\]++|\\.?)*+"?|\([^()]*\)'
)  # what is quoted, to the end where that is never said, and comments
METHOD = re.compile(r"\s*(spf|dkim|dmarc)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)\b", re.IGNORECASE)
Place = SeedTest.Place
log = structlog.get_logger(__name__)


def keep_password(mailbox: SeedMailbox, password: str) -> None:
    """Seal it into the row; saves."""
    mailbox.sealed_secret = seal(password, workspace_id=mailbox.workspace_id, purpose=f"seed:{mailbox.pk}")
    mailbox.save(update_fields=["sealed_secret"])


def ask_seed_tests(sender: Sender, *, by: User | None) -> int:
    """Send a test to every seed mailbox; a worker does it within seconds. Returns to how many.

    May be repeated: while some are being sent or waited for, asking again starts none.
    """
    if SeedTest.objects.filter(sender=sender, place__in=(Place.SENDING, Place.WAITING)).exists():
        return 0
    SeedTest.objects.filter(asked_at__lt=now() - KEPT).delete()
    run, mailboxes = uuid.uuid4(), list(SeedMailbox.objects.all())
    SeedTest.objects.bulk_create(
        SeedTest(sender=sender, mailbox=one, run=run, token=secrets.token_hex(8)) for one in mailboxes
    )
    if mailboxes:
        audit("seed_tests.asked", by=by, target=sender, mailboxes=len(mailboxes))
        agenda.set_due(WORK)
    return len(mailboxes)


def newest_run(sender: Sender) -> Sequence[SeedTest]:
    """The tests of the last time, by the mailbox's name."""
    last = SeedTest.objects.filter(sender=sender).order_by("-asked_at", "-pk").values_list("run", flat=True).first()
    if last is None:
        return []
    rows = SeedTest.objects.filter(sender=sender, run=last).select_related("mailbox")
    return list(rows.order_by("mailbox__name", "pk"))


def run_seed_tests(workspace: Workspace) -> datetime | None:
    """The agenda's work: send what is asked, look for what was sent. Nothing of it inside a transaction."""
    with working_in(workspace):
        waiting = SeedTest.objects.filter(place=Place.SENDING).select_related("sender", "mailbox").order_by("pk")
        to_send = list(waiting[:MOST_AT_ONCE])
    for test in to_send:
        _send(workspace, test)
    with working_in(workspace):
        looked_for = [one for one in _waiting() if _next_look(one) <= now()][:MOST_AT_ONCE]
    for test in looked_for:
        _look(workspace, test)
    with working_in(workspace):
        if SeedTest.objects.filter(place=Place.SENDING).exists():
            return now()
        return min((_next_look(one) for one in _waiting()), default=None)


def _waiting() -> list[SeedTest]:
    return list(SeedTest.objects.filter(place=Place.WAITING).select_related("mailbox").order_by("sent_at"))


def _next_look(test: SeedTest) -> datetime:
    """The next of the moments after the last look."""
    sent = test.sent_at or test.asked_at
    last = test.looked_at or sent
    return next((sent + one for one in LOOKS if sent + one > last), last)


def _send(workspace: Workspace, test: SeedTest) -> None:
    said = ""
    try:
        messenger = messenger_of(test.sender, SEND_SECONDS)
        try:
            with working_in(workspace):
                here = current_workspace()
            subject = _("Where does this land? %(token)s") % {"token": test.token}
            text = _("A test of %(name)s, read back by eCRM. It may be deleted.") % {"name": test.sender.name}
            outcome = messenger.send_words(here, subject, text, to=test.mailbox.address)
            said = "" if outcome.kind == OutcomeKind.ACCEPTED else code_in(outcome.answer) or "refused"
        finally:
            messenger.close()
    except (UnknownMessengerError, SealBrokenError, AskedToWaitError, ConnectionLostError, ServerDownError) as error:
        said = str(error) or type(error).__name__
    except Exception:
        log.exception("seed_test_failed", test=test.pk)
        said = "error"
    place = Place.FAILED if said else Place.WAITING
    with working_in(workspace):
        SeedTest.objects.filter(pk=test.pk, place=Place.SENDING).update(place=place, sent_at=now(), said=said[:300])


def _look(workspace: Workspace, test: SeedTest) -> None:
    """Look into the inbox, then the junk folder, then all others. A mailbox that cannot be read says so."""
    moment, error, found = now(), "", None
    try:
        with open_mailbox(account_of(test.mailbox), seconds=READ_SECONDS) as mailbox:
            found = _find(mailbox, test)
    except MailboxError as failure:
        error = str(failure)
    except SealBrokenError:
        error = "sealed"
    facts: dict[str, object] = {"looked_at": moment}
    if found:
        place, folder, head = found
        seconds = max(0, int((moment - (test.sent_at or moment)).total_seconds()))
        facts |= {
            "place": place,
            "folder": to_storable(folder, 120),
            "seconds": seconds,
            "found_at": moment,
            **results_of(head),
        }
    elif moment - (test.sent_at or moment) >= GIVEN_UP_AFTER:
        facts |= {"place": Place.UNREAD, "said": error} if error else {"place": Place.MISSING}
    with working_in(workspace):
        SeedTest.objects.filter(pk=test.pk, place=Place.WAITING).update(**facts)
        SeedMailbox.objects.filter(pk=test.mailbox_id).update(last_error=error)


def account_of(mailbox: SeedMailbox) -> Account:
    """How to open it. SealBrokenError."""
    password = unseal(mailbox.sealed_secret, workspace_id=mailbox.workspace_id, purpose=f"seed:{mailbox.pk}")
    return Account(mailbox.host, mailbox.port, mailbox.username, password, mailbox.security)


def _find(mailbox: Mailbox, test: SeedTest) -> tuple[str, str, bytes] | None:
    """(place, folder, head) of the test's email. A folder that cannot be opened stops none of the others; the inbox must."""
    folders = mailbox.folders()
    inbox = next((one.name for one in folders if one.name.upper() == "INBOX"), "INBOX")
    junk = [one.name for one in folders if _is_junk(one.name, one.flags, test.mailbox.junk_folder)]
    rest = [one.name for one in folders if one.name not in {inbox, *junk}][:MOST_AT_ONCE]
    places = [(Place.INBOX, inbox), *((Place.JUNK, one) for one in junk), *((Place.ELSEWHERE, one) for one in rest)]
    for place, folder in places:
        try:
            mailbox.select(folder)
            found = mailbox.search("SUBJECT", f'"{test.token}"')
        except MailboxError as error:
            if place == Place.INBOX or str(error) != "refused":
                raise
            continue
        if found:
            return place, folder, mailbox.headers(found[-1])
    return None


def _is_junk(name: str, flags: frozenset[str], own: str) -> bool:
    return "\\junk" in flags or (bool(own) and name.lower() == own.lower()) or bool(JUNK.search(name))


def results_of(head: bytes, by: str | None = None) -> dict[str, str]:
    """What the mailbox's own server says of SPF, DKIM and DMARC (RFC 8601): the topmost Authentication-Results counts.

    Those below may have come with the email, from anybody; where the server writes none, the topmost, too. So whoever goes
    by it says `by` whom it has to be. Only methods count, not what stands in comments, quotes or values of others.
    """
    said = [" ".join(str(one).split()) for one in message_from_bytes(head).get_all("Authentication-Results") or []]
    if by is not None:
        said = [one for one in said if _written_by(one) == by.lower()]
    found: dict[str, str] = {}
    for piece in UNSAID.sub(" ", said[0]).split(";")[1:] if said else ():
        match = METHOD.match(piece)
        if match and (match[1].lower() not in found or match[2].lower() == "pass"):  # one good signature is enough
            found[match[1].lower()] = match[2].lower()[:12]
    return {name: found.get(name, "") for name in ("spf", "dkim", "dmarc")}


def _written_by(text: str) -> str:
    """The name of the server at the head of an Authentication-Results, without its version."""
    return UNSAID.sub(" ", text).partition(";")[0].split(" ")[0].lower()
