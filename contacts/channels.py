"""The channels of a touchpoint, in one table: name, icon, which identity reaches a person there, and family.

Another channel is one member of `Channel` and one row of `CHANNELS`. WhatsApp and RCS go to the numbers that texts go to,
and are channels of their own all the same: a yes to one is no yes to the others, and a number that one of them does not
reach may be well on the others.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import Identity


class Channel(models.IntegerChoices):
    """Where a touchpoint happens."""

    EMAIL = 1, _("Email")
    WEB = 2, _("Web")
    SOCIAL = 3, _("Social")
    MOBILE = 4, _("Mobile")
    ADS = 5, _("Ads")
    CALL = 6, _("Call")
    CHAT = 7, _("Chat")
    COMMUNITY = 8, _("Community")
    REVIEW = 9, _("Review")
    OFFLINE = 10, _("Shop, TV, print")
    PUSH = 11, _("Push")
    WHATSAPP = 13, _("WhatsApp")
    RCS = 14, _("RCS")


class Family(StrEnum):
    """Channels that are one line in a summary; `channel-<family>` is the class of their colour."""

    MAIL = "mail"
    WEB = "web"
    SOCIAL = "social"
    MOBILE = "mobile"
    TALK = "talk"
    PLACE = "place"


@dataclass(frozen=True)
class ChannelFacts:
    """What is true of a channel. `identity_kind`: which identity a message goes to; None where none can be sent.

    `disturbs`: a message wakes whoever gets it.
    """

    icon: str
    family: Family
    identity_kind: Identity.Kind | None = None
    disturbs: bool = True


CHANNELS: dict[Channel, ChannelFacts] = {
    Channel.EMAIL: ChannelFacts("mail", Family.MAIL, Identity.Kind.EMAIL),
    Channel.WEB: ChannelFacts("world-www", Family.WEB),
    Channel.SOCIAL: ChannelFacts("at", Family.SOCIAL, Identity.Kind.HANDLE),
    Channel.MOBILE: ChannelFacts("device-mobile", Family.MOBILE, Identity.Kind.PHONE),
    Channel.ADS: ChannelFacts("ad", Family.WEB, Identity.Kind.EMAIL, disturbs=False),  # known by a hash of it
    Channel.CALL: ChannelFacts("phone", Family.TALK, Identity.Kind.PHONE),
    Channel.CHAT: ChannelFacts("messages", Family.TALK),
    Channel.COMMUNITY: ChannelFacts("messages", Family.SOCIAL),
    Channel.REVIEW: ChannelFacts("star", Family.SOCIAL),
    Channel.OFFLINE: ChannelFacts("building-store", Family.PLACE, disturbs=False),
    # A channel of its own: a yes to notifications is no yes to texts, and a number reaches no browser.
    Channel.PUSH: ChannelFacts("bell", Family.MOBILE, Identity.Kind.PUSH),
    Channel.WHATSAPP: ChannelFacts("message-circle", Family.MOBILE, Identity.Kind.PHONE),
    Channel.RCS: ChannelFacts("message-2", Family.MOBILE, Identity.Kind.PHONE),
}
FAMILIES: dict[Family, tuple[str | Promise, str]] = {
    Family.MAIL: (_("Email"), "mail"),
    Family.WEB: (_("Web and ads"), "world-www"),
    Family.SOCIAL: (_("Social and reviews"), "at"),
    Family.MOBILE: (_("Mobile"), "device-mobile"),
    Family.TALK: (_("Call and chat"), "headset"),
    Family.PLACE: (_("Shop, TV, print"), "building-store"),
}


def icon_of(channel: int) -> str:
    """The sign of a channel; a stored number that is none of them has the web's."""
    return CHANNELS[Channel(channel) if channel in Channel.values else Channel.WEB].icon


def identity_kind_of(channel: int) -> int:
    """The kind of identity that a message on this channel goes to; 0 where none can be sent."""
    return int(CHANNELS[Channel(channel)].identity_kind or 0)


def sendable() -> list[Channel]:
    """The channels on which messages can be sent to a person."""
    return [channel for channel, facts in CHANNELS.items() if facts.identity_kind is not None]


def reached_by(kind: int) -> list[Channel]:
    """The channels on which messages go to an identity of this kind."""
    return [channel for channel, facts in CHANNELS.items() if facts.identity_kind == kind]


def channels_of(family: Family) -> tuple[Channel, ...]:
    """The channels of a family."""
    return tuple(channel for channel, facts in CHANNELS.items() if facts.family == family)
