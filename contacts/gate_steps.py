"""The gate's own steps, in their order: each looks at one person's standing and says yes or no in plain words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
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
class Reason:
    """One step's answer about one person. `ends_at`: when a refusal ends by itself, if it does.

    Texts stay lazy: of a thousand verdicts few are read.
    """

    code: str
    text: str | Promise
    ends_at: datetime | None
    passed: bool
    detail: str | Promise = ""


@dataclass(frozen=True, slots=True)
class BaseStep:
    """A step of the gate: its place, the message classes that run it, its question."""

    order: int
    classes: frozenset[str]
    judge: Callable[[Standing, datetime], Reason]


AGREED = _("Agreed to this")
FINE = {
    "erased": Reason("erased", _("Not erased"), None, True),
    "complaint": Reason("complaint", _("Never marked a letter as spam"), None, True),
    "bounce": Reason("bounce", _("The address works, as far as we know"), None, True),
    "objection": Reason("objection", _("No objection"), None, True),
    "blocked": Reason("blocked", _("Not blocked by us"), None, True),
    "no_address": Reason("no_address", _("We have an address"), None, True),
    "no_consent": Reason("no_consent", _("Was asked, and answered"), None, True),
    "topic_off": Reason("topic_off", _("Has not said no to this"), None, True),
    "channel_off": Reason("channel_off", _("This way is open"), None, True),
    "paused": Reason("paused", _("No pause"), None, True),
    "open_complaint": Reason("open_complaint", _("No open complaint"), None, True),
    "quiet": Reason("quiet", _("Not night there"), None, True),
}
DIALS = {
    value: Reason("dial", format_lazy("{name}: {label}", name=_("Own dial"), label=label), None, True)
    for value, label in Dial.choices
}


def is_quiet(zone: str, now: datetime) -> datetime | None:
    """The end of the night (20:00 to 8:00) in this zone if it is night there now, else None."""
    return _night_ends(zone, current_workspace().zone, now)


@lru_cache(maxsize=4096)
def _night_ends(zone: str, otherwise: str, now: datetime) -> datetime | None:
    local = now.astimezone(_zone(zone) or _zone(otherwise) or ZoneInfo("UTC"))
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


def _written_day(moment: datetime | None) -> str:
    return date_format(moment, "j M Y") if moment else ""


def _written_proof(basis: str, source: str, moment: datetime | None) -> str:
    label = str(Basis(basis).label) if basis in Basis.values else ""
    return ", ".join(part for part in (label, source, _written_day(moment)) if part)


day = lazy(_written_day, str)
_proof = lazy(_written_proof, str)


def _erased(person: Standing, _now: datetime) -> Reason:
    moment = person.erased_at or person.forgotten_at
    if moment:
        return Reason("erased", _("Erased at their wish"), None, False, day(moment))
    return FINE["erased"]


def _complaint(person: Standing, _now: datetime) -> Reason:
    if person.complaint_at:
        return Reason("complaint", _("Marked a letter as spam"), None, False, day(person.complaint_at))
    return FINE["complaint"]


def _bounce(person: Standing, _now: datetime) -> Reason:
    if person.bounce_at:
        return Reason("bounce", _("The address does not work"), None, False, day(person.bounce_at))
    return FINE["bounce"]


def _objection(person: Standing, _now: datetime) -> Reason:
    said_no_to_all = person.word_state == Consent.State.WITHDRAWN and person.word_topic_id is None
    moment = person.objection_at or (person.word_at if said_no_to_all else None)
    if moment:
        return Reason("objection", _("Wants nothing at all from us here"), None, False, day(moment))
    return FINE["objection"]


def _blocked(person: Standing, _now: datetime) -> Reason:
    if person.blocked_at:
        return Reason("blocked", _("Blocked by us"), None, False, day(person.blocked_at))
    return FINE["blocked"]


def _address(person: Standing, _now: datetime) -> Reason:
    if person.address:
        return FINE["no_address"]
    return Reason("no_address", _("We have no address for this"), None, False)


def _consent(person: Standing, _now: datetime) -> Reason:
    if person.word_state is None:
        return Reason("no_consent", _("Never agreed to this"), None, False)
    if person.word_lapsed:
        return Reason("no_consent", _("The consent has run out"), None, False, day(person.word_at))
    if person.word_state == Consent.State.WITHDRAWN:
        return FINE["no_consent"]
    proof = _proof(person.word_basis or "", person.word_source or "", person.word_at)
    return Reason("no_consent", AGREED, None, True, proof)


def _topic(person: Standing, _now: datetime) -> Reason:
    if person.word_state == Consent.State.WITHDRAWN:
        return Reason("topic_off", _("Said no to this"), None, False, day(person.word_at))
    return FINE["topic_off"]


def _channel(person: Standing, _now: datetime) -> Reason:
    if person.channel == Channel.CALL and person.talk != Contact.Talk.CALL:
        return Reason("channel_off", _("Wants to be called only when asking for it"), None, False)
    return FINE["channel_off"]


def _paused(person: Standing, now: datetime) -> Reason:
    if person.paused_until and person.paused_until > now:
        return Reason("paused", _("Asked for a pause"), person.paused_until, False)
    return FINE["paused"]


def _open_complaint(person: Standing, now: datetime) -> Reason:
    since = person.complaint_since
    if since and since + COMPLAINT_PAUSES_FOR > now:
        text = format_lazy("{since} {day}", since=_("Open complaint since"), day=day(since))
        ends = since + COMPLAINT_PAUSES_FOR
        return Reason("open_complaint", text, ends, False, _("Ends when resolved, or by itself"))
    return FINE["open_complaint"]


def _dial(person: Standing, _now: datetime) -> Reason:
    if person.dial == Dial.NOTHING:
        return Reason("dial", _("Has set the own dial to nothing"), None, False)
    return DIALS[person.dial]


def _night(person: Standing, now: datetime) -> Reason:
    ends = is_quiet(person.zone, now)
    if ends:
        return Reason("quiet", _("It is night there: wait until 8 o’clock"), ends, False)
    return FINE["quiet"]


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
