"""What stands in the composer is kept while it is typed, with its files, and thrown away by one button."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.attaching import BadFileError
from contacts.composing import composer
from contacts.drafting import discard_draft, draft_of, keep_draft, remove_file, was_sent
from contacts.models import ComposerDraft, Contact
from lib.asked import whole_number
from lib.offers import ComposerWay
from lib.rooms import house
from lib.web.uploads import was_too_large
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.see")
@require_POST
def draft(request: Request, pk: int, way: str) -> HttpResponse:
    """Keep it (`draft` empty), throw it away ("discard"), or take a file out (its number).

    What was still on its way in the background when the form was sent is not kept.
    """
    contact = get_object_or_404(Contact.objects.select_for_update(no_key=True), pk=pk, erased_at=None)
    found = next((one for one in house.composer_ways if one.name == way), None)
    if found is None:
        raise Http404
    if not may(request.membership.role, found.permission):
        raise PermissionDenied
    asked, user, trouble = request.POST.get("draft", ""), int(request.user.pk or 0), ""
    is_typing = bool(request.htmx) and request.headers.get("HX-Target") != "composer"
    if is_typing and was_sent(request.POST.get("key") or request.POST.get("token", "")):
        return HttpResponse(status=204)
    if asked == "discard":
        discard_draft(contact, user, way)
    else:
        trouble = _keep(request, contact, found, user)
        if (number := whole_number(asked)) is not None:
            remove_file(contact, user, way, number)
    if request.headers.get("HX-Target") == "composer":
        context = {"composer": composer(request, contact, way=way), "trouble": trouble}
        return render(request, "contacts/composer.html", context, status=422 if trouble else 200)
    if request.htmx:
        return HttpResponse(status=204)
    if trouble:
        messages.error(request, trouble)
    else:
        messages.success(
            request, _("The draft is gone.") if asked == "discard" else _("Kept as a draft, for you alone.")
        )
    return redirect(f"{reverse('contacts:contact', args=[pk])}?compose={way}#composer")


def _keep(request: Request, contact: Contact, found: ComposerWay, user: int) -> str:
    """Why its files cannot be kept, in a sentence; the words are."""
    files: list[Any] = request.FILES.getlist("attached")
    way = found.name
    if files and not found.keeps_files:
        keep_draft(contact, user, way, request.POST.dict())
        return _("Your words are kept, the files are not yet: press “Add” beside them.")
    if was_too_large(request):
        return _("The files are too large: 5 MB each. Nothing was kept yet.")
    try:
        keep_draft(contact, user, way, request.POST.dict(), files=files)
    except BadFileError as error:
        keep_draft(contact, user, way, request.POST.dict())
        return str(error)
    return ""


def draft_with_files(request: Request, contact: Contact, way: str, form: Form) -> ComposerDraft | None:
    """The draft of what is being sent: files that came with it are kept beside it, so that they stand there if it cannot go.

    What cannot be kept is an error of the form's field `attached`.
    """
    user = int(request.user.pk or 0)
    files: list[Any] = request.FILES.getlist("attached")
    if was_too_large(request):
        form.add_error("attached", _("The files are too large: 5 MB each. Nothing was sent yet."))
    elif files and "attached" not in form.errors:
        try:
            return keep_draft(contact, user, way, request.POST.dict(), files=files)
        except BadFileError as error:
            form.add_error("attached", str(error))
    return draft_of(contact, user, way)
