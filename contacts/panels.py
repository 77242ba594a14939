"""What this room shows on its own contact page, and on the card beside a conversation."""

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from contacts.companies.forms import PlaceForm, PositionForm
from contacts.companies.knowing import suggest_company
from contacts.companies.positions import positions_of
from contacts.custom_fields.entering import values_of
from contacts.custom_fields.forms import ValuesForm
from contacts.custom_fields.knowing import active_fields
from contacts.fields import ContactField, Place, Sensitivity, fields_at
from contacts.forms import NewNoteForm, NoteForm, TagForm
from contacts.history.reading import changes_of, lines_of
from contacts.long_changes.beginning import HAND_ON
from contacts.long_changes.showing import shown_changes
from contacts.mentioning import members_by_name
from contacts.merging import everyone_in
from contacts.models import Contact, FieldValue, Identity, NoteAttachment, Position, Tag
from contacts.noting import mentions_of, notes_for
from contacts.owning import members, names_of
from contacts.reaching import primary_of
from contacts.searching import UNREADABLE
from contacts.sharing import SHAREABLE, usages_of
from contacts.showing import sees_names, shown, shown_row
from workspaces.models import User
from workspaces.permissions import may
from workspaces.requests import Request

IDENTITY_ICONS: dict[int, str] = {1: "id", 2: "mail", 3: "phone", 4: "at", 5: "device-laptop", 6: "bell"}

MOST_CHANGES = 6
MOST_TAGS = 30
ADDRESSES = (Identity.Kind.EMAIL, Identity.Kind.PHONE)


def identities_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """How we know that it is this person: each way to recognise them, and what proves it."""
    rows = list(Identity.objects.filter(contact__in=everyone_in(contact.pk)).order_by("kind", "pk")[:50])
    rows.sort(key=lambda row: (row.former_since is not None, row.kind))
    several = {kind for kind in ADDRESSES if sum(row.kind == kind and row.former_since is None for row in rows) > 1}
    primary = {primary_of(contact, kind) for kind in several}
    person = shown(request, contact)
    users = usages_of([(row.kind, row.value) for row in rows if row.shared_key])
    everybody = {row.contact_id for row in rows} | {contact.pk}
    return {
        "contact": contact,
        "person": person,
        "rows": [
            _known_by(row, person.is_masked, primary)
            | {
                "pk": row.pk,
                "others": [
                    shown_row(request, {"id": one.contact_id, "name": one.name, "email": ""})
                    for one in users.get((row.kind, row.value), ())
                    if one.contact_id not in everybody
                ],
            }
            for row in rows
        ],
        "may_edit": may(request.membership.role, "contacts.edit"),
    }


def fields_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """Own fields, custom ones that nobody declared, and tags, of everybody merged into the person."""
    everybody = everyone_in(contact.pk)
    declared = {one.name for one in active_fields()}
    own = [(field.label, getattr(contact, field.name)) for field in fields_at(Place.PANEL) if _may_see(request, field)]
    rows = FieldValue.objects.filter(contact__in=everybody).exclude(name__in=declared).order_by("name", "updated_at")
    if shown(request, contact).is_masked:  # nobody knows what the workspace writes into fields of its own
        rows = rows.none()
    custom = {row.name: row.text or row.number or row.moment for row in rows[:120]}
    return {
        "contact": contact,
        "fields": [(name, value) for name, value in [*own, *custom.items()] if value not in {"", None}],
        "tags": Tag.objects.filter(contact=contact).order_by("name"),
        "form": TagForm(),
        "may_edit": may(request.membership.role, "contacts.edit"),
    }


def card_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """Their tags, for the card beside a conversation. One query."""
    tags = Tag.objects.filter(contact=contact).order_by("name").values_list("name", flat=True)[:MOST_TAGS]
    return {"tags": list(tags)} if tags else None


def history_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """The newest changes of their fields, with who said so."""
    rows = changes_of(everyone_in(contact.pk))[:MOST_CHANGES]
    lines = list(lines_of(list(rows)))[:MOST_CHANGES]
    return {"contact": contact, "person": shown(request, contact), "lines": lines}


def custom_fields_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """The workspace's declared fields: what the person has there, and a form for those who may edit."""
    declared = active_fields()
    if not declared or shown(request, contact).is_masked:
        return None
    may_edit = may(request.membership.role, "contacts.edit")
    return {
        "contact": contact,
        "values": values_of(contact, declared),
        "may_edit": may_edit,
        "form": ValuesForm(contact=contact, declared=declared) if may_edit else None,
    }


