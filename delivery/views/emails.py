"""Emails that one of us writes to one person."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.attaching import BadFileError
from contacts.drafting import draft_of, end_draft, files_of, keep_draft
from contacts.models import ComposerDraft, Contact
from contacts.views.people import contact_page
from delivery.engine.controlling import WrongStateError, resume
from delivery.forms import EmailForm
from delivery.models import PersonalEmail
from delivery.personal.personal_emails import (
    NoFilesError,
    NoSenderError,
    RefusedError,
    TooLateError,
    UsedError,
    send_email,
    standing_of,
    take_back,
)
from delivery.personal.writing import why_refused
from lib.web.uploads import was_too_large
from workspaces.permissions import needs
from workspaces.requests import Request


@require_POST
@needs("social.approve")  # it leaves without anybody else's eyes
def email(request: Request, contact_id: int) -> HttpResponse:
    """Put an email on its way; it can be taken back for some seconds. What cannot go keeps its text."""
    contact = get_object_or_404(Contact, pk=contact_id, erased_at=None)
    form, user = EmailForm(request.POST, request.FILES), int(request.user.pk or 0)
    draft = _draft_with_files(request, contact, form)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("subject", "text", "key")}
        try:
            row = send_email(contact, by=request.user, **said, files=files_of(draft))
        except NoSenderError:
            form.add_error(None, _("There is no sender yet: nothing was sent, your text stands below."))
        except NoFilesError:
            form.add_error(None, _("This sender takes no files: nothing was sent. Take them out, and send it again."))
        except UsedError:
            form.data = {**request.POST.dict(), "key": str(uuid4())}
            form.add_error(None, _("The one before was sent or taken back. Your text stands below: send it again."))
        except RefusedError as error:
            form.add_error(None, why_refused(error.verdict))
        else:
            end_draft(contact, user, "email", str(said["key"]))
            messages.success(request, _what_became(row))
            return redirect("contacts:contact", contact.pk)
    return contact_page(request, contact, way="email", form=form, status=422)


def _draft_with_files(request: Request, contact: Contact, form: EmailForm) -> ComposerDraft | None:
    """The files that came with it are kept beside the draft, so that they stand there too if it cannot go."""
    user = int(request.user.pk or 0)
    files: list[Any] = request.FILES.getlist("attached")
    if was_too_large(request):
        form.add_error("attached", _("The files are too large: 5 MB each. Nothing was sent yet."))
    elif files and "attached" not in form.errors:
        try:
            return keep_draft(contact, user, "email", request.POST.dict(), files=files)
        except BadFileError as error:
            form.add_error("attached", str(error))
    return draft_of(contact, user, "email")


def _what_became(row: PersonalEmail) -> str:
    """What is true of it now: a second click writes no second email, and the first may have left."""
    state, _why = standing_of(row)
    return {
        "sent": _("This email has left already. It was not sent again."),
        "waiting": _("This email waits already. It was not written again."),
        "refused": _("This email was tried already. It was not written again."),
    }.get(state, _("The email leaves in a moment. Until then it can be taken back."))


@require_POST
@needs("social.answer")
def take_email_back(request: Request, pk: int) -> HttpResponse:
    """It does not leave."""
    row = get_object_or_404(PersonalEmail, pk=pk, is_in_inbox=False)
    try:
        take_back(row, by=request.user)
    except TooLateError:
        messages.error(request, _("Too late: it has left already."))
    else:
        messages.success(request, _("Taken back. Nothing was sent."))
    return redirect("contacts:contact", row.contact_id)


@require_POST
@needs("social.answer")
def again(request: Request, pk: int) -> HttpResponse:
    """What a trouble of the sender had stopped is tried again."""
    row = get_object_or_404(PersonalEmail.objects.select_related("message"), pk=pk)
    try:
        resume(row.message, by=request.user)
    except WrongStateError:
        messages.error(request, _("It is not waiting any more. Nothing changed."))
    else:
        messages.success(request, _("Trying again."))
    return redirect("contacts:contact", row.contact_id)
