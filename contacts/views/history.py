"""The history of a person's fields, all of it or of one field."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from contacts.history.reading import changes_of, lines_of
from contacts.merging import everyone_in, survivor_of
from contacts.models import Contact
from contacts.showing import shown
from workspaces.permissions import needs
from workspaces.requests import Request

A_PAGE = 50


@needs("contacts.see")
@require_safe
def history(request: Request, pk: int) -> HttpResponse:
    """Each field that changed: before, after, when, who said so. `?field=` narrows to one."""
    if (survivor := survivor_of(pk)) != pk:
        return redirect("contacts:history", survivor)
    found = get_object_or_404(Contact, pk=pk)
    field = request.GET.get("field", "").replace("\0", "")[:80]
    page = Paginator(changes_of(everyone_in(pk), field=field), A_PAGE).get_page(request.GET.get("page"))
    lines = list(lines_of(list(page.object_list), field=field))
    context = {
        "contact": found,
        "person": shown(request, found),
        "page": page,
        "lines": lines,
        "field": field,
        "label": lines[0].label if field and lines else field,
    }
    return render(request, "contacts/history.html", context)
