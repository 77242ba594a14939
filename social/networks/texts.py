"""Numbers of ours: what people write to them by SMS or WhatsApp. Each belongs to a sender, whose hook hears it (texting.py).

The carrier proves the number that wrote. Nothing is polled and nothing is entered: the sender holds the keys, and an
answer leaves by it. Neither carrier tells a second request from the first, so that a request without an answer is in doubt
(conversations/answers/doubts.py): Twilio is asked what it sent, WhatsApp tells by its hook.
"""

from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.models import Suppression
from contacts.addresses import PLAIN_PHONE, address_hash
from contacts.channels import Channel
from conversations.answers.doubts import enter_doubt, leave_doubt
from conversations.channels import Capabilities, ChannelError, ClosedError, Outbox, Window, window_of
from conversations.models import Connection, Mention, Reply
from delivery.messengers.protocol import AskedToWaitError, ConnectionLostError, OutcomeKind, ServerDownError
from delivery.models import Sender
from delivery.returns.answers import STOPPED as STOPPED_THERE
from delivery.returns.texts import TEXTS, source_of_stop
from delivery.senders import messenger_of, note_health
from lib.clock import now
from lib.local_words import date_format
from lib.sealing import SealBrokenError
from messengers.http.phones import Answered
from messengers.http.sent_texts import NotListedError, SentText
from messengers.http.sms import LONGEST
from messengers.steps.window import OPEN_FOR
from messengers.whatsapp.codes import CLOSED
from messengers.whatsapp.messenger import LONGEST as LONGEST_CHAT
from messengers.whatsapp.messenger import NotThisMessageError
from social.networks.protocol import Listener
from workspaces.current import current_workspace, working_in
from workspaces.models import Workspace

SOON = 60  # seconds, to look again
SETTLED_AFTER = timedelta(minutes=2)  # what Twilio took stands in its list by then
PATIENCE = timedelta(minutes=10)  # for WhatsApp's word of what it took
SKEW = timedelta(minutes=2)  # between their clock and ours
STOPPED = gettext_lazy(
    "They texted STOP to this number: their carrier lets no text of yours through until they text START. Reach them by "
    "email, or call."
)
OVER = gettext_lazy(
    "WhatsApp lets you answer for 24 hours after they wrote, and these ended on %(when)s. Wait until they write again, send "
    "them an approved template, or reach them another way."
)


class Texts(Listener):
    """SMS to one number."""

    key: ClassVar[str] = "sms"
    label = gettext_lazy("SMS")
    icon: ClassVar[str] = "device-mobile"
    vouches: ClassVar[bool] = True
    closed_code: ClassVar[str] = STOPPED_THERE  # by which a refusal says that the way is closed

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(replies=True, in_segments=True, longest=LONGEST)

    def window(self, mention: Mention) -> Window:
        """Closed to who texted STOP, and where the sender is gone."""
        sender = self._sender()
        if sender is None:
            return Window(why_closed=_("The sender of this number was removed: nothing can leave by it any more."))
        return self.window_at(sender, mention)

    def window_at(self, sender: Sender, mention: Mention) -> Window:
        """The same, where there is a sender."""
        return Window(why_closed=str(STOPPED)) if _has_stopped(sender, mention) else Window()

    def reply(self, row: Outbox) -> str:
        """One text to the number that wrote. Never a second one for the same answer, whatever happens on the way."""
        workspace = Workspace.objects.get(pk=int(self.connection.workspace_id or 0))
        with working_in(workspace):
            answer, sender = self._ready(row)
        messenger: Any = messenger_of(sender)
        try:
            if answer.in_doubt_at is not None and (found := self.settle(workspace, messenger, answer, row)):
                return found
            with working_in(workspace):
                if why := window_of(answer.mention).why_closed:
                    raise ClosedError(why)
                enter_doubt(row)
            return self._ask(workspace, sender, messenger, row, answer.pk)
        except SealBrokenError as error:
            self._nothing_left(workspace, row)
            words = _("The keys of the sender “%(name)s” cannot be opened any more: enter them again there.")
            raise ChannelError(words % {"name": sender.name}, again=False) from error
        finally:
            messenger.close()

    def settle(self, workspace: Workspace, messenger: Any, answer: Reply, row: Outbox) -> str:
        """The id of what left in an earlier request, "" where certainly nothing did. ChannelError while that is unknown."""
        try:
            sent = messenger.list_sent(row.handle)
        except NotListedError as error:
            words = _(
                "Whether it left is not known yet, and the carrier does not say (%(why)s). Nothing is sent twice."
            )
            raise ChannelError(words % {"why": error}) from error
        with working_in(workspace):
            others = Reply.objects.filter(remote_id__in=[one.sid for one in sent]).exclude(pk=answer.pk)
            known = set(others.values_list("remote_id", flat=True))
        for one in sent:
            if one.sid and one.sid not in known and _is_same(one, answer):
                return str(one.sid)
        if now() - (answer.in_doubt_at or now()) < SETTLED_AFTER:
            raise ChannelError(_("Whether it left is not known yet: we look again. Nothing is sent twice."), wait=SOON)
        self._nothing_left(workspace, row)
        return ""

    def _sender(self) -> Sender | None:
        return Sender.objects.filter(pk=self.connection.settings.get("sender") or 0, kind=self.key).first()

    def _ready(self, row: Outbox) -> tuple[Reply, Sender]:
        answer = Reply.objects.select_related("mention__connection", "mention__author").get(key=row.key)
        sender = self._sender()
        if sender is None or PLAIN_PHONE.match(row.handle) is None:
            raise ChannelError(window_of(answer.mention).why_closed or _("This is no number."), again=False)
        return answer, sender

    def _ask(self, workspace: Workspace, sender: Sender, messenger: Any, row: Outbox, answer_id: int) -> str:
        try:
            answered: Answered = messenger.send_answer(
                row.handle, row.text.replace("\r\n", "\n").strip(), answer_id=answer_id
            )
        except AskedToWaitError as error:
            self._nothing_left(workspace, row)
            words = _("%(name)s asks us to wait.") % {"name": self.label}
            raise ChannelError(words, wait=round(error.wait_seconds or SOON)) from error
        except (ServerDownError, ConnectionLostError) as error:
            self._nothing_left(workspace, row)
            self._note_trouble(workspace, sender, str(error))
            raise ChannelError(str(error)) from error
        except NotThisMessageError as error:
            self._nothing_left(workspace, row)
            raise ChannelError(str(error), again=False) from error
        if answered.outcome.kind == OutcomeKind.ACCEPTED:
            self._note_well(workspace)
            return answered.remote_id
        raise self._refused(workspace, row, answered)

    def _refused(self, workspace: Workspace, row: Outbox, answered: Answered) -> ChannelError:
        """What it means that the carrier did not say yes."""
        outcome = answered.outcome
        if outcome.kind == OutcomeKind.UNKNOWN:
            words = _("It left, and no answer came: whether it arrived is not known yet. Nothing is sent twice.")
            return ChannelError(words, wait=SOON)
        self._nothing_left(workspace, row)
        if outcome.kind == OutcomeKind.LATER:
            return ChannelError(outcome.answer)
        if self.closed_code in outcome.answer.split():
            return ClosedError(self.closed_words())
        words = _("%(name)s refused it: %(why)s") % {"name": self.label, "why": outcome.answer}
        return ChannelError(words, again=False)

    def closed_words(self) -> str:
        """What is said where the carrier tells us that the way is closed."""
        return str(STOPPED)

    def _nothing_left(self, workspace: Workspace, row: Outbox) -> None:
        with working_in(workspace):
            leave_doubt(row)

    def _note_trouble(self, workspace: Workspace, sender: Sender, why: str) -> None:
        with working_in(workspace):
            here = Connection.objects.filter(pk=self.connection.pk)
            here.update(last_error=why[:300], failures=F("failures") + 1)
            note_health(sender, why)

    def _note_well(self, workspace: Workspace) -> None:
        with working_in(workspace):
            Connection.objects.filter(pk=self.connection.pk, failures__gt=0).update(last_error="", failures=0)


