"""Emails that go to nobody: each becomes a file of this installation, to be looked at. What a demo sends with.

The newest of each sender are kept, as `<nanoseconds>-<contact>.eml` in `mail/<workspace>/<sender>` beside the data.
"""

import re
import secrets
import time
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import ClassVar

import msgspec
from django.conf import settings as product
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.channels import Channel
from delivery.content.addressing import plain_addresses
from delivery.content.compiling import Written
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.mime import BadHeaderError, Envelope, build
from delivery.messengers.email_run import EmailRun, common_headers
from delivery.messengers.protocol import (
    Capabilities,
    ConnectionLostError,
    Outcome,
    OutcomeKind,
    Recipient,
    ServerDownError,
    Watch,
)
from delivery.models import Message, Sender
from delivery.personal.direct_emails import DirectEmail, envelope_of, headers_of, written
from delivery.senders import settings_of
from lib.clock import now
from workspaces.current import OpenWorkspace

KIND = "folder"
MOST_KEPT, CLEARED_EACH = 500, 100
NAME = re.compile(r"[0-9]{19}-[0-9]{1,19}\.eml")
WRITTEN = "250 written to a file"


class FolderSettings(msgspec.Struct, frozen=True):
    """Whom readers would see."""

    from_email: str
    from_name: str = ""
    reply_to: str = ""

    @property
    def domain(self) -> str:
        """The domain that the emails speak for."""
        return self.from_email.rpartition("@")[2]


class FolderMessenger:
    """Writes files. Nothing leaves the machine."""

    kind: ClassVar[str] = KIND
    label = gettext_lazy("To nobody: emails lie here to be looked at")
    icon: ClassVar[str] = "folder"
    Settings = FolderSettings
    form: ClassVar[str] = "delivery.forms.FolderSenderForm"
    channel = int(Channel.EMAIL)

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.settings = sender, settings_of(sender, FolderSettings)
        self._count = 0

    def capabilities(self) -> Capabilities:
        return Capabilities(has_html=True, tracks_opens=True, tracks_clicks=True, takes_files=True)

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "FolderRun":
        return FolderRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        words = Written(subject, f"<!doctype html><title></title><p>{text}</p>", f"{text}\r\n")
        return self._send_alone(workspace, None, words, to)

    def send_sample(self, run: "FolderRun", recipient: Recipient) -> Outcome:
        written = run.compiled.write(recipient.fields, plain_addresses(run.compiled.links.rows))
        marked = Written(_("Test: %(subject)s") % {"subject": written.subject}, written.html, written.text)
        return self._send_alone(run.workspace, run.message, marked, recipient.address)

    def keep(self, data: bytes, contact_id: int) -> None:
        """One more file; now and then the oldest go. ServerDownError where there is no room."""
        folder = folder_of(self.sender)
        name = f"{time.time_ns():019d}-{contact_id}.eml"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / f".{name}").write_bytes(data)
            (folder / f".{name}").replace(folder / name)  # whole, or not there
            self._count += 1
            if self._count % CLEARED_EACH == 0:
                self._clear(folder)
        except OSError as error:
            raise ServerDownError(_("The folder of emails cannot be written to: %(why)s") % {"why": error}) from error

    def close(self) -> None:
        """Nothing stays open."""
        if self._count:
            self._clear(folder_of(self.sender))

    def send_direct(self, workspace: OpenWorkspace, email: DirectEmail) -> Outcome:
        envelope, here = envelope_of(email, from_email=self.settings.from_email), self.settings
        head = headers_of(email, from_name=here.from_name, from_email=here.from_email, reply_to=here.reply_to)
        self.keep(build(head, envelope, written(email), at=now(), files=email.files), 0)
        return Outcome(OutcomeKind.ACCEPTED, WRITTEN)

    def _send_alone(self, workspace: OpenWorkspace, message: Message | None, words: Written, to: str) -> Outcome:
        envelope = Envelope(self.settings.from_email, to, f"<test.{secrets.token_hex(8)}@{self.settings.domain}>", "")
        self.keep(build(common_headers(self.settings, workspace, message), envelope, words, at=now()), 0)
        return Outcome(OutcomeKind.ACCEPTED, WRITTEN)

    def _clear(self, folder: Path) -> None:
        for name in _names(folder)[MOST_KEPT:]:
            (folder / name).unlink(missing_ok=True)


class FolderRun(EmailRun):
    """One email for many people, as files."""

    def __init__(self, messenger: FolderMessenger, workspace: OpenWorkspace, message: Message) -> None:
        super().__init__(messenger.settings, workspace, message)
        self.messenger = messenger

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        for one in recipients:
            try:
                data = self.write(one)
            except MissingFieldError as error:
                yield one, Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
                continue
            except (BadTemplateError, BadHeaderError) as error:
                yield one, Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")
                continue
            watch.mark(one.slot, "about")
            if not watch.may_go(one):
                watch.mark(one.slot, "untouched")
                raise ConnectionLostError("stopped by us")
            try:
                self.messenger.keep(data, one.contact_id)
            except ServerDownError:
                watch.mark(one.slot, "untouched")
                raise
            watch.mark(one.slot, "accepted")
            yield one, Outcome(OutcomeKind.ACCEPTED, WRITTEN)


def folder_of(sender: Sender) -> Path:
    """Where the emails of this sender lie. Needs no open workspace: none is open while emails leave."""
    return Path(product.VAR_DIR) / "mail" / str(sender.workspace_id) / str(sender.pk)


def forget_emails(workspace_id: int, contact_ids: Iterable[int]) -> int:
    """Remove what was written for these people, and every try, which is written for somebody too; returns how many."""
    gone, endings = 0, {f"-{one}" for one in (*contact_ids, 0)}
    for path in (Path(product.VAR_DIR) / "mail" / str(workspace_id)).glob("*/*.eml"):
        if path.stem[19:] in endings:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def newest_emails(sender: Sender, count: int) -> list[tuple[str, EmailMessage]]:
    """(name, email) of the newest, newest first. Reads `count` files at most."""
    folder = folder_of(sender)
    found = ((name, read_email(sender, name)) for name in _names(folder))
    return [(name, one) for name, one in islice(found, count) if one is not None]


def read_email(sender: Sender, name: str) -> EmailMessage | None:
    """One of them; None for what is no name of a file here, or gone by now."""
    if not NAME.fullmatch(name):
        return None
    try:
        data = (folder_of(sender) / name).read_bytes()
    except OSError:
        return None
    return message_from_bytes(data, policy=policy.default)


def _names(folder: Path) -> list[str]:
    try:
        return sorted((one.name for one in folder.iterdir() if NAME.fullmatch(one.name)), reverse=True)
    except OSError:
        return []
