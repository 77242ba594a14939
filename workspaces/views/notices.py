"""What a member was told of: the list behind the bell."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from lib.pages import read_cursor, write_cursor
from workspaces.models import Membership, Notice
from workspaces.notices import noticing
from workspaces.notices.browsers import browsers_of
from workspaces.permissions import needs
from workspaces.requests import Request

PAGE_ROWS = 40


@require_safe
@needs("home.see")
def notices(request: Request) -> HttpResponse:
    """The newest first; what was not seen is marked."""
    rows = Notice.objects.filter(user_id=request.user.pk or 0).order_by("-pk")
    if key := read_cursor(request.GET.get("after", ""), int):
        rows = rows.filter(pk__lt=key[0])
    page = list(rows[: PAGE_ROWS + 1])
    shown = page[:PAGE_ROWS]
    context = {
        "told": noticing.tell(shown, request.membership.role),
        "has_unseen": any(row.seen_at is None for row in shown),
        "cursor": write_cursor(shown[-1].pk) if len(page) > PAGE_ROWS else "",
        "mails": request.membership.mails_notices,
        "browsers": list(browsers_of(request.membership.user_id)),
    }
    return render(request, "workspaces/notices.html", context)


@require_safe
@needs("home.see")
def open_notice(request: Request, pk: int) -> HttpResponse:
    """To what it is about; it is seen from then on."""
    row = get_object_or_404(Notice, pk=pk, user_id=request.user.pk or 0)
    noticing.see(row.user_id, pk=row.pk)
    told = noticing.tell([row], request.membership.role)
    return redirect(told[0].url if told else "workspaces:notices")


@require_POST
@needs("home.see")
def see_all(request: Request) -> HttpResponse:
    """Nothing is new any more."""
    noticing.see(request.user.pk or 0)
    return redirect("workspaces:notices")


@require_POST
@needs("home.see")
def mail_choice(request: Request) -> HttpResponse:
    """Whether this member is mailed what they have not seen."""
    Membership.objects.filter(pk=request.membership.pk).update(mails_notices="mails" in request.POST)
    return redirect("workspaces:notices")
