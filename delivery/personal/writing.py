"""Writing an email to a person from their own page: what its part of the composer shows, and what is under way."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from consent.gate import Verdict
from contacts.merging import everyone_in
from contacts.models import Contact
from contacts.showing import sees_names, shown
from delivery.forms import EmailForm
from delivery.models import Message, PersonalEmail
from delivery.personal.personal_emails import ask_gate, purpose_for, standing_of
from delivery.senders import find_sender, takes_files
from lib.clock import now
from lib.rooms import house
from workspaces.permissions import may
from workspaces.requests import Request

SHOWN_FOR = timedelta(days=2)
SHOWN = 5


def email_way(request: Request, contact: Contact, form: Any) -> dict[str, Any]:
    """To whom, by which sender, as which kind of message, and what the gate says of it now."""
    sender, purpose = find_sender(), purpose_for(contact)
    said = ask_gate(contact, purpose, sender)
    return {
        "contact": contact,
        "person": shown(request, contact),
        "sender": sender,
        "from_email": str(sender.settings.get("from_email", "")) if sender else "",
        "may_set_up": may(request.membership.role, "workspace.settings"),
        "address": said.address if sees_names(request) else "",
        "has_address": bool(said.address),
        "is_answer": purpose == Message.Purpose.ANSWER,
        "stop": said.first_failure,
        "takes_files": takes_files(sender),
        "form": form or EmailForm(initial={"key": uuid.uuid4()}),
    }


def under_way_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """Emails written by hand in the last two days that have not simply been sent: leaving, in trouble, refused."""
    if not sees_names(request):
        return None
    rows = PersonalEmail.objects.filter(contact__in=everyone_in(contact.pk), created_at__gt=now() - SHOWN_FOR)
    lines = []
    for email in rows.select_related("message").order_by("-pk")[:SHOWN]:
        state, why = standing_of(email)
        if state in {"waiting", "refused"} or (state == "leaving" and not email.is_in_inbox):
            lines.append({"email": email, "state": state, "why": reason_in_words(why)})
    return {"rows": lines, "may_write": may(request.membership.role, "social.answer")} if lines else None


def why_refused(said: Verdict) -> str:
    """The gate's no as a sentence with what can be done about it."""
    failure = said.first_failure
    if failure is None or failure.code == "no_address":
        return _("There is no email address of theirs that can be used. Add one by Edit, or call.")
    return _("%(why)s: no email goes there. Answer what they wrote, or call.") % {"why": failure.text}


def reason_in_words(why: str) -> str:
    """A code of the gate in its words; what a server said stays as it is."""
    steps: dict[str, Any] = {step.code: step for step in house.gate_steps}
    words = {
        "no_address": _("There is no address that can be used"),
        "blocked": _("Stands on “Do not contact”"),
        "objection": _("Wants nothing at all from us here"),
        "bounce": _("The address is dead"),
        "complaint": _("Marked an email of ours as spam"),
        "erased": _("Erased at their request"),
    }
    return words.get(why, why) if why in steps else why
