"""The channels that consent and the suppression list know, by their names in a rule."""

from django.utils.translation import gettext as _

from contacts.channels import sendable
from segments.comparing import expect
from segments.leaf_types.base import Path

CHANNELS = {channel.name.lower(): channel for channel in sendable()}
CHANNEL_CHOICES = [(name, channel.label) for name, channel in CHANNELS.items()]


def check_channel(name: str, path: Path) -> None:
    """Refuse what is no channel with addresses. RuleError."""
    expect(name in CHANNELS, path, _("The channel is one of: %(names)s.") % {"names": ", ".join(CHANNELS)})
