"""The gate's own steps, in their order: each looks at one person's standing and says yes or no in plain words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import Basis, Channel, Consent, Contact, Dial
from contacts.standing import Standing
from workspaces.current import current_workspace

QUIET_FROM, QUIET_UNTIL = time(20), time(8)
COMPLAINT_PAUSES_FOR = timedelta(days=14)
ALL = frozenset({"marketing", "subscribed", "transactional", "answer"})
NOT_ANSWER = ALL - {"answer"}
PURPOSEFUL = frozenset({"marketing", "subscribed"})
MARKETING = frozenset({"marketing"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step says about one person."""

    code: str
    passed: bool
    text: str | Promise
    ends_at: datetime | None = None
    detail: str | Promise = ""


@dataclass(frozen=True, slots=True)
class BaseStep:
    """A step of the gate: its place, the message classes that run it, its question."""

    order: int
    classes: frozenset[str]
    judge: Callable[[Standing, datetime], Outcome]


def is_quiet(zone: str, now: datetime) -> datetime | None:
    """The end of the night (20:00 to 8:00) in this zone if it is night there now, else None."""
    local = now.astimezone(_zone(zone) or _zone(current_workspace().zone) or ZoneInfo("UTC"))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=local.tzinfo)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _day(moment: datetime | None) -> str:
    return date_format(moment, "j M Y") if moment else ""


def _erased(person: Standing, _now: datetime) -> Outcome:
    moment = person.erased_at or person.forgotten_at
    if moment:
        return Outcome("erased", False, _("Erased at their wish"), detail=_day(moment))
    return Outcome("erased", True, _("Not erased"))


def _complaint(person: Standing, _now: datetime) -> Outcome:
    if person.complaint_at:
        return Outcome("complaint", False, _("Marked a letter as spam"), detail=_day(person.complaint_at))
    return Outcome("complaint", True, _("Never marked a letter as spam"))


def _bounce(person: Standing, _now: datetime) -> Outcome:
    if person.bounce_at:
        return Outcome("bounce", False, _("The address does not work"), detail=_day(person.bounce_at))
    return Outcome("bounce", True, _("The address works, as far as we know"))


def _objection(person: Standing, _now: datetime) -> Outcome:
    said_no_to_all = person.word_state == Consent.State.WITHDRAWN and person.word_topic_id is None
    moment = person.objection_at or (person.word_at if said_no_to_all else None)
    if moment:
        return Outcome("objection", False, _("Wants nothing at all from us here"), detail=_day(moment))
    return Outcome("objection", True, _("No objection"))


def _blocked(person: Standing, _now: datetime) -> Outcome:
    if person.blocked_at:
        return Outcome("blocked", False, _("Blocked by us"), detail=_day(person.blocked_at))
    return Outcome("blocked", True, _("Not blocked by us"))


def _address(person: Standing, _now: datetime) -> Outcome:
    if person.address:
        return Outcome("no_address", True, _("We have an address"))
    return Outcome("no_address", False, _("We have no address for this"))


def _consent(person: Standing, _now: datetime) -> Outcome:
    if person.word_state is None:
        return Outcome("no_consent", False, _("Never agreed to this"))
    if person.word_lapsed:
        return Outcome("no_consent", False, _("The consent has run out"), detail=_day(person.word_at))
    if person.word_state == Consent.State.WITHDRAWN:
        return Outcome("no_consent", True, _("Was asked, and answered"))
    basis = Basis(person.word_basis).label if person.word_basis in Basis.values else ""
    parts = [str(basis), person.word_source or "", _day(person.word_at)]
    return Outcome("no_consent", True, _("Agreed to this"), detail=", ".join(part for part in parts if part))


def _topic(person: Standing, _now: datetime) -> Outcome:
    if person.word_state == Consent.State.WITHDRAWN:
        return Outcome("topic_off", False, _("Said no to this"), detail=_day(person.word_at))
    return Outcome("topic_off", True, _("Has not said no to this"))


def _channel(person: Standing, _now: datetime) -> Outcome:
    if person.channel == Channel.CALL and person.talk != Contact.Talk.CALL:
        return Outcome("channel_off", False, _("Wants to be called only when asking for it"))
    return Outcome("channel_off", True, _("This way is open"))


def _paused(person: Standing, now: datetime) -> Outcome:
    if person.paused_until and person.paused_until > now:
        return Outcome("paused", False, _("Asked for a pause"), person.paused_until)
    return Outcome("paused", True, _("No pause"))


def _open_complaint(person: Standing, now: datetime) -> Outcome:
    since = person.complaint_since
    if since and since + COMPLAINT_PAUSES_FOR > now:
        text = _("Open complaint since %(day)s") % {"day": _day(since)}
        ends = since + COMPLAINT_PAUSES_FOR
        return Outcome("open_complaint", False, text, ends, _("Ends when resolved, or by itself"))
    return Outcome("open_complaint", True, _("No open complaint"))


def _dial(person: Standing, _now: datetime) -> Outcome:
    if person.dial == Dial.NOTHING:
        return Outcome("dial", False, _("Has set the own dial to nothing"))
    return Outcome("dial", True, _("Own dial: %(dial)s") % {"dial": Dial(person.dial).label})


def _night(person: Standing, now: datetime) -> Outcome:
    ends = is_quiet(person.zone, now)
    if ends:
        return Outcome("quiet", False, _("It is night there: wait until 8 o’clock"), ends)
    return Outcome("quiet", True, _("Not night there"))


BASE_STEPS = (
    BaseStep(10, ALL, _erased),
    BaseStep(20, NOT_ANSWER, _complaint),
    BaseStep(30, NOT_ANSWER, _bounce),
    BaseStep(40, NOT_ANSWER, _objection),
    BaseStep(50, NOT_ANSWER, _blocked),
    BaseStep(55, NOT_ANSWER, _address),
    BaseStep(60, PURPOSEFUL, _consent),
    BaseStep(70, PURPOSEFUL, _topic),
    BaseStep(80, PURPOSEFUL, _channel),
    BaseStep(90, PURPOSEFUL, _paused),
    BaseStep(100, PURPOSEFUL, _open_complaint),
    BaseStep(110, PURPOSEFUL, _dial),
    BaseStep(130, MARKETING, _night),
)
