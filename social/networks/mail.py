"""A mailbox of the workspace's own: answers and questions come into the inbox, what came back takes its effect.

One reader for everything that lies there (IMAP): bounces and complaints go to the room of sending, reports of receivers to
deliverability, what people wrote to the inbox. Nothing in the mailbox is changed, moved or marked as read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.suppressing import lift_bounce
from contacts.merging import survivor_of
from contacts.models import Contact
from conversations.answers.by_email import put_on_its_way, wait_for
from conversations.authors.authoring import make_contact
from conversations.authors.shared_senders import tell_somebody_new, users_behind
from conversations.authors.suggesting import claimed_contact
from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection, Mention, Reply
from deliverability.dmarc_reports import brings_reports, take_email
from delivery.bounces.bouncing import read_returned
from delivery.bounces.inbound_mail import receive
from delivery.models import Sender
from lib.bisecting import reason_of
from lib.clock import now
from lib.connections.held_lines import HeldLine
from lib.connections.imap import Account, Mailbox, MailboxError, open_mailbox
from lib.connections.imap_idle import open_idle
from lib.foreign.mail_bounds import MailBombError, check_bounds
from lib.retrying import is_passing
from lib.sealing import SealBrokenError
from social.networks.mail_form import MailForm
from social.networks.mail_forwards import answers_forward, hear_bounce
from social.networks.mail_large import Fetched, most_of_files, read_on
from social.networks.mail_reading import NoSenderError, read_letter
from social.networks.mail_threads import in_its_thread
from social.networks.protocol import Listener, Page, Refused
from social.secrets import secrets_of
from workspaces.current import working_in
from workspaces.models import User, Workspace

log = structlog.get_logger(__name__)
MOST_AT_ONCE = 50
MOST_BYTES, MOST_TOGETHER = 10_000_000, 20_000_000  # of one email at first, and of a page of them
SECONDS = 60.0
MOST_OF_RETURNED = 500_000  # what a server says of an email stands before the email itself
FIRST_DAYS = 30
EVERY = timedelta(minutes=1)
KNOWN_CHECKERS = {"imap.gmail.com": "mx.google.com", "imap.googlemail.com": "mx.google.com"}
SAID = {
    "unsafe": gettext_lazy("We do not connect to this server."),
    "not_reached": gettext_lazy("The mailbox’s server does not answer."),
    "no_tls": gettext_lazy("The mailbox’s server cannot be trusted: its certificate does not fit."),
    "refused": gettext_lazy("The mailbox does not accept the login."),
    "too_slow": gettext_lazy("The mailbox’s server is too slow."),
}


class Mail(Listener):
    """A mailbox. Who wrote is proven where a server that we believe says that DMARC passed."""

    key: ClassVar[str] = "mail"
    label = gettext_lazy("Mailbox")
    icon: ClassVar[str] = "mail"
    says = gettext_lazy(
        "Answers and questions by email, read by IMAP. Bounces and reports in it take their effect, too."
    )
    form = MailForm

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(polls=True, streams=True, replies=True, files=True)

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        """What is new since the last look, at most fifty. A message that cannot be read is set aside; the rest comes in."""
        given = self.connection.settings
        try:
            with open_mailbox(self._account(given), seconds=SECONDS) as mailbox:
                return self._page(mailbox, cursor, str(given.get("folder") or "INBOX"))
        except SealBrokenError as error:
            raise ChannelError(_("The password cannot be opened any more. Enter it again."), again=False) from error
        except MailboxError as error:
            raise ChannelError(str(SAID.get(str(error), _("The mailbox cannot be read right now.")))) from error

    def open_stream(self) -> HeldLine:
        """A line on which the mailbox says that something came in. LineRefusedError, OSError."""
        given = self.connection.settings
        return open_idle(self._account(given), str(given.get("folder") or "INBOX"))

    def reply(self, row: Outbox) -> str:
        """Answer in the same thread, by the workspace's sender (answers/by_email.py)."""
        workspace = Workspace.objects.get(pk=int(self.connection.workspace_id or 0))
        with working_in(workspace):
            mention = Mention.objects.select_related("author", "conversation").get(
                connection=self.connection, remote_id=row.mention_id
            )
            contact = _whom(mention, row.key)
            subject = f"Re: {mention.conversation.title}"[:150]
            email = put_on_its_way(contact, subject=subject, text=row.text, key=row.key, in_reply_to=row.mention_id)
        wait_for(workspace, email)
        return ""

    def _account(self, given: Mapping[str, Any]) -> Account:
        password = next(iter(secrets_of(self.connection)), "")
        host, port = str(given.get("host", "")), int(given.get("port", 993))
        return Account(host, port, str(given.get("username", "")), password, str(given.get("security", "tls")))

    def _page(self, mailbox: Mailbox, cursor: Mapping[str, Any], folder: str) -> Page:
        """One page: either of what lay there at the first look, which is silent, or of what came since; never of both."""
        validity = mailbox.select(folder)
        is_known = cursor.get("validity") == validity and isinstance(cursor.get("uid"), int)
        last = int(cursor["uid"]) if is_known else 0
        old_until = int(cursor.get("old_until") or 0)
        is_old = last < old_until if is_known else not cursor or int(cursor.get("uid") or 0) < old_until
        fresh = self._uids(mailbox, last, is_lately=is_old or not last)
        old_until = old_until if is_known else max(fresh, default=0) if is_old else 0
        wanted = [uid for uid in fresh if uid <= old_until] if is_old else fresh
        items, refused, left_out, end = self._read(mailbox, wanted[:MOST_AT_ONCE], f"uid {validity}")
        note = (
            _("%(n)s were no messages of people: bounces, reports, newsletters.") % {"n": left_out} if left_out else ""
        )
        end = old_until if is_old and not wanted else end or last
        soon = now() if any(uid > end for uid in fresh) else now() + EVERY
        kept = {"validity": validity, "uid": end, "old_until": old_until}
        return Page(items, refused, note, is_silent=is_old, cursor=kept, next_at=soon)

    def _uids(self, mailbox: Mailbox, last: int, *, is_lately: bool) -> list[int]:
        """What lies behind the last one read; at the first look of the last days alone."""
        lately = ("SINCE", (now() - timedelta(days=FIRST_DAYS)).strftime("%d-%b-%Y")) if is_lately else ()
        behind = ("UID", f"{last + 1}:*") if last else ()
        return [uid for uid in mailbox.search(*behind, *lately) if uid > last]

    def _read(
        self, mailbox: Mailbox, uids: Sequence[int], where: str
    ) -> tuple[list[Heard], list[Refused], int, int | None]:
        """(what people wrote, what cannot be read, how many were nobody's, the last one read), as far as the server lets us.

        A server that stops in the middle ends the page there: the next one begins behind what was read. MailboxError when
        nothing was.
        """
        items, refused, left_out, end, together = list[Heard](), list[Refused](), 0, None, 0
        for place, uid in enumerate(uids):
            try:
                fetched = Fetched(mailbox.message(uid, MOST_BYTES))
            except MailboxError:
                if end is None:
                    raise
                break
            if len(fetched.raw) >= MOST_BYTES:
                if end is not None:
                    break  # a large one comes alone, with all the time and room there are
                fetched = read_on(mailbox, uid, fetched.raw, most_of_files(self.connection.settings))
            end = uid
            try:
                # Nothing to hear is not nobody's: its place is elsewhere.
                heard = self._take(fetched) if fetched.raw else None
            except Exception as error:
                if is_passing(error):
                    raise  # the database was away: this one is read again
                refused.append(Refused(place, _why(error), f"{where}/{uid}"))
                continue
            left_out += heard is None
            items += heard or []
            together += len(fetched.raw)
            if together > MOST_TOGETHER or fetched.is_over:
                break
        return items, refused, left_out, end

    def _take(self, fetched: Fetched) -> list[Heard] | None:
        """What a person wrote, [] where it answers a forward of ours; None for anything else, which took its effect."""
        workspace = Workspace.objects.get(pk=int(self.connection.workspace_id or 0))
        check_bounds(raw := fetched.raw)
        returned = read_returned(raw[:MOST_OF_RETURNED])
        kind = returned.kind
        if kind in {"bounce", "complaint"}:
            receive(raw, workspace=workspace)
            hear_bounce(workspace, returned, raw[:MOST_OF_RETURNED])
            return None
        most = most_of_files(self.connection.settings)
        letter = read_letter(raw, proven_by=self._believed(), is_whole=fetched.is_whole, most=most)
        letter = letter if fetched.files is None else replace(letter, files=fetched.files)
        if letter.subject.lower().startswith("report domain:") and brings_reports(raw):
            with working_in(workspace):
                take_email(raw)
            return None
        is_automatic = kind == "autoreply"
        if letter.address in self._own_addresses(workspace):
            return None
        if (is_theirs := answers_forward(workspace, letter, is_automatic=is_automatic)) is not None:
            return [] if is_theirs else None
        if is_automatic or letter.is_bulk:
            return None
        with working_in(workspace):
            lift_bounce(letter.address, written_at=letter.written_at)
        return [in_its_thread(workspace, self.connection, letter)]

    def _believed(self) -> str:
        """Whose Authentication-Results count: what was entered, else what is known of the mailbox's provider."""
        given = self.connection.settings
        return str(given.get("results_by") or KNOWN_CHECKERS.get(str(given.get("host", "")).lower(), "")).strip()

    def _own_addresses(self, workspace: Workspace) -> set[str]:
        """Ours: what we sent ourselves is nobody's question."""
        with working_in(workspace):
            given = [one for one in Sender.objects.values_list("settings", flat=True) if isinstance(one, dict)]
        own = {str(one.get("from_email", "")).lower() for one in given}
        return own | {str(self.connection.settings.get("address", "")).lower()}


def _why(error: Exception) -> str:
    """Why an email is not read; what nobody foresaw stands in the log, too."""
    if isinstance(error, NoSenderError):
        return _("It says nobody’s address.")
    if isinstance(error, MailBombError):
        return _("It has more parts than an email can have, or a head without end: it was not opened.")
    log.error("mail_unreadable", exc_info=error)
    return reason_of(error)


def _whom(mention: Mention, key: str) -> Contact:
    """To whom the answer goes: who wrote, or whose address it is; a stranger whom we answer becomes a contact."""
    author = mention.author
    if author.contact_id:
        contact = Contact.objects.filter(pk=survivor_of(author.contact_id), erased_at=None).first()
    else:
        contact = claimed_contact(author)
    if contact is None and author.contact_id is None:
        by_id = Reply.objects.filter(key=key).values_list("by_id", flat=True).first()
        user = User.objects.filter(pk=by_id).first() if by_id else None
        if user is not None:
            is_shared = bool(users_behind(author))
            contact = tell_somebody_new(mention.conversation, by=user) if is_shared else make_contact(author, by=user)
    if contact is None:
        raise ChannelError(_("They are not known any more."), again=False)
    return contact