class WhatsApp(Texts):
    """WhatsApp to one number: any text for 24 hours after they wrote, Meta's customer service window."""

    key: ClassVar[str] = "whatsapp"
    label = gettext_lazy("WhatsApp")
    icon: ClassVar[str] = "message-circle"
    closed_code: ClassVar[str] = str(CLOSED)

    def capabilities(self) -> Capabilities:
        return Capabilities(replies=True, longest=LONGEST_CHAT)

    def window_at(self, sender: Sender, mention: Mention) -> Window:
        theirs = Mention.objects.filter(connection=mention.connection_id, author=mention.author_id)
        last = theirs.order_by("-published_at").values_list("published_at", flat=True).first() or mention.published_at
        until = last + OPEN_FOR
        if now() < until:
            return Window(until)
        when = date_format(until.astimezone(ZoneInfo(current_workspace().zone)), "j M Y H:i")
        return Window(until, str(OVER) % {"when": when})

    def closed_words(self) -> str:
        return _(
            "WhatsApp says that its 24 hours are over. Wait until they write again, send them an approved template, or reach "
            "them another way."
        )

    def settle(self, workspace: Workspace, messenger: Any, answer: Reply, row: Outbox) -> str:
        """Only its hook tells what became of it (texting.py); without a word nobody knows, and nothing is sent again."""
        if now() - (answer.in_doubt_at or now()) < PATIENCE:
            words = _("WhatsApp has not said whether it took it: we wait for its word. Nothing is sent twice.")
            raise ChannelError(words, wait=SOON)
        raise ChannelError(
            _("WhatsApp never said whether it took it, so it is not sent again. Ask them, or write a new answer."),
            again=False,
        )


def _has_stopped(sender: Sender, mention: Mention) -> bool:
    """Whether the last order that they gave to this number is STOP."""
    theirs = Mention.objects.filter(connection=mention.connection_id, author=mention.author_id, wire__has_key="order")
    last = theirs.order_by("-published_at", "-pk").values_list("wire__order", flat=True).first()
    if last is not None:
        return bool(last == "stop")
    listed = Suppression.objects.filter(channel=Channel.MOBILE, address_hash=address_hash(mention.author.handle))
    return listed.filter(lifted_at=None, source=source_of_stop(TEXTS, sender)).exists()


def _is_same(one: SentText, answer: Reply) -> bool:
    """Whether it says what the answer says, and is not older than the request. Services put plainer letters for some."""
    is_old = one.made_at is not None and answer.in_doubt_at is not None and one.made_at < answer.in_doubt_at - SKEW
    return not is_old and _plain(one.text) == _plain(answer.text)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum()) or text.strip()
