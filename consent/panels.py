"""What this room shows on the contact page: may we write, and what they consented to."""

from typing import Any

from django.utils.translation import gettext as _

from consent.asking import Ask
from consent.forms import MayWriteForm
from consent.gate import Verdict, verdict
from consent.joining import Joined, Word, channels_stopped, is_yes, words_when_joined
from consent.models import Consent, SignUp
from consent.rules import may_be_called_from
from contacts.channels import icon_of
from contacts.duplicates.comparing import Joining
from contacts.merging import everyone_in
from contacts.models import Contact, Identity
from contacts.reaching import primary_of
from contacts.showing import shown
from workspaces.requests import Request

TAKEN_FOR_GRANTED = {
    "erased",
    "complaint",
    "bounce",
    "bouncing",
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
        "call": _call(contact),
        "answer_allowed": answer.allowed and not chosen.startswith("answer"),
    }


def _call(contact: Contact) -> dict[str, Any] | None:
    """Whether it is an hour at which they may be called; None where there is no number."""
    if contact.erased_at or not primary_of(contact, Identity.Kind.PHONE):
        return None
    return {"from": may_be_called_from(contact)}


def consents_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """The newest word on each topic and channel, with its proof, and everything said before."""
    rows = (
        Consent.objects.filter(contact__in=everyone_in(contact.pk))
        .select_related("topic", "wording")
        .order_by("-at", "-id")[:200]
    )
    newest: dict[tuple[int | None, int], Consent] = {}
    undone = {row.undoes_id for row in rows}
    for row in rows:
        if row.state in {Consent.State.GIVEN, Consent.State.WITHDRAWN} and row.pk not in undone:
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
    """What two people said about each topic, what counts when they are one, and what who stays stops getting by that."""
    pair = (joining.survivor.pk, joining.loser.pk)
    words, stopped = words_when_joined(*pair), channels_stopped(*pair)
    if not words and not stopped:
        return None
    names = [str(one.topic or _("Everything")) for one in words if one.stops]
    return {
        "lines": [_joined(one) for one in words],
        "stopped": ", ".join(dict.fromkeys(names)),
        "stopped_channels": ", ".join(str(one.label) for one in stopped),
        "person": shown(request, joining.survivor),
    }


def _joined(one: Joined) -> dict[str, Any]:
    return {
        "topic": str(one.topic or _("Everything")),
        "channel": one.channel.label,
        "said": [_in_a_word(one.survivor), _in_a_word(one.loser)],
        "then": _in_a_word(one.then),
        "is_no": not is_yes(one.then),
    }


def _in_a_word(word: Word) -> str:
    if word is None:
        return _("never asked")
    state, has_ended = word
    return _("ended") if has_ended else str(Consent.State(state).label)


def raised_hand_panel(_request: Request, contact: Contact) -> dict[str, Any] | None:
    """When and on which form they came to us themselves, and how often since. One query."""
    theirs = SignUp.objects.filter(contact__in=everyone_in(contact.pk), state=SignUp.State.CONFIRMED)
    rows = list(theirs.select_related("version__form").order_by("-asked_at", "-pk")[:20])
    return {"first": rows[-1], "last": rows[0], "count": len(rows)} if rows else None
