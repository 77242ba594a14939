"""Notes about one person: written, changed, taken away, their files, and who is mentioned in them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.downloads import as_download
from contacts.forms import NewNoteForm, NoteForm
from contacts.models import Contact, Note, NoteAttachment
from contacts.noting import add_note, edit_note, mark_mentions_seen, notes_for, remove_note
from contacts.panels import notes_panel
from contacts.views.people import contact_page
from lib.asked import whole_number
from lib.web.uploads import was_too_large
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.note")
@require_POST
def notes(request: Request, pk: int) -> HttpResponse:
    """Something is written down, with its files; what cannot be taken keeps its text."""
    contact = get_object_or_404(Contact, pk=pk, erased_at=None)
    form = NewNoteForm(request.POST, request.FILES)
    if was_too_large(request):
        form.add_error("attached", _("The files are too large: 5 MB each. Nothing was kept yet."))
    if not form.is_valid():
        return _answer(request, contact, form=form)
    said = form.cleaned_data
    add_note(contact, said["text"], by=request.user, is_private=said["is_private"], files=said["attached"])
    return _answer(request, contact)


@needs("contacts.note")
@require_POST
def note_edit(request: Request, pk: int, note: int) -> HttpResponse:
    """One's own note says something else; what it said is kept."""
    contact = get_object_or_404(Contact, pk=pk)
    row = _own(request, contact, note)
    form = NoteForm(request.POST, auto_id=f"note-{note}-%s")
    if not form.is_valid():
        return _answer(request, contact, form=form, editing=note)
    edit_note(row, **form.cleaned_data, by=request.user)
    return _answer(request, contact)


@needs("contacts.note")
@require_POST
def note_remove(request: Request, pk: int, note: int) -> HttpResponse:
    """One's own note is taken away."""
    contact = get_object_or_404(Contact, pk=pk)
    remove_note(contact, note, by=request.user)
    return _answer(request, contact)


@needs("contacts.see")
@require_safe
def attachment(request: Request, pk: int, note: int, file: int) -> HttpResponse:
    """A file of a note, to whoever may read the note: always a download, never shown by a browser."""
    contact = get_object_or_404(Contact, pk=pk)
    may_note = may(request.membership.role, "contacts.note")
    if not notes_for(contact, request.user.pk or 0, may_note=may_note).filter(pk=note).exists():
        raise Http404
    found = get_object_or_404(NoteAttachment, pk=file, note=note)
    return as_download(found)


@needs("home.see")
@require_POST
def mentions_seen(request: Request) -> HttpResponse:
    """What was looked at does not wait on home any more."""
    asked = (whole_number(one) for one in request.POST.getlist("mention")[:200])
    mark_mentions_seen([one for one in asked if one is not None], request.user.pk or 0)
    return redirect("engagement:home")


def _own(request: Request, contact: Contact, pk: int) -> Note:
    found = notes_for(contact, request.user.pk or 0, may_note=True).filter(author_id=request.user.pk, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _answer(request: Request, contact: Contact, *, form: Any = None, editing: int = 0) -> HttpResponse:
    """The panel, or the page; with a form that could not be taken, as it was typed."""
    status = 422 if form is not None else 200
    if request.htmx:
        panel = notes_panel(request, contact, form, editing) or {}
        return render(request, "contacts/panels/notes.html", {"panel": panel}, status=status)
    if form is None:
        return redirect("contacts:contact", contact.pk)
    for problems in form.errors.values():
        messages.error(request, problems[0])
    request.note_form = (form, editing)  # type: ignore[attr-defined]  # the panel of the page shows it again
    return contact_page(request, contact, status=status)
