"""The rows of this room in the workspace's admin."""

from portal import models as m
from workspaces.admin import show

show(m.ConfirmationEmail, "version", "language", "sender", "message", read_only=True)
