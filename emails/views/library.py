"""The library's pages: the list, a new thing from its address or by hand, one thing."""

from time import monotonic
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emails.library.calendar_files import calendar_address
from emails.library.finding import Wanted, find_items, reach_of
from emails.library.forms import ItemForm
from emails.library.from_links import SECONDS, NotReadError, Told, fetch_picture, keep_fetched, read_link
from emails.library.keeping import BadItemError, archive_item, keep_item, remove_item
from emails.library.knowing import tag_choices
from emails.models import LibraryItem
from emails.pictures import path_of
from lib.asked import whole_number
from lib.written_meanwhile import held
from workspaces.permissions import may, needs
from workspaces.requests import Request

LONGEST_QUERY = 100


@needs("campaigns.see")
@require_safe
def items(request: Request) -> HttpResponse:
    """Everything in the library, newest first; `?q=`, `?kind=`, `?tag=`, `?archived=1` narrow it."""
    asked = request.GET
    wanted = Wanted(
        asked.get("q", "").strip()[:LONGEST_QUERY],
        asked.get("kind", ""),
        whole_number(asked.get("tag", "")) or 0,
        "archived" in asked,
    )
    page = find_items(wanted, cursor=asked.get("after", ""))
    reach, tags = reach_of(page.rows), dict(tag_choices())
    context = {
        "rows": [_row(one, reach, tags) for one in page.rows],
        "cursor": page.cursor,
        "wanted": wanted,
        "kinds": LibraryItem.Kind.choices,
        "tags": tags.items(),
        "is_narrowed": bool(wanted.query or wanted.kind or wanted.tag or wanted.is_archived),
        "can_edit": may(request.membership.role, "campaigns.edit"),
    }
    is_part = request.htmx and not request.htmx.boosted
    return render(request, f"emails/library.html{'#found' if is_part else ''}", context)


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """A new thing; POST with `from` asks its page and fills the form, POST of the form keeps it."""
    if request.method == "POST" and "from" in request.POST:
        return _from_link(request, request.POST["from"])
    return _edit(request, None)


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: Request, pk: int) -> HttpResponse:
    """One thing, changed."""
    return _edit(request, get_object_or_404(held(LibraryItem.objects.all(), request), pk=pk))


@needs("campaigns.edit")
@require_POST
def archive(request: Request, pk: int) -> HttpResponse:
    """Put it aside, or (`again`) offer it again."""
    found, again = get_object_or_404(LibraryItem, pk=pk), "again" in request.POST
    archive_item(found, by=request.user, is_active=again)
    messages.success(request, _("It is offered again.") if again else _("Put aside. No email shows it from now on."))
    return redirect("emails:library")


@needs("campaigns.edit")
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """It goes for good."""
    remove_item(get_object_or_404(LibraryItem, pk=pk), by=request.user)
    messages.success(request, _("It is gone. Emails that went out keep their links."))
    return redirect("emails:library")


def _from_link(request: Request, url: str) -> HttpResponse:
    """The form, filled with what the page says of itself. Page and picture take eight seconds at most together."""
    ends_at = monotonic() + SECONDS
    try:
        told = read_link(url, ends_at)
    except NotReadError as error:
        form = ItemForm(initial={"url": url.strip()[:600]})
        return _page(request, form, None, {"trouble": str(error)}, status=422)
    picture = keep_fetched(fetch_picture(told.picture_url, ends_at), name=told.title, by_id=request.user.pk)
    return _page(request, ItemForm(initial=_initial(told, picture.pk if picture else None)), None, {"is_told": True})


def _initial(told: Told, picture: int | None) -> dict[str, Any]:
    said = {name: getattr(told, name) for name in ("url", "title", "teaser", "kind", "language")}
    return said | {"picture": picture}


def _edit(request: Request, found: LibraryItem | None) -> HttpResponse:
    form = ItemForm(request.POST or None, item=found)
    if request.method == "POST" and form.is_valid():
        try:
            keep_item(found, form.facts(), tags=form.tags(), by=request.user)
        except BadItemError as error:
            form.add_error({"tags": "interests"}.get(error.field, error.field), str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("emails:library")
    return _page(request, form, found, {}, status=422 if request.method == "POST" else 200)


def _page(
    request: Request, form: ItemForm, found: LibraryItem | None, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "item": found}
    if found:
        context |= {"calendar": calendar_address(found), "shown": reach_of([found]).get(found.pk, (0, 0))}
    return render(request, "emails/library/item.html", context | more, status=status)


def _row(one: LibraryItem, reach: dict[int, tuple[int, int]], tags: dict[int, str]) -> dict[str, Any]:
    shown, opened = reach.get(one.pk, (0, 0))
    return {
        "item": one,
        "picture": path_of(one.picture) if one.picture else "",
        "tags": [tags[tag] for tag in one.tags if tag in tags],
        "shown": shown,
        "opened": opened,
    }