def owner_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """Who looks after them, and a choice for those who may edit."""
    may_edit = may(request.membership.role, "contacts.edit")
    choices = members() if may_edit else []
    if contact.owner_id is None and not may_edit:
        return None
    owner = contact.owner_id
    name = (dict(choices).get(owner) or names_of([owner]).get(owner, "")) if owner else ""
    return {
        "contact": contact,
        "name": name,
        "is_mine": contact.owner_id == request.user.pk,
        "me": request.user.pk,
        "choices": choices,
        "may_edit": may_edit,
    }


def companies_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """Where they are and were, with their role there; what their address suggests; a form for those who may edit."""
    may_edit = may(request.membership.role, "contacts.edit")
    rows = positions_of(contact)
    now_there = [row for row in rows if row.until is None]
    if not rows and not may_edit:
        return None
    return {
        "contact": contact,
        "now_there": [
            (row, PositionForm(initial=position_said(row), auto_id=f"place-{row.pk}-%s")) for row in now_there
        ],
        "once_there": [row for row in rows if row.until is not None],
        "suggested": suggest_company(contact) if may_edit and sees_names(request) and not now_there else None,
        "sees_names": sees_names(request),
        "form": PlaceForm(auto_id="place-%s") if may_edit else None,
        "may_edit": may_edit,
    }


def position_said(row: Position) -> dict[str, Any]:
    """What the form of a place shows."""
    return {"role_there": row.role_there, "since": row.since, "until": row.until}


def notes_panel(request: Request, contact: Contact, form: Any = None, editing: int = 0) -> dict[str, Any] | None:
    """Notes with their files, and what stood there before; private ones for those who may note or are named in them.

    `form` is what could not be taken: of a new note, or of the note `editing`. Five queries at most.
    """
    may_note, me = may(request.membership.role, "contacts.note"), request.user.pk or 0
    form, editing = getattr(request, "note_form", (form, editing))
    rows = list(notes_for(contact, me, may_note=may_note).order_by("-created_at", "-pk")[:50])
    if not rows and not may_note:
        return None
    names = dict(User.objects.filter(pk__in={row.author_id for row in rows}).values_list("pk", "name"))
    files: dict[int, list[dict[str, Any]]] = {}
    for file in NoteAttachment.objects.filter(note__in=rows).order_by("pk").values("note_id", "pk", "name", "size"):
        files.setdefault(file["note_id"], []).append(dict(file))
    lines = []
    for row in rows:
        is_mine = may_note and row.author_id == me
        again = form if row.pk == editing else NoteForm(instance=row, auto_id=f"note-{row.pk}-%s") if is_mine else None
        former = [_former(one) for one in row.former if may_note or not one["is_private"]]
        line = {"note": row, "author": names.get(row.author_id or 0, ""), "files": files.get(row.pk, []), "form": again}
        lines.append(line | {"former": former, "is_open": row.pk == editing})
    new = form if form is not None and not editing else NewNoteForm()
    return {
        "contact": contact,
        "rows": lines,
        "form": new if may_note else None,
        "members": [name for name, _email in members_by_name().values()] if may_note else [],
    }


def mentions_panel(request: Request, _subject: None) -> dict[str, Any] | None:
    """Notes in which this member is named and that they have not looked at yet; for home."""
    rows = list(mentions_of(request.user.pk or 0)[:20])
    if not rows:
        return None
    names = dict(User.objects.filter(pk__in={row.note.author_id for row in rows}).values_list("pk", "name"))
    return {
        "rows": [(row, shown(request, row.note.contact), names.get(row.note.author_id or 0, "")) for row in rows],
        "may_see": may(request.membership.role, "contacts.see"),
    }


def _former(one: dict[str, Any]) -> dict[str, Any]:
    return {"text": one["text"], "until": parse_datetime(one["until"])}


def _may_see(request: Request, field: ContactField) -> bool:
    return field.sensitivity is not Sensitivity.IDENTIFYING or sees_names(request)


def _known_by(row: Identity, is_masked: bool, primary: set[str]) -> dict[str, Any]:
    trust = {1: _("certain"), 5: _("weak")}.get(row.kind, _("verified") if row.verified_at else _("likely"))
    value = row.get_kind_display() if is_masked or row.kind in UNREADABLE else row.value
    return {
        "icon": IDENTITY_ICONS[row.kind],
        "value": value,
        "trust": trust,
        "evidence": row.evidence,
        "since": row.created_at,
        "former_since": row.former_since,
        "shared_since": row.shared_since,
        "shared_why": row.get_shared_why_display(),
        "shared_by": row.shared_by,
        "may_be_shared": row.kind in SHAREABLE,
        "is_primary": row.value in primary and row.former_since is None,
    }


def handing_on_panel(request: Request, _subject: Any) -> dict[str, Any] | None:
    """Whose people are on their way into other hands."""
    changes = shown_changes(HAND_ON)
    return {"changes": changes} if changes else None
