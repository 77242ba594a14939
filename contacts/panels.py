"""What this room shows on its own contact page."""

from typing import Any

from django.utils.translation import gettext as _

from contacts.forms import MayWriteForm, NoteForm, TagForm
from contacts.gate import Ask, Verdict, verdict
from contacts.merging import everyone_in
from contacts.models import Channel, Consent, Contact, Identity, Note, Tag, Trait
from contacts.showing import shown
from workspaces.models import User
from workspaces.permissions import may
from workspaces.requests import Request

IDENTITY_ICONS: dict[int, str] = {1: "id", 2: "mail", 3: "phone", 4: "at", 5: "device-laptop"}
CHANNEL_ICONS = {Channel.EMAIL: "mail", Channel.MOBILE: "device-mobile", Channel.CALL: "phone", Channel.SOCIAL: "at"}

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


def identities_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """How we know that it is this person: each way to recognise them, and what proves it."""
    rows = Identity.objects.filter(contact__in=everyone_in(contact.pk)).order_by("kind", "pk")[:50]
    person = shown(request, contact)
    return {"contact": contact, "person": person, "rows": [_known_by(row, person.is_masked) for row in rows]}


def fields_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """Fields and tags."""
    traits = Trait.objects.filter(contact=contact).order_by("name")[:60]
    tags = Tag.objects.filter(contact=contact).order_by("name")
    fixed = [(_("Language"), contact.language), (_("City"), contact.city), (_("Country"), contact.country)]
    shown_traits = [(row.name, row.text or row.number or row.moment) for row in traits]
    return {
        "contact": contact,
        "fields": [(name, value) for name, value in [*fixed, *shown_traits] if value not in {"", None}],
        "tags": tags,
        "form": TagForm(),
        "may_edit": may(request.membership.role, "contacts.edit"),
    }


def notes_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """Notes; private ones only for those who may note."""
    may_note = may(request.membership.role, "contacts.note")
    notes = Note.objects.filter(contact__in=everyone_in(contact.pk)).order_by("-created_at", "-pk")
    notes = notes if may_note else notes.filter(is_private=False)
    rows = list(notes[:50])
    if not rows and not may_note:
        return None
    names = dict(User.objects.filter(pk__in={row.author_id for row in rows}).values_list("pk", "name"))
    shown_rows = [(row, names.get(row.author_id or 0, ""), row.author_id == request.user.pk) for row in rows]
    return {"contact": contact, "rows": shown_rows, "form": NoteForm() if may_note else None}


def _ask(chosen: str) -> Ask:
    message_class, _dash, topic = chosen.partition("-")
    return Ask(message_class=message_class, topic_id=int(topic) if topic else None)  # type: ignore[arg-type]


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
        "icon": CHANNEL_ICONS.get(Channel(row.channel), "mail"),
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


def _known_by(row: Identity, is_masked: bool) -> dict[str, Any]:
    trust = {1: _("certain"), 5: _("weak")}.get(row.kind, _("verified") if row.verified_at else _("likely"))
    value = row.get_kind_display() if is_masked or row.kind == Identity.Kind.DEVICE else row.value
    return {
        "icon": IDENTITY_ICONS[row.kind],
        "value": value,
        "trust": trust,
        "evidence": row.evidence,
        "since": row.created_at,
    }
