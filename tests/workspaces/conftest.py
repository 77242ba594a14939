"""A push service on loopback, as browsers of members meet it."""

from tests.messengers.conftest import service  # noqa: F401
