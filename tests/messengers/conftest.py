"""Servers of those who carry for us, on loopback, and the fixtures of sending."""

from tests.delivery.conftest import own_var, send

__all__ = ["own_var", "send"]
