"""Rules of the workspace: what one may ask for, at which hours people are written to or called, how many offers they get.

Hours are a dated table, so that a law that comes next year can be written down today.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from consent.models import Consent, ContactHours, ContactRules, Topic
from contacts.models import Contact
from lib.clock import now
from lib.once import once_a_page
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.models import User
from workspaces.owned import hold_single

USUAL_FROM, USUAL_UNTIL = time(8), time(20)
EVERY_DAY = 127
DAYS_AHEAD = 15
MOST_INTERESTS = 40
# What a law says of calls, for the table's first rows: (country, days from Monday on, from, until, source).
KNOWN_CALL_HOURS = (
    ("US", EVERY_DAY, time(8), time(21), "47 CFR § 64.1200(c)(1)"),
    ("FR", 0b0011111, time(10), time(13), "Décret n° 2022-1313"),
    ("FR", 0b0011111, time(14), time(20), "Décret n° 2022-1313"),
)
KNOWN_FROM = {"US": date(1992, 12, 20), "FR": date(2023, 3, 1)}


class TopicInUseError(ValueError):
    """People said something about the topic, or messages are sent for it: it cannot go."""


@dataclass(frozen=True)
class Span:
    """A span of the day on some days of the week (bit 0 is Monday)."""

    opens: time
    closes: time
    days: int = EVERY_DAY

    def is_on(self, day: date) -> bool:
        """Whether it holds on this day of the week."""
        return bool(self.days >> day.weekday() & 1)


USUAL = (Span(USUAL_FROM, USUAL_UNTIL),)


class Hours:
    """The table of one workspace, read once: when people of a country may be written to, or called."""

    def __init__(self, rows: Collection[ContactHours]) -> None:
        self.by_country: dict[str, list[ContactHours]] = {}
        for row in sorted(rows, key=lambda one: one.valid_from, reverse=True):
            self.by_country.setdefault(row.country, []).append(row)

    def spans(self, country: str, day: date) -> Sequence[Span]:
        """What holds in this country on this day: of its rows, else of those for all others, else the usual hours."""
        for key in dict.fromkeys((country, "")):
            begun = [row for row in self.by_country.get(key, ()) if row.valid_from <= day]
            if begun:
                return [Span(r.opens, r.closes, r.days) for r in begun if r.valid_from == begun[0].valid_from]
        return USUAL

    def opens_at(self, country: str, zone: str, at: datetime) -> datetime | None:
        """When the next span begins where the person is; None where one is open now.

        Within two weeks; where no day of the week is open at all, two weeks from now.
        """
        local = at.astimezone(zone_of(zone))
        for ahead in range(DAYS_AHEAD):
            day = local.date() + timedelta(days=ahead)
            for span in sorted((one for one in self.spans(country, day) if one.is_on(day)), key=lambda one: one.opens):
                if ahead == 0 and span.opens <= local.time() < span.closes:
                    return None
                if ahead or local.time() < span.opens:
                    return datetime.combine(day, span.opens, tzinfo=local.tzinfo)
        return local + timedelta(days=DAYS_AHEAD - 1)


def hours(*, is_calling: bool) -> Hours:
    """The open workspace's table of offers, or of calls. One statement."""
    return Hours([one for one in _all_hours() if one.is_calling is is_calling])


@once_a_page
def _all_hours() -> list[ContactHours]:
    return list(ContactHours.objects.all())


def may_be_called_from(contact: Contact) -> datetime | None:
    """When this person may be called next; None: now."""
    return hours(is_calling=True).opens_at(contact.country, contact.zone or current_workspace().zone, now())


def rules() -> ContactRules:
    """How many offers at most; not saved where nobody changed it. One statement."""
    return ContactRules.objects.first() or ContactRules()


def hold_rules() -> ContactRules:
    """What `rules` says; nobody else changes it until the transaction ends."""
    return hold_single(ContactRules) or ContactRules()


@transaction.atomic
def cap_offers(*, a_week: int, a_day: int, by: User) -> None:
    """From now on nobody gets more offers than these."""
    hold_single(ContactRules)
    ContactRules.objects.update_or_create(defaults={"offers_a_week": a_week, "offers_a_day": a_day})
    audit("rules.caps", by=by, a_week=a_week, a_day=a_day)


def interests() -> list[str]:
    """What people may tick on their own page, in the team's order: each is a tag. One statement."""
    lines = (" ".join(line.split())[:60] for line in rules().interests.splitlines())
    return list(dict.fromkeys(line for line in lines if line))[:MOST_INTERESTS]


@transaction.atomic
def offer_interests(text: str, *, by: User) -> None:
    """From now on people may tick these, one a line. Who ticked another keeps that tag."""
    hold_single(ContactRules)
    ContactRules.objects.update_or_create(defaults={"interests": text})
    audit("rules.interests", by=by)


def add_hours(*, by: User, **facts: Any) -> ContactHours:
    """One more row of the table: is_calling, country, opens, closes, days, valid_from, source."""
    row = ContactHours.objects.create(**facts)
    audit("rules.hours_added", by=by, target=row)
    return row


def remove_hours(row: ContactHours, *, by: User) -> None:
    """Take a row out of the table."""
    audit("rules.hours_removed", by=by, target=row)
    row.delete()


def add_topic(*, name: str, by: User, **facts: Any) -> Topic:
    """Something people can ask for, at the end of the list; its key is made of its name."""
    last = Topic.objects.aggregate(last=Max("position"))["last"] or 0
    stem = slugify(name)[:30] or "topic"
    taken = set(Topic.objects.filter(key__startswith=stem).values_list("key", flat=True))
    key = next(one for one in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if one not in taken)
    topic = Topic.objects.create(key=key, name=name, position=last + 1, **facts)
    audit("topic.added", by=by, target=topic)
    return topic


def edit_topic(topic: Topic, *, by: User, **facts: Any) -> None:
    """Other words for it; who said yes stays so, and their proof keeps the words they saw."""
    for name, value in facts.items():
        setattr(topic, name, value)
    topic.save(update_fields=list(facts))
    audit("topic.edited", by=by, target=topic, fields=sorted(facts))


def remove_topic(topic: Topic, *, by: User) -> None:
    """Take a topic away that nobody ever spoke of and nothing is sent for. TopicInUseError."""
    if Consent.objects.filter(topic=topic).exists():
        raise TopicInUseError(topic.pk)
    try:
        with transaction.atomic():
            audit("topic.removed", by=by, target=topic)
            topic.delete()
    except IntegrityError as error:
        raise TopicInUseError(topic.pk) from error


def usual_call_hours() -> list[ContactHours]:
    """Rows for countries whose law names hours for calls, not saved: a workspace begins with them."""
    return [
        ContactHours(
            is_calling=True,
            country=country,
            days=days,
            opens=opens,
            closes=closes,
            source=source,
            valid_from=KNOWN_FROM[country],
        )
        for country, days, opens, closes, source in KNOWN_CALL_HOURS
    ]


@lru_cache(maxsize=1024)
def zone_of(*names: str) -> ZoneInfo:
    """The first of these zones that there is, else UTC."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
