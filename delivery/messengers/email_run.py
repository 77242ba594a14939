"""One email for many people, whichever way it leaves: compiled and encoded once, written for each."""

from typing import Protocol

from delivery.content.addressing import AddressBook
from delivery.content.compiling import CompiledMessage, Written, compile_message
from delivery.content.encoding import EncodedMessage
from delivery.content.mime import CommonHeaders, Envelope, own_lines, with_files
from delivery.message_ids import MessageIds
from delivery.messengers.protocol import Recipient
from delivery.models import Message
from delivery.personal.personal_words import answered_by, attached_to
from lib.clock import now
from workspaces.current import OpenWorkspace


class FromWhom(Protocol):
    """What readers see of a sender."""

    @property
    def from_email(self) -> str: ...
    @property
    def from_name(self) -> str: ...
    @property
    def reply_to(self) -> str: ...
    @property
    def domain(self) -> str:
        """The domain that the emails speak for."""
        ...


class EmailRun:
    """One email, with the header lines that are the same for everybody. `needs`: which fields of its readers it reads."""

    def __init__(self, settings: FromWhom, workspace: OpenWorkspace, message: Message) -> None:
        self.settings, self.workspace, self.message = settings, workspace, message
        self.compiled: CompiledMessage = compile_message(message, workspace)
        self.encoded = EncodedMessage(self.compiled)
        self.needs = self.compiled.needs
        self.headers = common_headers(settings, workspace, message)
        self.in_reply_to = answered_by(message)
        self.files = attached_to(message)
        places = self.encoded.places
        more = ["unsubscribe"] if message.is_purposeful and "unsubscribe" not in places else []
        self._book, self._place_count = AddressBook(workspace, message.pk, [*places, *more]), len(places)
        self._stop_at = [*places, *more].index("unsubscribe") if message.is_purposeful else None
        self._ids = MessageIds(settings.domain, workspace.pk, message.pk)

    def write(self, one: Recipient) -> bytes:
        """The email of one person. MissingFieldError, BadTemplateError, BadHeaderError."""
        addresses = self._book.of(one.contact_id)
        subject, parts = self.encoded.write(one.fields, addresses[: self._place_count])
        head = self.headers.lines + own_lines(self._envelope(one, addresses), subject, at=now())
        return head + with_files(parts, self.files)

    def write_words(self, one: Recipient) -> tuple[Envelope, Written]:
        """The same as text and HTML, for who writes headers in a way of their own. The same errors."""
        addresses = self._book.of(one.contact_id)
        known = {place: found.decode() for place, found in zip(self._book.places, addresses, strict=True)}
        return self._envelope(one, addresses), self.compiled.write(one.fields, known.__getitem__)

    def message_id(self, one: Recipient) -> str:
        """The Message-ID of this try, in its brackets."""
        return self._ids.of(one.contact_id, one.attempt, one.occasion)

    def _envelope(self, one: Recipient, addresses: list[bytes]) -> Envelope:
        stop = "" if self._stop_at is None else addresses[self._stop_at].decode()
        return Envelope(self.settings.from_email, one.address, self.message_id(one), stop, self.in_reply_to)


def common_headers(settings: FromWhom, workspace: OpenWorkspace, message: Message | None) -> CommonHeaders:
    """The header lines of every email of a message; a test has none. BadHeaderError."""
    topic = message.topic.key if message and message.topic else "email"
    is_list = message is None or message.is_purposeful
    is_fed_back = message is None or not message.is_personal
    return CommonHeaders.of(
        from_name=settings.from_name,
        from_email=settings.from_email,
        reply_to=settings.reply_to,
        list_id=f"{topic}.{workspace.slug}.{settings.domain}" if is_list else "",
        list_name=workspace.name,
        feedback_id=f"{message.pk if message else 0}:{workspace.pk}:{topic}:ecrm" if is_fed_back else "",
        is_automatic=not is_list and is_fed_back,
    )
