"""Things of the library found again: by words, kind, tag and state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from emails.library.catalogue import offered
from emails.models import LibraryItem, ShownItem
from lib.pages import Page, read_cursor, write_cursor
from workspaces.permissions import may

A_PAGE = 50
MOST_FOUND = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty: everything that is not put aside."""

    query: str = ""
    kind: str = ""
    tag: int = 0
    is_archived: bool = False


def matching(wanted: Wanted) -> QuerySet[LibraryItem]:
    """The things that fit."""
    rows = LibraryItem.objects.filter(is_active=not wanted.is_archived)
    for word in wanted.query.split()[:10]:
        rows = rows.filter(Q(title__icontains=word) | Q(teaser__icontains=word) | Q(url__icontains=word))
    if wanted.kind in LibraryItem.Kind.values:
        rows = rows.filter(kind=wanted.kind)
    return rows.filter(tags__contains=[wanted.tag]) if wanted.tag else rows


def find_items(wanted: Wanted, *, cursor: str = "") -> Page[LibraryItem]:
    """A page of them, the newest first. One query."""
    rows = matching(wanted)
    if key := read_cursor(cursor, datetime, int):
        rows = rows.filter(Q(published_at__lt=key[0]) | Q(published_at=key[0], pk__lt=key[1]))
    found = list(rows.select_related("picture").defer("picture__data").order_by("-published_at", "-pk")[: A_PAGE + 1])
    shown = found[:A_PAGE]
    more = write_cursor(shown[-1].published_at.isoformat(), shown[-1].pk) if len(found) > A_PAGE else ""
    return Page(shown, more)


def reach_of(items: Sequence[LibraryItem]) -> dict[int, tuple[int, int]]:
    """Item → (people who were shown it, people who opened it). One query."""
    rows = ShownItem.objects.filter(item__in=items).values_list("item_id")
    sent, clicked = Q(sent_at__isnull=False), Q(clicked_at__isnull=False)
    counted = rows.annotate(
        shown=Count("contact", distinct=True, filter=sent), opened=Count("contact", distinct=True, filter=clicked)
    )
    return {item: (shown, opened) for item, shown, opened in counted}


def kind_choices() -> list[tuple[str, str]]:
    """The kinds, each with how many things are offered now. One query."""
    counts = dict(offered().order_by().values_list("kind").annotate(count=Count("pk")))
    return [(value, f"{label} · {counts.get(value, 0)}") for value, label in LibraryItem.Kind.choices]


def find_in_palette(request: HttpRequest, words: str) -> list[dict[str, Any]]:
    """Things whose title holds the words."""
    if not may(request.membership.role, "campaigns.see"):  # type: ignore[attr-defined]
        return []
    return [
        {"name": one.title, "url": reverse("emails:item", args=[one.pk]), "icon": "bookmark", "hint": _("Library")}
        for one in LibraryItem.objects.filter(title__icontains=words, is_active=True).order_by("-pk")[:MOST_FOUND]
    ]
