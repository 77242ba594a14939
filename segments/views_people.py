"""The list of people: an unsaved segment with search, roles and orders."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.models import Audience
from contacts.showing import sees_names, shown_row
from lib.asked import whole_number
from lib.rooms import house
from segments.listing import COUNT_UP_TO, column_labels, count_people, list_people, narrowings
from segments.quality import quality
from workspaces.panels import panels_at
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.see")
@require_safe
def people(request: Request) -> HttpResponse:
    """Everybody: search, filter by role, sort; the next page by cursor."""
    identifies = sees_names(request)
    role = whole_number(request.GET.get("role", ""))
    asked: dict[str, Any] = {
        "text": request.GET.get("q", "").strip()[:200] if identifies else "",
        "role": role if role in Audience.values else None,
    }
    narrowed = narrowings(request)
    sort = request.GET.get("sort", "newest")
    if sort == "name" and not identifies:
        sort = "newest"  # the order is told by nobody's name, nor is a name in the cursor
    only = list(narrowed.values())
    page = list_people(**asked, narrowed=only, sort=sort, cursor=request.GET.get("after", ""))
    context: dict[str, Any] = {
        "rows": [{**row, "person": shown_row(request, row), "role_names": _role_names(row)} for row in page.rows],
        "cursor": page.cursor,
        "columns": column_labels(),
        **asked,
        "sort": sort,
    }
    if request.htmx and request.GET.get("after"):
        return render(request, "segments/people.html#rows", context)
    total = count_people(**asked, narrowed=only)
    context |= {
        "total": min(total, COUNT_UP_TO),
        "is_more": total > COUNT_UP_TO,
        "orders": [one for one in house.list_orders.values() if identifies or one.name != "name"],
        "roles": Audience.choices,
        "sees_names": identifies,
        "is_filtered": bool(asked["text"] or asked["role"] or narrowed),
        "narrowed": [(name, request.GET[name], one.words) for name, one in narrowed.items()],
        "may_edit": may(request.membership.role, "contacts.edit"),
        "may_import": may(request.membership.role, "contacts.import"),
    }
    return render(request, "segments/people.html#people" if request.htmx else "segments/people.html", context)


@needs("contacts.see")
@require_safe
def list_quality(request: Request) -> HttpResponse:
    """How healthy the list is: each figure with how it is counted, its people, and what can be done."""
    found = quality()
    lines = [
        {"figure": one, "count": count, "share": 100 * count / max(1, found.total if found else 0)}
        for one, count in (found.lines if found else [])
    ]
    context = {"found": found, "lines": lines, "panels": panels_at("quality.after", request, None)}
    return render(request, "segments/quality.html", context)


def _role_names(row: dict[str, Any]) -> list[str]:
    return [str(Audience(role).label) for role in row["roles"] if role in Audience.values]
