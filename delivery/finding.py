"""What others find of this room: a tick of the first hour."""

from delivery.models import Sender
from workspaces.models import Workspace


def has_sender(_workspace: Workspace) -> bool:
    """There is a sender, and it has worked once."""
    return Sender.objects.exclude(tested_at=None).exists()
