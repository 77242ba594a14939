"""The channels that consent and the suppression list know, by their names in a rule."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import override

from contacts.channels import sendable
from lib.local_words import in_sentence
from segments.leaf_types.base import Path
from segments.rules.comparing import expect
from segments.words.patterns import Scene
from segments.words.values import named

CHANNELS = {channel.name.lower(): channel for channel in sendable()}
CHANNEL_CHOICES = [(name, channel.label) for name, channel in CHANNELS.items()]


def check_channel(name: str, path: Path) -> None:
    """Refuse what is no channel with addresses. RuleError."""
    expect(name in CHANNELS, path, _("The channel is one of: %(names)s.") % {"names": ", ".join(CHANNELS)})


ALSO_CALLED = {
    "email": ("e-mail", "email", "mail"),
    "mobile": ("sms", "text", "phone", "handy"),
    "call": ("telefon", "telephone"),
    "push": ("web push", "notification", "notifications"),
}


def channel_words(name: str, language: str) -> str:
    """A channel in a sentence."""
    with override(language):
        return in_sentence(CHANNELS[name].label)


def channel_said(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """The channel that is named there, by its name in a rule."""
    for name in CHANNELS:
        words = (channel_words(name, scene.language), *ALSO_CALLED.get(name, ()))
        yield from ((end, name) for end, _word in named(words, scene, place))
