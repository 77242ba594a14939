"""Time, in one place."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone


def now() -> datetime:
    """This moment, aware."""
    return timezone.now()


def to_milliseconds(moment: datetime) -> datetime:
    """The same moment, cut to milliseconds: what a fact's id can carry."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def ago(**parts: float) -> datetime:
    """`ago(days=3)`: the moment that long before now."""
    return now() - timedelta(**parts)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
