"""When somebody is there to answer: a pure calendar of opening hours, working days and holidays in one zone."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lib.times.wall_clock import moment_at

MORNING = time(4)  # clocks change at night: days that begin later are all as long
LONGEST = 3 * 366


type Day = tuple[time, time] | None
NINE_TO_SIX: Day = (time(9), time(18))
USUAL: tuple[Day, ...] = (NINE_TO_SIX,) * 5 + (None, None)


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of a week (Monday first; None: nobody is there), without `closed` days. A closing of 00:00 is the end
    of the day.
    """

    zone: ZoneInfo
    week: tuple[Day, ...] = USUAL
    closed: frozenset[date] = field(default_factory=frozenset)

    @property
    def week_minutes(self) -> int:
        """How long a week without holidays is."""
        return sum(_minutes(one) for one in self.week)

    @property
    def day(self) -> timedelta:
        """How long somebody is there on a day on which somebody is, on average; an hour at least."""
        days = sum(one is not None for one in self.week)
        return timedelta(minutes=max(round(self.week_minutes / days), 60) if days else 24 * 60)

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is there at this moment."""
        opens, closes = self._of(moment.astimezone(self.zone).date())
        return opens <= moment < closes

    def add(self, start: datetime, minutes: int) -> datetime:
        """The moment at which that many working minutes have passed since `start`; the closing hour is still of its day.

        After three years without enough of them: the end of those.
        """
        left, day = timedelta(minutes=minutes), start.astimezone(self.zone).date()
        for _each in range(LONGEST):
            opens, closes = self._of(day)
            begin = max(start, opens)
            if opens < closes and begin <= closes:
                if left <= closes - begin:
                    return begin + left
                left -= closes - begin
            day += timedelta(days=1)
        return self._of(day)[0]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        passed, weeks = timedelta(), max((last - day).days - 1, 0) // 7 if self._has_equal_days() else 0
        while day <= last:
            opens, closes = self._of(day)
            passed += max(min(closes, end) - max(opens, start), timedelta())
            day += timedelta(days=1)
            if weeks:  # between the first and the last day: in one step, not day by day
                passed += self._in_weeks(day, weeks)
                day += timedelta(days=7 * weeks)
                weeks = 0
        return passed

    def _has_equal_days(self) -> bool:
        return all(one is None or one[0] >= MORNING for one in self.week)

    def _in_weeks(self, first: date, weeks: int) -> timedelta:
        last = first + timedelta(days=7 * weeks)
        missing = sum(_minutes(self.week[day.weekday()]) for day in self.closed if first <= day < last)
        return timedelta(minutes=self.week_minutes * weeks - missing)

    def _of(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing of a day, in UTC (aware arithmetic inside one zone ignores its clock changes)."""
        found = self.week[day.weekday()]
        if found is None or day in self.closed:
            never = datetime.combine(day, time(0), self.zone).astimezone(UTC)
            return never, never
        opens, closes = found
        end = day + timedelta(days=1) if closes == time(0) else day
        return self._moment(day, opens), self._moment(end, closes)

    def _moment(self, day: date, at: time) -> datetime:
        """When the clock first shows this time, in UTC; where it is put forward over it, the first moment after the gap."""
        wall = datetime.combine(day, at)
        return moment_at(wall, self.zone) if at < MORNING else wall.replace(tzinfo=self.zone).astimezone(UTC)


def _minutes(day: Day) -> int:
    if day is None:
        return 0
    opens, closes = day
    end = 24 * 60 if closes == time(0) else closes.hour * 60 + closes.minute
    return end - opens.hour * 60 - opens.minute
