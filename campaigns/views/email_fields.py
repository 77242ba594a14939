"""Of each field that an email may name, how many of the campaign's people have it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.edited import CAMPAIGN, edited_email
from campaigns.email_fields import filled_fields
from workspaces.permissions import needs


@needs("campaigns.edit")
@require_safe
def filled(request: HttpRequest, pk: int, of: str = CAMPAIGN) -> HttpResponse:
    """The picker's lines with their counts, asked when it is opened; 204 when they take too long."""
    found = filled_fields(edited_email(pk, of))
    if found is None:
        return HttpResponse(status=204)
    context = {"fields": found.fields, "people": found.people, "is_about": found.is_about}
    return render(request, "campaigns/email/field_lines.html", context)
