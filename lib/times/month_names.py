"""Days written with the name of their month, English or German: "Nov 27, 2026", "27. November 2026", "27-Nov-2026 14:03".

A name leaves no doubt which number is the day, so these are read alike whatever comes first in a file.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner jaenner",
            "feb february februar feber",
            "mar march mär märz mrz maerz",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december dez dezember",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "mon monday mo montag",
            "tue tues tuesday di dienstag",
            "wed wednesday mi mittwoch",
            "thu thur thurs thursday do donnerstag",
            "fri friday fr freitag",
            "sat saturday sa samstag sonnabend",
            "sun sunday so sonntag",
        )
    )
    for name in names.split()
}
LONGEST = 60
GAP = r"[\s.,/-]{0,3}"
MONTH = r"(?P<month>[a-zä]{3,9})"
DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
YEAR = r"(?P<year>[0-9]{4}|'?[0-9]{2})"
TIME = (
    r"(?:(?:\s*,)?\s+|T)(?:(?:at|um|@)\s+)?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?:\s?(?P<half>[ap]\.?m\.?))?(?:\s?uhr)?(?:\s?(?P<zone>utc|gmt|z|[+-][0-9]{2}:?[0-9]{2}))?"
)
WEEKDAY = r"(?:(?P<weekday>[a-z]{2,10})[.,]{0,2}\s+)?"
SHAPES = [
    re.compile(rf"{WEEKDAY}{day}(?:{TIME})?\Z", re.IGNORECASE)
    for day in (
        rf"{DAY}{GAP}(?:of\s+)?{MONTH}{GAP}{YEAR}",
        rf"{MONTH}{GAP}{DAY}[\s,/-]{{1,2}}{YEAR}",
        rf"(?P<year>[0-9]{{4}}){GAP}{MONTH}{GAP}{DAY}",
    )
]
NO_DAY = re.compile(rf"{MONTH}{GAP}(?P<year>[0-9]{{4}})\Z", re.IGNORECASE)
NO_YEAR = re.compile(rf"(?:{DAY}{GAP}{MONTH}|(?P<name>[a-zä]{{3,9}}){GAP}[0-9]{{1,2}})\.?\Z", re.IGNORECASE)
YOUNGEST_CENTURY = 70  # 69 is 2069, 70 is 1970, as POSIX says


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """The moment that a text names, in `zone` where it says none; None for every other text.

    A weekday that the day is not leaves it open which of the two is meant: None. So does a zone in letters (EST).
    """
    moment, weekday = _read(text, zone)
    return moment if moment is None or weekday in {None, moment.weekday()} else None


def is_another_weekday(text: str) -> bool:
    """Whether it names a day and a weekday that it is not: "Mon, 27 Nov 2026" is a Friday."""
    moment, weekday = _read(text, UTC)
    return moment is not None and weekday is not None and 0 <= weekday != moment.weekday()


def lacks_day(text: str) -> bool:
    """Whether it names a month and a year alone: "Nov 2026"."""
    found = NO_DAY.match(text.strip()) if len(text) <= LONGEST else None
    return found is not None and found["month"].lower() in MONTHS


def lacks_year(text: str) -> bool:
    """Whether it names a day and a month alone: "27 Nov"."""
    found = NO_YEAR.match(text.strip()) if len(text) <= LONGEST else None
    return found is not None and (found["month"] or found["name"]).lower() in MONTHS


def _read(text: str, zone: tzinfo) -> tuple[datetime | None, int | None]:
    """(moment, number of the weekday that is named; -1 for a word that is none)."""
    found = (
        next((shape for one in SHAPES if (shape := one.match(text.strip()))), None) if len(text) <= LONGEST else None
    )
    if found is None or (month := MONTHS.get(found["month"].lower())) is None:
        return None, None
    try:
        hour, minute, second, given = _time_of(found)
        moment = datetime(_year(found["year"]), month, int(found["day"]), hour, minute, second, tzinfo=given or zone)
    except ValueError:
        return None, None
    weekday = found["weekday"]
    return moment, None if weekday is None else WEEKDAYS.get(weekday.lower(), -1)


def _year(text: str) -> int:
    year = int(text.lstrip("'"))
    return year if len(text) == 4 else year + (1900 if year >= YOUNGEST_CENTURY else 2000)


def _time_of(found: re.Match[str]) -> tuple[int, int, int, tzinfo | None]:
    hour = int(found["hour"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if found["half"][0].lower() == "p" else 0)
    return hour, int(found["minute"] or 0), int(found["second"] or 0), _zone_of(found["zone"])


def _zone_of(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)
