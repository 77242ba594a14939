"""A transactional email that was written by hand is built of blocks from now on."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.beginning import empty_page
from campaigns.edited import edited_email
from delivery.drafting import change_email
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("campaigns.edit")
@require_POST
def begin(request: Request, pk: int, of: str) -> HttpResponse:
    """An empty page of blocks, in the editor; what was written by hand is in its history. One of blocks stays as it is."""
    edited = edited_email(pk, of)
    content = edited.message.content
    if not content.blocks:
        had_words = bool(content.body.strip())
        change_email(content, empty_page(), based_on=content.version, by_id=request.user.pk)
        if had_words:
            messages.success(request, _("It is built of blocks now. What was written by hand is in its history."))
    return redirect(edited.where)
