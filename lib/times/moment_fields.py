"""A field for a day and a time, as a clock on the wall shows them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lib.times.moments import check_storable
from lib.times.wall_clock import is_skipped, moment_at, said_of_skipped

PATTERN = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A moment by the clock of whoever writes it: from text with an offset too, from 1900 to 2200.

    Of a time that comes twice, when clocks are put back, it is the first. One that does not exist, when they are put
    forward, is refused with what can be taken; `takes_skipped`: it is the first moment behind the gap, and the form says
    what becomes of it. `wall` is what the clock shows (naive) of the value that was cleaned last, None without one.
    """

    default_validators: ClassVar[list[Callable[[Any], None]]] = [check_storable]  # type: ignore[misc]

    def __init__(self, *, takes_skipped: bool = False, **more: Any) -> None:
        more.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format=PATTERN))
        super().__init__(**more)
        self.takes_skipped = takes_skipped
        self.wall: datetime | None = None

    def to_python(self, value: Any) -> datetime | None:
        self.wall = None
        wall = value if isinstance(value, datetime) else self._wall(value)
        if wall is None or wall.tzinfo is not None:
            return wall
        zone = timezone.get_current_timezone()
        try:
            skipped, moment = is_skipped(wall, zone), moment_at(wall, zone)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if skipped and not self.takes_skipped:
            raise ValidationError(said_of_skipped(wall, zone), code="skipped")
        self.wall = wall
        return moment

    def _wall(self, value: Any) -> datetime | None:
        """The text's time, naive unless it says its offset. ValidationError."""
        try:
            said = parse_datetime(value.strip()) if isinstance(value, str) else None
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if said is not None and said.tzinfo is not None:
            return said
        with timezone.override("UTC"):  # where each time exists, once
            found: datetime | None = super().to_python(value)
        return found and found.replace(tzinfo=None)
