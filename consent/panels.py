"""What this room shows on the contact page: may we write, and what they consented to."""

from typing import Any

from django.utils.translation import gettext as _

from consent.asking import Ask
from consent.forms import MayWriteForm
from consent.gate import Verdict, verdict
from consent.models import Consent, ConsentNow
from contacts.channels import icon_of
from contacts.duplicates.comparing import Joining
from contacts.merging import everyone_in
from contacts.models import Contact
from contacts.showing import shown
from workspaces.requests import Request

TAKEN_FOR_GRANTED = {
    "erased",
    "complaint",
    "bounce",
    "objection",
    "blocked",
    "no_address",
    "topic_off",
    "channel_off",
    "paused",
}


def may_write_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """Can we write to this person? The gate's answer, step by step, for the kind of message chosen."""
    form = MayWriteForm({"about": request.GET.get("about", "")})
    choices = [value for value, _label in form.fields["about"].choices]  # type: ignore[attr-defined]
    about = request.GET.get("about", "")
    chosen = about if about in choices else choices[0]
    found = verdict(_ask(chosen), contact)
    answer = verdict(Ask(message_class="answer"), contact)
    return {
        "contact": contact,
        "person": shown(request, contact),
        "form": MayWriteForm(initial={"about": chosen}),
        "verdict": found,
        "headline": _headline(found),
        "reasons": _in_reading_order(found),
        "answer_allowed": answer.allowed and not chosen.startswith("answer"),
    }


def consents_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """The newest word on each topic and channel, with its proof, and everything said before."""
    rows = (
        Consent.objects.filter(contact__in=everyone_in(contact.pk))
        .select_related("topic", "wording")
        .order_by("-at", "-id")[:200]
    )
    newest: dict[tuple[int | None, int], Consent] = {}
    for row in rows:
        if row.state != Consent.State.REQUESTED:
            newest.setdefault((row.topic_id, row.channel), row)
    return {
        "contact": contact,
        "newest": [_said(row) for row in newest.values()],
        "history": [_said(row) for row in rows],
    }


def _ask(chosen: str) -> Ask:
    message_class, _dash, topic = chosen.partition("-")
    return Ask(message_class=message_class, topic_id=int(topic) if topic else None)


def _headline(found: Verdict) -> str:
    if found.allowed:
        return _("Yes")
    if found.is_hold:
        return _("Yes, in the morning")
    failure = found.first_failure
    return _("No, not today") if failure and failure.ends_at else _("No")


def _in_reading_order(found: Verdict) -> list[dict[str, Any]]:
    """What stops first, then what is fine and worth a line, then all the rest in one."""
    failed = [one for one in found.reasons if not one.passed]
    fine = [one for one in found.reasons if one.passed and one.code not in TAKEN_FOR_GRANTED]
    rest = [str(one.text) for one in found.reasons if one.passed and one.code in TAKEN_FOR_GRANTED]
    lines = [
        {"ok": one.passed, "text": one.text, "detail": one.detail, "ends_at": one.ends_at} for one in [*failed, *fine]
    ]
    if rest:
        lines.append(
            {"ok": True, "text": _("Nothing else stands against it"), "detail": " · ".join(rest), "ends_at": None}
        )
    return lines


def _said(row: Consent) -> dict[str, Any]:
    return {
        "topic": row.topic.name if row.topic else _("Everything"),
        "icon": icon_of(row.channel),
        "channel": row.get_channel_display(),
        "state": row.state,
        "word": row.get_state_display(),
        "basis": row.get_basis_display() if row.state == Consent.State.GIVEN else "",
        "source": row.source,
        "wording": row.wording.text if row.wording else "",
        "page": row.page,
        "at": row.at,
        "expires_at": row.expires_at,
    }


def joining_panel(request: Request, joining: Joining) -> dict[str, Any] | None:
    """What two people said about each topic, and what counts when they are one: the most restrictive word."""
    pair = (joining.survivor.pk, joining.loser.pk)
    words: dict[tuple[int, int], dict[int, ConsentNow]] = {}
    for row in ConsentNow.objects.filter(contact__in=pair).select_related("topic").order_by("channel", "topic_id"):
        words.setdefault((row.channel, row.topic_id or 0), {})[row.contact_id] = row
    if not words:
        return None
    lines = [_joined(by_contact, pair) for by_contact in words.values()]
    stopped = [line["topic"] for line in lines if line["stops"]]
    return {"lines": lines, "stopped": ", ".join(stopped), "person": shown(request, joining.survivor)}


def _joined(by_contact: dict[int, ConsentNow], pair: tuple[int, int]) -> dict[str, Any]:
    said = [by_contact.get(pk) for pk in pair]
    any_row = next(filter(None, said))
    states = [one.state if one else None for one in said]
    then = Consent.State.WITHDRAWN if Consent.State.WITHDRAWN in states else Consent.State.GIVEN
    return {
        "topic": str(any_row.topic or _("Everything")),
        "channel": any_row.get_channel_display(),
        "said": [one.get_state_display() if one else "" for one in said],
        "then": then.label,
        "is_no": then == Consent.State.WITHDRAWN,
        "stops": states[0] == Consent.State.GIVEN and then == Consent.State.WITHDRAWN,
    }
