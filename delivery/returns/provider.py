"""What a provider's webhook is: how its calls are proven, and what they tell. One class a provider, in a file of its own.

Names of fields and kinds of events are the providers' own, as their documentation published them in November 2026.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise

from delivery.bounces.refusals import Refusal, judge_refusal
from delivery.returns.events import MOST_EVENTS, Kind, ReturnEvent, Told, event
from lib.clock import now
from lib.foreign.foreign_json import BadJsonError, read_json

USER = "ecrm"


class ForgedError(ValueError):
    """The call is not proven to be the provider's; the text says what is wrong with it."""


class BadBodyError(ValueError):
    """The call's body cannot be read; the text says why."""


class Provider:
    """One provider. `asks_for` is what the person types in to prove its calls; empty where we make a password ourselves.

    `enter_at` says where in the provider's own pages the address goes, `tick` which of its events to choose.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    asks_for: ClassVar[str | Promise] = ""
    enter_at: ClassVar[str | Promise]
    tick: ClassVar[str | Promise]

    def verify(self, headers: Mapping[str, str], raw: bytes, secret: str) -> None:
        """Return when the call is proven. ForgedError; BadBodyError where the proof stands in the body."""
        raise NotImplementedError

    def told(self, tree: Any) -> Iterable[ReturnEvent | None]:
        """The events of a call, None for each thing that we know nothing of. Never raises, whatever the tree is."""
        raise NotImplementedError

    def confirm(self, raw: bytes) -> None:
        """Do what the provider asks for before it tells anything. Called after `verify`."""

    def read(self, raw: bytes) -> Told:
        """What the call tells, at most 5,000 things. BadBodyError."""
        found = list(self.told(tree_of(raw)))[:MOST_EVENTS]
        events = [one for one in found if one is not None]
        return Told(events, len(found) - len(events))


class WithPassword(Provider):
    """A provider that signs nothing: its calls bear the password that we made, as HTTP Basic or Bearer."""

    def verify(self, headers: Mapping[str, str], raw: bytes, secret: str) -> None:
        scheme, _blank, given = headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given, validate=True).decode().partition(":")[2]
            except (binascii.Error, ValueError) as error:
                raise ForgedError("the password cannot be read") from error
        if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
            raise ForgedError("the password is missing, or another one")


def tree_of(raw: bytes) -> Any:
    """The body as JSON. BadBodyError."""
    try:
        return read_json(raw)
    except BadJsonError as error:
        raise BadBodyError(f"no JSON that we read: {error}"[:200]) from error


def check_age(seconds: object, *, past: float, ahead: float = 300) -> None:
    """ForgedError unless that moment (seconds since 1970) is at most so long past, or so little ahead."""
    try:
        age = now().timestamp() - float(str(seconds))
    except ValueError as error:
        raise ForgedError("the signature bears no time") from error
    if not -ahead <= age <= past:
        raise ForgedError("the signature is too old, or of a time to come")


def bounce(*, is_hard: bool, status: object = "", words: object = "", **facts: Any) -> ReturnEvent:
    """What the provider calls a bounce. One that it calls hard counts so unless the answer itself speaks of us."""
    found = event(Kind.SOFT, status=status, words=words, **facts)
    if is_hard and judge_refusal(found.status, found.words) != Refusal.POLICY:
        found = event(Kind.HARD, status=status, words=words, **facts)
    return found


def items_of(tree: Any) -> list[Any]:
    """The things of a body that is a list of them, or one alone."""
    return tree if isinstance(tree, list) else [tree]
