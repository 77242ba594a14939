"""The emails of a sender that sends to nobody: the newest, each to be looked at."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from delivery.messengers.folder import KIND, newest_emails, read_email
from delivery.models import Sender
from emails.previewing import PREVIEW_POLICY, email_response, words_response
from workspaces.permissions import needs
from workspaces.requests import Request

SHOWN = 50


@needs("contacts.identify")
@require_safe
def emails(request: Request, pk: int) -> HttpResponse:
    """What would have gone out last; `?email=` is the one that is open."""
    sender = get_object_or_404(Sender, pk=pk, kind=KIND)
    rows = [
        {"stem": name.removesuffix(".eml"), "to": str(one["to"] or ""), "subject": str(one["subject"] or ""), "at": one["date"]}
        for name, one in newest_emails(sender, SHOWN)
    ]  # fmt: skip
    open_one = next((row for row in rows if row["stem"] == request.GET.get("email")), rows[0] if rows else None)
    return render(request, "delivery/folder.html", {"sender": sender, "rows": rows, "open_one": open_one})


@needs("contacts.identify")
@xframe_options_sameorigin
@csp_override(PREVIEW_POLICY)
@require_safe
def email(request: Request, pk: int, stem: str) -> HttpResponse:
    """One of them as its reader would see it."""
    found = read_email(get_object_or_404(Sender, pk=pk, kind=KIND), f"{stem}.eml")
    if found is None:
        raise Http404
    html = found.get_body(("html",))
    return email_response(html.get_content()) if html else words_response(_("This email has words alone."))
