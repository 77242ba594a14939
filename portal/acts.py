"""What people do on their own page: one act for each button. None: it could not be read, and nothing changed."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.http import HttpRequest, QueryDict
from django.utils import translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from consent.rules import zone_of
from contacts.models import Contact
from lib.asked import whole_number
from lib.clock import now
from lib.counting_up import count_up
from lib.foreign.cleaning import to_text
from portal import accounts, browsers, interests, liked, own_facts, preferences, rights, speaking
from portal.preferences import Change, Proof
from portal.receipts import mail_receipt
from portal.saved import unseal
from portal.signing_up.public_form import TRAP
from workspaces.models import Workspace
from workspaces.tracking_mode import TrackingMode

PAUSES = {"month": 30, "quarter": 90}
MOST_SAID = 5  # an hour, by one link
Act = Callable[[Contact, QueryDict, Proof], Change | None]


class TooOftenError(Exception):
    """Said more than five things within an hour."""


def do_act(request: HttpRequest, slug: str, contact: Contact) -> Change | None:
    """Do what the pressed button says; None for what cannot be done. TooOftenError."""
    act = ACTS.get(request.POST.get("do", ""))
    proof = Proof(
        page=f"/p/{slug}/me/…/",
        language=translation.get_language() or "",
        ip=request.META.get("REMOTE_ADDR") or None,
        agent=request.headers.get("User-Agent", "")[:300],
        wording=_("Yes, send me this by email."),
    )
    return act(contact, request.POST, proof) if act else None


def _pause(contact: Contact, span: str, day: str) -> Change | None:
    if span in PAUSES:
        return preferences.pause_until(contact, now() + timedelta(days=PAUSES[span]))
    try:
        chosen = parse_date(day)
    except ValueError:
        chosen = None
    if chosen is None or not now().date() < chosen < now().date() + timedelta(days=3650):
        return None
    return preferences.pause_until(contact, datetime.combine(chosen, time(8), zone_of(contact.zone)))


def _talk(contact: Contact, how: str) -> Change | None:
    mode = whole_number(how)
    return preferences.talk_as(contact, mode) if mode in Contact.DialogueMode.values else None


def _track(contact: Contact, how: str, proof: Proof) -> Change | None:
    mode = whole_number(how)
    return preferences.allow_measuring(contact, mode, proof) if mode in TrackingMode.values else None


def _say(contact: Contact, said: QueryDict, _proof: Proof) -> Change | None:
    return _spoken(contact, said, lambda: speaking.say_something(contact, said.get("words", "")))


def _call(contact: Contact, said: QueryDict, _proof: Proof) -> Change | None:
    number, when = said.get("number", ""), said.get("when", "")
    return _spoken(contact, said, lambda: speaking.ask_for_call(contact, number, when))


def _spoken(contact: Contact, said: QueryDict, speak: Callable[[], Change | None]) -> Change | None:
    """Robots fill in what nobody sees, and are told what everybody is told. TooOftenError."""
    if said.get(TRAP):
        return Change(_("Sent. A person reads it and answers you by email."))
    if count_up(f"said:{contact.workspace_id}:{contact.pk}", 3600) > MOST_SAID:
        raise TooOftenError
    return speak()


def _ask(contact: Contact, said: QueryDict, _proof: Proof) -> Change | None:
    words = to_text(said.get("words", ""), 5_000)
    noted = _("Noted. You hear from us within a month.")
    return rights.ask(contact, said.get("kind", ""), words, noted, is_sure=said.get("sure") == "yes")


def _mail_receipt(contact: Contact) -> Change | None:
    if not contact.email:
        return None
    try:
        is_sent = mail_receipt(Workspace.objects.get(pk=int(contact.workspace_id or 0)), contact)
    except OSError:
        return Change(_("The email could not be sent. Take the receipt with you as a file."))
    return Change(_("Your receipt is on its way.") if is_sent else _("It went to you a few minutes ago."))


def _undo(contact: Contact, sealed: str, proof: Proof) -> Change | None:
    saved = unseal(contact, sealed)
    if saved is None:
        return None
    before = saved[1]
    if "facts" in before:
        own_facts.restore_facts(contact, before["facts"])
    if "interests" in before:
        interests.choose_interests(contact, before["interests"])
    if "interest" in before:
        liked.restore_word(contact, before["interest"])
    return preferences.take_back(contact, before, proof)


ACTS: dict[str, Act] = {
    "less": lambda contact, _said, _proof: preferences.write_less(contact),
    "usual": lambda contact, _said, _proof: preferences.write_as_usual(contact),
    "stop": lambda contact, _said, proof: preferences.stop_all(contact, proof),
    "topics": lambda contact, said, proof: preferences.choose_topics(contact, set(said.getlist("topic")), proof),
    "keep": lambda contact, _said, proof: preferences.keep_topics(contact, proof),
    "pause": lambda contact, said, _proof: _pause(contact, said.get("until", ""), said.get("day", "")),
    "go-on": lambda contact, _said, _proof: preferences.pause_until(contact, None),
    "talk": lambda contact, said, _proof: _talk(contact, said.get("talk", "")),
    "tracking": lambda contact, said, proof: _track(contact, said.get("mode", ""), proof),
    "profiling": lambda contact, said, _proof: preferences.allow_profiling(contact, "yes" in said),
    "say": _say,
    "call": _call,
    "facts": lambda contact, said, _proof: own_facts.correct_facts(contact, said),
    "address": lambda contact, said, _proof: own_facts.ask_for_address(contact, said.get("email", "")),
    "not-me": lambda contact, _said, proof: own_facts.say_not_me(contact, proof),
    "interests": lambda contact, said, _proof: interests.choose_interests(contact, said.getlist("interest")),
    "interest": lambda contact, said, _proof: liked.say_of_interest(contact, said),
    "browser": browsers.end_one,
    "account-code": accounts.begin_account,
    "account-part": accounts.part_account,
    "ask": _ask,
    "receipt": lambda contact, _said, _proof: _mail_receipt(contact),
    "undo": lambda contact, said, proof: _undo(contact, said.get("before", ""), proof),
}
