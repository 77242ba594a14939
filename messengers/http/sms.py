"""SMS by Twilio, or whoever speaks as it does: POST /2010-04-01/Accounts/{sid}/Messages.json, one message a request.

It knows no idempotency: a request that got no answer stays in doubt. What became of it comes to an address of ours that
names the very message (delivery/returns/texts.py).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlencode

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from contacts.addresses import PLAIN_PHONE
from contacts.channels import Channel
from delivery.content.addressing import addresses_for, plain_addresses
from delivery.content.compiling import Address, CompiledMessage, compile_message
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.segments import count_segments
from delivery.messengers.protocol import Capabilities, Outcome, OutcomeKind, Recipient, Watch
from delivery.models import Message
from delivery.returns.events import part_of, word_of
from delivery.text_addresses import answer_address, status_address
from lib.connections.safe_fetch import Fetched
from lib.foreign.cleaning import to_line
from messengers.http.in_flight import Ask, InFlight
from messengers.http.phones import PhoneProvider
from messengers.http.provider import Posting, basic
from messengers.http.sent_texts import SentText, list_sent
from messengers.http.verdicts import Said
from workspaces.current import OpenWorkspace

LONGEST = 1_600  # letters that Twilio takes at once
DEAD = frozenset({21211, 21214, 21217, 21610, 21614})  # no number, no mobile, or it told Twilio to stop
OURS = frozenset({20003, 20404, 21408, 21603, 21606, 21608, 21612, 21659, 21703})  # key, our number, our account


class SmsSettings(msgspec.Struct, frozen=True):
    """Who sends: a number, a name or a messaging service (MG…). `help_text`: what HELP is answered. `test_number`: where
    tests go. `adds_stop`: offers and newsletters end with a link that stops them.
    """

    account_sid: str
    from_number: str
    endpoint: str = ""
    help_text: str = ""
    test_number: str = ""
    connections: int = 4
    adds_stop: bool = False


class SmsMessenger(PhoneProvider):
    kind: ClassVar[str] = "sms"
    label = gettext_lazy("SMS by Twilio")
    provider: ClassVar[str] = "Twilio"
    icon: ClassVar[str] = "device-mobile"
    usual: ClassVar[str] = "https://api.twilio.com"
    Settings = SmsSettings
    form: ClassVar[str] = "messengers.forms.SmsSenderForm"
    unit: ClassVar[str] = "segment"
    channel = int(Channel.MOBILE)

    def url(self) -> str:
        return f"{super().url().rstrip('/')}/2010-04-01/Accounts/{self.settings.account_sid}/Messages.json"

    def capabilities(self) -> Capabilities:
        return Capabilities(tracks_clicks=True, hears_bounces=True, most_letters=LONGEST)

    def count_units(self, text: str) -> int:
        """The segments that a text is."""
        return count_segments(text.replace("\r\n", "\n").strip()).count

    def foot(self, workspace: OpenWorkspace, message: Message, address: Address) -> str:
        """What stands below a text: where it can be stopped, in the message's language."""
        if not (self.settings.adds_stop and message.is_purposeful):
            return ""
        with override(message.content.language or workspace.locale):
            return "\n" + _("Stop: %(link)s") % {"link": address("unsubscribe")}

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "SmsRun":
        return SmsRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        return self.judge(self.threads().submit(self.asking(self.posting(to, f"{subject}: {text}"))))

    def send_sample(self, run: "SmsRun", recipient: Recipient) -> Outcome:
        text = run.compiled.write(recipient.fields, plain_addresses(run.compiled.links.rows)).text
        return self.judge(self.threads().submit(self.asking(self.posting(recipient.address, text.strip()))))

    def posting(self, to: str, text: str, status: str = "") -> Posting:
        """The request for one message."""
        who = self.settings.from_number
        fields = {"To": to, ("MessagingServiceSid" if who.startswith("MG") else "From"): who, "Body": text}
        if status:
            fields["StatusCallback"] = status
        headers = {**self.keys(), "Content-Type": "application/x-www-form-urlencoded"}
        return Posting(headers, urlencode(fields).encode())

    def keys(self) -> dict[str, str]:
        """The headers by which the account is known."""
        return {"Authorization": basic(self.settings.account_sid, self.secret), "Accept": "application/json"}

    def answer_posting(self, to: str, text: str, answer_id: int) -> Posting:
        told_at = answer_address(int(self.sender.workspace_id or 0), self.sender.pk, answer_id)
        return self.posting(to, text, told_at)

    def remote_id_in(self, tree: object) -> str:
        return to_line(word_of(tree, "sid"), 64)

    def list_sent(self, to: str) -> list[SentText]:
        """The newest texts to a number that the account holds, ours and others; those that failed are left out.

        NotListedError. Outside of any transaction.
        """
        return list_sent(self, to)

    def read(self, tree: object, answer: Fetched) -> Said:
        code = part_of(tree, "code")
        number = code if isinstance(code, int) and not isinstance(code, bool) else 0
        return Said(str(number or ""), word_of(tree, "message"), is_dead=number in DEAD, is_ours=number in OURS)


class SmsRun:
    """One text, compiled once and handed over several at once."""

    def __init__(self, messenger: SmsMessenger, workspace: OpenWorkspace, message: Message) -> None:
        self.messenger, self.workspace, self.message = messenger, workspace, message
        self.compiled: CompiledMessage = compile_message(message, workspace)
        self.needs = self.compiled.needs
        self._units: dict[int, int] = {}

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        here = self.messenger
        round_ = InFlight[Fetched](here.threads(), here.settings.connections, write=self._write, judge=here.judge)
        for one, outcome in round_.send(recipients, watch):
            yield one, replace(outcome, units=self._units.pop(one.contact_id, 1))

    def _write(self, one: Recipient) -> Ask[Fetched] | Outcome:
        if PLAIN_PHONE.match(one.address) is None:
            return Outcome(OutcomeKind.UNSENDABLE, "no number", "no_address")
        places = addresses_for(self.workspace, self.message.pk, one.contact_id)
        try:
            text = self.compiled.write(one.fields, places).text.replace("\r\n", "\n").strip()
            text += self.messenger.foot(self.workspace, self.message, places) if text else ""
        except MissingFieldError as error:
            return Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
        except BadTemplateError as error:
            return Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")
        if not 0 < len(text) <= LONGEST:
            return Outcome(OutcomeKind.UNSENDABLE, f"{len(text)} letters; 1 to {LONGEST} can be sent", "render_error")
        self._units[one.contact_id] = self.messenger.count_units(text)
        status = status_address(self.workspace.pk, self.messenger.sender.pk, self.message.pk, one)
        return self.messenger.asking(self.messenger.posting(one.address, text, status))
