"""Journals of a test lie in its own directory; `send(campaign)` works until nothing is due now."""

from tests.delivery.conftest import own_var, send

__all__ = ["own_var", "send"]
