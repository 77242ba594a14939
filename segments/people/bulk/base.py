"""What is done to many people at once: one class a verb. It says whom it changed and how it was, and takes that back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.functional import Promise

Before = dict[int, Any]  # contact → what stood there, as JSON


class BulkError(ValueError):
    """What was asked for cannot be done to anybody; the text says why."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One run of a verb: its argument, by whom, when the action began."""

    argument: Mapping[str, Any]
    by_id: int
    at: datetime


class BulkVerb:
    """One verb. `apply` and `undo` take many people with a constant number of statements, in the caller's transaction."""

    name: ClassVar[str]
    label: ClassVar[str | Promise]

    def read(self, post: QueryDict) -> dict[str, Any]:
        """The argument that a form gives, as JSON. BulkError."""
        raise NotImplementedError

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        """Do it; whom it changed, and how it was. Whoever has it already is left alone."""
        raise NotImplementedError

    def undo(self, before: Before, doing: Doing) -> set[int]:
        """Take it back from whom nobody changed since; returns who these are."""
        raise NotImplementedError

    def said(self, argument: Mapping[str, Any]) -> str:
        """What it did, in a few words: "tag “vip” added"."""
        raise NotImplementedError
