"""The question to the gate: which message, on which channel, for which purpose."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.channels import Channel


class MessageClass(models.TextChoices):
    """What kind of message it is: the words for it, on every screen. `MEANS` says which it is, in a sentence."""

    MARKETING = "marketing", _("Offer")
    SUBSCRIBED = "subscribed", _("Newsletter")
    TRANSACTIONAL = "transactional", _("Notice")
    ANSWER = "answer", _("Answer")
    CONFIRMATION = "confirmation", _("Confirmation")
    PERSONAL = "personal", _("Personal")


MEANS = {
    MessageClass.MARKETING: _("Offer: sells or invites, only with their consent"),
    MessageClass.SUBSCRIBED: _("Newsletter: a topic they subscribed to"),
    MessageClass.TRANSACTIONAL: _("Notice: needed for an order or a contract"),
    MessageClass.ANSWER: _("Answer: to something they wrote or asked"),
    MessageClass.CONFIRMATION: _("Confirmation: asks once whether it was them who signed up"),
    MessageClass.PERSONAL: _("Personal: one of us writes to one person, by hand"),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A message in question: its channel, its class, the topic it serves (none: consent to everything).

    `marketing` runs all steps; `subscribed` (a topic they asked for) is never held out or held for the night;
    `transactional` needs a working address and no objection; `answer` passes all but "erased". `confirmation` is the one
    email of a double opt-in: a notice that an objection does not stop, for whoever asks anew may take theirs back.
    `personal` is what one of us writes to one person: a working address and no objection, as for a notice.
    `only_ascii`: whoever sends it reaches no address with other letters before its @.
    """

    channel: int = Channel.EMAIL
    message_class: str = MessageClass.MARKETING
    topic_id: int | None = None
    message_id: int | None = None
    cap_group: int | None = None
    weekly_cap: int | None = None
    only_ascii: bool = False
