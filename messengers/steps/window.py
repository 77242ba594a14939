"""WhatsApp: outside 24 hours after somebody wrote to us only an approved template may go to them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.eligibility import Eligibility
from consent.steps.base import EVERY_CLASS, GateStep, Reason
from contacts.channels import Channel
from delivery.content.liquid import BadTemplateError
from delivery.models import Message
from lib.local_words import date_format
from messengers.models import WhatsAppWindow
from messengers.whatsapp.choosing import read_choice
from workspaces.current import current_workspace

OPEN_FOR = timedelta(hours=24)


class WindowStep(GateStep):
    order = 124
    code = "window"
    classes = EVERY_CLASS
    channels = frozenset({int(Channel.WHATSAPP)})
    passed = gettext_lazy("A template, or they wrote to us within 24 hours")
    is_momentary = True

    def prepare(self, people: Collection[Eligibility]) -> None:
        self.last: dict[str, datetime] = {}
        self.is_free = False
        self.zone = ZoneInfo(current_workspace().zone)
        message = Message.objects.select_related("content").filter(pk=self.ask.message_id or 0).first()
        if message is None or message.sender_id is None or _names_template(message):
            return
        self.is_free = True
        numbers = {one.address for one in people if one.address}
        rows = WhatsAppWindow.objects.filter(sender=message.sender_id, number__in=numbers)
        self.last = dict(rows.values_list("number", "last_at"))

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if not self.is_free:
            return self.passes
        last = self.last.get(person.address)
        if last is None:
            return self.refuse(_("They never wrote to us on WhatsApp: only an approved template may go"))
        if now - last < OPEN_FOR:
            return self.passes
        text = _("They last wrote on WhatsApp on %(when)s: after 24 hours only an approved template may go")
        return self.refuse(text % {"when": date_format(last.astimezone(self.zone), "j M Y H:i")})


def _names_template(message: Message) -> bool:
    """One that cannot be read is no free text either: the other step says what is wrong with it."""
    try:
        return read_choice(message.content.body) is not None
    except BadTemplateError:
        return True
