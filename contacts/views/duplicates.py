"""Contacts that may be one person: the queue, one pair side by side, the decision and its undo."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.duplicates.comparing import Joining, compare_fields, proposed_survivor
from contacts.duplicates.deciding import NotThereError, merge_contacts, part, undo_merge
from contacts.duplicates.finding import WORK
from contacts.duplicates.words import how_likely, in_short, reasons, values_of
from contacts.merging import survivors_of
from contacts.models import DuplicatePair, MergeRecord
from contacts.showing import shown
from lib.asked import whole_number
from workspaces.agenda import set_due
from workspaces.models import User
from workspaces.panels import panels_at
from workspaces.permissions import needs
from workspaces.requests import Request

SHOWN, SHOWN_MERGES = 20, 10


@needs("contacts.edit")
@require_safe
def duplicates(request: Request) -> HttpResponse:
    """The pairs that wait, likeliest first, and one of them side by side; `?stay=` says who stays."""
    waiting = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN).select_related("left", "right")
    rows = list(waiting.order_by("-score_milli", "pk")[: SHOWN + 1])
    asked = whole_number(request.GET.get("pair", "")) or 0
    chosen = next((one for one in rows if one.pk == asked), None) or waiting.filter(pk=asked).first()
    chosen = chosen or (rows[0] if rows else None)
    context: dict[str, Any] = {
        "rows": [_line(request, one) for one in rows[:SHOWN]],
        "is_more": len(rows) > SHOWN,
        "total": waiting.count(),
        "merges": _merged_lately(request),
    }
    if chosen:
        context |= _side_by_side(request, chosen)
    return render(request, "contacts/duplicates.html", context)


@needs("contacts.edit")
@require_POST
def merge(request: Request, pk: int) -> HttpResponse:
    """The pair becomes one person: `stay` keeps theirs but the fields of `take`."""
    pair = get_object_or_404(DuplicatePair, pk=pk)
    stay = whole_number(request.POST.get("stay", ""))
    if stay not in {pair.left_id, pair.right_id}:
        stay = proposed_survivor(pair.left, pair.right)
    other = pair.right_id if stay == pair.left_id else pair.left_id
    names = {
        key.removeprefix("take-") for key, value in request.POST.items() if key.startswith("take-") and value == "on"
    }
    try:
        merge_contacts(stay, other, by=request.user, take=names, score_milli=pair.score_milli)
    except NotThereError:
        messages.error(request, _("Nothing was changed: one of the two is no contact of its own any more."))
    else:
        messages.success(request, _("Merged. Below you can take it back at any time."))
    return redirect("contacts:duplicates")


@needs("contacts.edit")
@require_POST
def not_the_same(request: Request, pk: int) -> HttpResponse:
    """These are two people."""
    pair = get_object_or_404(DuplicatePair, pk=pk)
    if pair.state == DuplicatePair.State.MERGED:
        messages.error(request, _("Nothing was changed: they are merged. Undo the merge below."))
        return redirect("contacts:duplicates")
    part(pair, by=request.user)
    messages.success(request, _("Remembered: two people. We ask again only if new evidence comes."))
    return redirect("contacts:duplicates")


@needs("contacts.edit")
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """A merge is taken back."""
    if undo_merge(get_object_or_404(MergeRecord, pk=pk), by=request.user):
        messages.success(request, _("Taken back: both are people of their own again, each with what was theirs."))
    else:
        messages.info(request, _("This merge was taken back already."))
    return redirect("contacts:duplicates")


@needs("contacts.edit")
@require_POST
def search(request: Request) -> HttpResponse:
    """Compare everybody now; a worker does it."""
    set_due(WORK)
    messages.success(request, _("The search runs in the background. Its pairs appear here when it is done."))
    return redirect("contacts:duplicates")


def _line(request: Request, pair: DuplicatePair) -> dict[str, Any]:
    return {
        "pair": pair,
        "left": shown(request, pair.left),
        "right": shown(request, pair.right),
        "score": pair.score_milli / 1000,
        "likely": how_likely(pair),
        "short": in_short(pair),
    }


def _side_by_side(request: Request, pair: DuplicatePair) -> dict[str, Any]:
    stay = whole_number(request.GET.get("stay", ""))
    if stay not in {pair.left_id, pair.right_id}:
        stay = proposed_survivor(pair.left, pair.right)
    survivor, loser = (pair.left, pair.right) if stay == pair.left_id else (pair.right, pair.left)
    fields = compare_fields(survivor, loser)
    same = [one for one in fields if one.is_same]
    told = reasons(pair, values_of(survivor, loser))
    return {
        "chosen": pair,
        "score": pair.score_milli / 1000,
        "likely": how_likely(pair),
        "short": in_short(pair),
        "speaks_for": [one for one in told if one.milli > 0],
        "speaks_against": [one for one in told if one.milli <= 0],
        "survivor": survivor,
        "loser": loser,
        "stays": shown(request, survivor),
        "folded": shown(request, loser),
        "fields": [one for one in fields if not one.is_same],
        "same_fields": ", ".join(str(one.label) for one in same),
        "after_panels": panels_at("duplicates.after", request, Joining(survivor, loser)),
    }


def _merged_lately(request: Request) -> list[dict[str, Any]]:
    records = list(MergeRecord.objects.select_related("loser", "survivor").order_by("-at", "-pk")[:SHOWN_MERGES])
    stands = survivors_of({one.loser_id for one in records})
    by = {one.by_id or 0 for one in records} | {one.undone_by_id or 0 for one in records}
    names = dict(User.objects.filter(pk__in=by).values_list("pk", "name"))
    return [
        {
            "record": one,
            "survivor": shown(request, one.survivor),
            "loser": shown(request, one.loser),
            "by": names.get(one.by_id or 0, _("by itself")),
            "undone_by": names.get(one.undone_by_id or 0, ""),
            "stands": one.undone_at is None and stands.get(one.loser_id) != one.loser_id,
        }
        for one in records
    ]
