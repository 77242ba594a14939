"""Printed letters: each is written and measured here, kept as a row, and typeset when a member takes the file.

A batch of rows is written before its people are marked "accepted", under one key a person: killed in between, they are
written once more over the same rows. Only the letters of those whose delivery is sent belong to the print run, so nobody
can be in doubt.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import msgspec
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.channels import Channel
from contacts.countries import country_choices
from contacts.postal import PostalAddress
from delivery.content.addressing import addresses_for, plain_addresses
from delivery.content.compiling import CompiledMessage, Written, compile_message
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.messengers.protocol import Capabilities, ConnectionLostError, Outcome, OutcomeKind, Recipient, Watch
from delivery.models import LETTER_KIND, Message, Sender
from delivery.senders import settings_of
from lib.clock import now
from lib.local_words import date_format
from messengers.letters.keeping import plan_forgetting
from messengers.letters.typesetting import LONGEST, Letter, Sheet, TypesettingError, count_pages
from messengers.models import PrintedLetter
from workspaces.current import OpenWorkspace, working_in

AT_ONCE, MOST_PAGES = 50, 4
WRITTEN = "written"
NAMES = frozenset({"name", "first_name", "last_name"})


class LetterSettings(msgspec.Struct, frozen=True):
    """Who writes: lines of text as they stand on the sheet. `layout`: din or us; `home_country`: whose name is left out."""

    layout: str = "din"
    return_line: str = ""
    block: str = ""
    place: str = ""
    closing: str = ""
    footer: str = ""
    home_country: str = ""
    has_code: bool = True
    code_says: str = ""


class LetterMessenger:
    """Writes letters to be printed. Nothing leaves this machine."""

    kind: ClassVar[str] = LETTER_KIND
    label = gettext_lazy("Printed letter: files for a printer or a mailing house")
    icon: ClassVar[str] = "printer"
    Settings = LetterSettings
    form: ClassVar[str] = "messengers.letters.forms.LetterSenderForm"
    takes_tests: ClassVar[bool] = False
    unit: ClassVar[str] = "page"
    channel = int(Channel.OFFLINE)

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.settings = sender, settings_of(sender, LetterSettings)

    def capabilities(self) -> Capabilities:
        return Capabilities(tracks_clicks=True, most_letters=LONGEST)

    def count_units(self, text: str) -> int:
        """The pages that a text is, with an address of three lines and a code."""
        try:
            return count_pages(
                self.sheet(), Letter(["–"] * 3, "–", text, "https://example.com" if self.settings.has_code else "")
            )
        except TypesettingError:
            return MOST_PAGES

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "LetterRun":
        return LetterRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        """Nothing is sent, so there is nothing to try."""
        return Outcome(OutcomeKind.ACCEPTED, WRITTEN)

    def send_sample(self, run: "LetterRun", recipient: Recipient) -> Outcome:
        """The same."""
        return Outcome(OutcomeKind.ACCEPTED, WRITTEN)

    def sheet(self, title: str = "", language: str = "en") -> Sheet:
        """What all letters of this sender have in common, as of today."""
        here, day = self.settings, date_format(now(), "j F Y")
        return Sheet(
            layout=here.layout,
            title=title,
            language=language[:2] or "en",
            return_line=here.return_line,
            block=here.block.splitlines(),
            dated=f"{here.place}, {day}" if here.place else day,
            closing=here.closing.splitlines(),
            footer=here.footer,
            code_says=here.code_says,
        )

    def window(self, name: str, address: PostalAddress) -> list[str]:
        """The lines of the window: the country last, in capitals, where it is another than ours."""
        abroad = address.country and address.country.upper() != self.settings.home_country.upper()
        country = dict(country_choices()).get(address.country.upper(), address.country).upper() if abroad else ""
        is_us = self.settings.layout == "us"
        place = f"{address.city} {address.postcode}" if is_us else f"{address.postcode} {address.city}"
        return [line for line in (name, address.street, place, country) if line]

    def close(self) -> None:
        """Nothing stays open."""


class LetterRun:
    """One letter for many people, compiled once."""

    def __init__(self, messenger: LetterMessenger, workspace: OpenWorkspace, message: Message) -> None:
        self.messenger, self.workspace, self.message = messenger, workspace, message
        self.compiled: CompiledMessage = compile_message(message, workspace)
        self.needs = None if self.compiled.needs is None else self.compiled.needs | NAMES
        self.sheet = messenger.sheet(message.name)
        self.first_link = next((str(number) for number, _target, _label in self.compiled.links.rows), "")

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        batch: list[PrintedLetter] = []
        waiting: list[Recipient] = []
        for one in recipients:
            written = self._write(one)
            if isinstance(written, Outcome):
                yield one, written
                continue
            batch.append(written)
            waiting.append(one)
            if len(batch) >= AT_ONCE:
                yield from self._hand_over(batch, waiting, watch)
                batch, waiting = [], []
        if batch:
            yield from self._hand_over(batch, waiting, watch)

    def letter_of(self, one: Recipient) -> Letter:
        """One person's. MissingFieldError, BadTemplateError."""
        written = self.compiled.write(one.fields, plain_addresses(self.compiled.links.rows))
        link = ""
        if self.first_link and self.messenger.settings.has_code:
            link = addresses_for(self.workspace, self.message.pk, one.contact_id)(self.first_link)
        window = self.messenger.window(_name_of(one), PostalAddress.read(one.address))
        return letter_from(written, window, link)

    def _write(self, one: Recipient) -> PrintedLetter | Outcome:
        if not one.address:
            return Outcome(OutcomeKind.UNSENDABLE, "no address", "no_address")
        try:
            letter = self.letter_of(one)
            pages = count_pages(self.sheet, letter)
        except MissingFieldError as error:
            return Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
        except TypesettingError as error:
            return Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "too_long")
        except BadTemplateError as error:
            return Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")
        if pages > MOST_PAGES:
            return Outcome(OutcomeKind.UNSENDABLE, f"{pages} pages", "too_long")
        return PrintedLetter(
            workspace_id=self.workspace.pk,
            message_id=self.message.pk,
            contact_id=one.contact_id,
            address="\n".join(letter.address),
            subject=letter.subject,
            text=letter.text,
            link=letter.link,
            pages=pages,
        )

    def _hand_over(
        self, batch: Sequence[PrintedLetter], waiting: Sequence[Recipient], watch: Watch
    ) -> Iterator[tuple[Recipient, Outcome]]:
        going = [(letter, one) for letter, one in zip(batch, waiting, strict=True) if watch.may_go(one)]
        try:
            with working_in(self.workspace):
                PrintedLetter.objects.bulk_create(
                    [letter for letter, _one in going],
                    update_conflicts=True,
                    unique_fields=["workspace", "message", "contact"],
                    update_fields=["address", "subject", "text", "link", "pages", "written_at"],
                )
                plan_forgetting()
        except (OperationalError, InterfaceError) as error:
            connection.close()
            raise ConnectionLostError(_("The database is away.")) from error
        for letter, one in going:
            watch.mark(one.slot, "accepted")
            yield one, Outcome(OutcomeKind.ACCEPTED, WRITTEN, units=letter.pages)


def letter_from(written: Written, window: Sequence[str], link: str = "") -> Letter:
    """What was written, on a sheet."""
    return Letter(window, written.subject, written.text.replace("\r\n", "\n").strip(), link)


def _name_of(one: Recipient) -> str:
    """What stands in the window above the street."""
    known = one.fields.get("contact", {})
    parts = (known.get("first_name", ""), known.get("last_name", ""))
    return str(known.get("name") or " ".join(str(part) for part in parts if part))
