"""What people change about the relationship: counted from the same minute, undone with one tap."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from consent.consenting import addresses_of, give_consent, withdraw_consent
from consent.eligibility import read_eligibilities
from consent.models import Basis, Consent, ConsentNow, Suppression, Topic
from consent.news import consent_changed
from consent.settling import undo_words
from consent.tracking import say_tracking, undo_tracking_words
from contacts.addresses import address_hash
from contacts.channels import Channel
from contacts.history.saying import saying
from contacts.models import Contact, ContactFrequency
from lib.clock import now
from lib.local_words import date_format
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.languages import team_language
from workspaces.tracking_mode import TrackingMode

SOURCE = "Their own page"
MEASURED = {
    TrackingMode.NONE: _lazy("You do not see whether I open your emails or follow a link."),
    TrackingMode.REACH: _lazy("You keep only the day on which I last opened an email of yours."),
    TrackingMode.FULL: _lazy("You see which emails I open and which links I follow, so that they suit me better."),
}
ENDING_SOON = timedelta(days=60)
FIELDS = ("contact_frequency", "dialogue_mode", "paused_until", "is_profiled")


@dataclass(frozen=True)
class Proof:
    """From where and with which words somebody changed something, kept beside the consent."""

    page: str = ""
    language: str = ""
    ip: str | None = None
    agent: str = ""
    wording: str = ""


@dataclass
class Change:
    """What was said, in words, and what takes it back: fields and topics as they were."""

    said: str
    before: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def write_less(contact: Contact) -> Change:
    """Two emails a month at most."""
    return _set(
        contact,
        lambda: _("Saved: two emails a month at most."),
        "preference",
        contact_frequency=int(ContactFrequency.LESS),
    )


@transaction.atomic
def write_as_usual(contact: Contact) -> Change:
    """Back to the usual rhythm."""
    return _set(
        contact, lambda: _("Saved: emails as usual."), "preference", contact_frequency=int(ContactFrequency.NORMAL)
    )


@transaction.atomic
def stop_all(contact: Contact, proof: Proof) -> Change:
    """No email any more, whatever the topic, notices neither; what they ask is still answered."""
    before: dict[str, Any] = {"topics": topics_of(contact)}
    stood = set(_objections(contact))
    if withdraw_consent(contact, topic=None, source=SOURCE, **_kept(proof)):
        said = Consent.objects.filter(contact=contact, topic=None, channel=Channel.EMAIL, source=SOURCE).latest("pk")
        before["stopped"] = [said.pk, sorted(set(_objections(contact)) - stood)]
    note_preference(contact, "unsubscribed", lambda: _("Unsubscribed from all emails"))
    return Change(_("Saved: no more emails, about orders neither. We only answer what you write to us."), before)


@transaction.atomic
def choose_topics(contact: Contact, wanted: set[str], proof: Proof) -> Change:
    """Join and leave topics so that exactly `wanted` (keys) stand."""
    before = topics_of(contact)
    for topic in Topic.objects.filter(is_private=False):
        if topic.key in wanted and not before[topic.key]:
            give_consent(
                contact, topic=topic, basis=Basis.CONSENT, wording=proof.wording, source=SOURCE, **_kept(proof)
            )
        elif topic.key not in wanted and before[topic.key]:
            withdraw_consent(contact, topic=topic, source=SOURCE, **_kept(proof))
    if before == topics_of(contact):
        return Change(_("Nothing changed."))
    note_preference(contact, "preference", lambda: _("Changed their topics"))
    return Change(_("Saved: your topics."), {"topics": before})


def ending_of(contact: Contact) -> list[tuple[Topic, datetime]]:
    """The topics whose yes ends within two months, with that moment, the first one first."""
    rows = ConsentNow.objects.filter(
        contact=contact,
        channel=Channel.EMAIL,
        state=Consent.State.GIVEN,
        expires_at__gt=now(),
        expires_at__lt=now() + ENDING_SOON,
        topic__is_private=False,
    )
    ordered = rows.select_related("topic").order_by("expires_at", "pk")
    return [(row.topic, row.expires_at) for row in ordered if row.topic and row.expires_at]


@transaction.atomic
def keep_topics(contact: Contact, proof: Proof) -> Change | None:
    """Say yes anew to everything that would end, with the proof of their own page. None: nothing ends."""
    topics = [topic for topic, _day in ending_of(contact)]
    for topic in topics:
        give_consent(contact, topic=topic, basis=Basis.CONSENT, wording=proof.wording, source=SOURCE, **_kept(proof))
    if not topics:
        return None
    note_preference(contact, "preference", lambda: _("Said yes again"))
    return Change(_("Saved: you go on getting it."))


@transaction.atomic
def pause_until(contact: Contact, until: datetime | None) -> Change:
    """Silence until a day; None ends the pause."""

    def said() -> str:
        if until is None:
            return _("Saved: the pause is over.")
        return _("Saved: we are silent until %(day)s.") % {"day": date_format(until, "j F Y")}

    return _set(contact, said, "preference", paused_until=until)


@transaction.atomic
def talk_as(contact: Contact, how: int) -> Change:
    """Only listen, write back and forth, or be called."""
    return _set(contact, lambda: _("Saved: how we talk."), "preference", dialogue_mode=int(Contact.DialogueMode(how)))


@transaction.atomic
def allow_profiling(contact: Contact, yes: bool) -> Change:
    """Whether what they read and buy may pick what they get; no means no scores at all."""

    def said() -> str:
        return _("Saved: emails are chosen to suit you.") if yes else _("Saved: nothing is scored any more.")

    return _set(contact, said, "preference", is_profiled=yes)


@transaction.atomic
def allow_measuring(contact: Contact, mode: int, proof: Proof) -> Change:
    """How far we may see what they do with our emails, of every email that was ever sent."""
    words = MEASURED[TrackingMode(mode)]
    if not say_tracking(contact, mode, wording=str(words), source=SOURCE, **_kept(proof)):
        return Change(_("Nothing changed."))
    note_preference(contact, "preference", lambda: _("Measuring: %(what)s") % {"what": words})
    word = contact.tracking_consents.latest("pk")
    return Change(_("Saved: %(what)s") % {"what": words}, {"tracking": word.pk})


@transaction.atomic
def take_back(contact: Contact, before: Mapping[str, Any], proof: Proof) -> Change:
    """Undo: the fields and topics stand as they stood before."""
    topics = before.get("topics")
    fields = {name: _parsed(name, before[name]) for name in FIELDS if name in before}
    if fields:
        _set(contact, None, "preference", **fields)
    if "stopped" in before:
        _unstop(contact, *before["stopped"])
    if topics is not None:
        choose_topics(contact, {key for key, yes in topics.items() if yes}, proof)
    if "tracking" in before:
        undo_tracking_words([before["tracking"]])
    return Change(_("Taken back. All is as it was."))


def _objections(contact: Contact) -> list[int]:
    """The entries of the suppression list by which their addresses get no email at all."""
    hashes = [address_hash(one) for one in addresses_of(contact, Channel.EMAIL)]
    reason = Suppression.Reason.OBJECTION
    standing = Suppression.objects.filter(channel=Channel.EMAIL, reason=reason, lifted_at=None)
    return list(standing.filter(address_hash__in=hashes).values_list("pk", flat=True))


def _unstop(contact: Contact, word: int, entries: list[int]) -> None:
    """The no to everything was never said; its addresses leave the list where nobody else asked for it since."""
    Suppression.objects.filter(pk__in=entries, asked_by=[SOURCE]).update(lifted_at=now())
    undo_words([word])
    consent_changed.tell(contact_ids=[contact.pk])


def topics_of(contact: Contact) -> dict[str, bool]:
    """Topic key → whether the person's consent to get it by email counts, as the gate sees it."""
    said = {}
    for topic in Topic.objects.filter(is_private=False):
        stands = read_eligibilities(Channel.EMAIL, topic.pk, [contact.pk]).get(contact.pk)
        said[topic.key] = bool(stands and stands.word_state == Consent.State.GIVEN and not stands.word_lapsed)
    return said


def _set(contact: Contact, said: Callable[[], str] | None, kind: str, **fields: Any) -> Change:
    before = {name: getattr(contact, name) for name in fields}
    for name, value in fields.items():
        setattr(contact, name, value)
    with saying(SOURCE):
        contact.save(update_fields=list(fields))
    consent_changed.tell(contact_ids=[contact.pk])
    note_preference(contact, kind, said)
    kept = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in before.items()}
    return Change(said() if said else "", kept)


def note_preference(contact: Contact, kind: str, words: Callable[[], str] | None) -> None:
    """It stands on the timeline that they changed something on their own page, in the team's language, not in theirs."""
    with team_language():
        payload = {"reason": words()} if words else {}
        source = source_for("portal", _("Their own page"))
    record([Fact(kind, f"portal-{uuid.uuid4()}", now(), contact_id=contact.pk, payload=payload)], source=source)


def _kept(proof: Proof) -> dict[str, Any]:
    return {"page": proof.page, "language": proof.language, "ip": proof.ip, "agent": proof.agent}


def _parsed(name: str, value: Any) -> Any:
    return parse_datetime(value) if name == "paused_until" and value else value
