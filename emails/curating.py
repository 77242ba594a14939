"""The workspace's pictures: found again, said in words, taken away where no email shows them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from emails.models import BrandKit, LibraryItem, Picture
from emails.uploading import clean_alt
from lib.pages import Page, read_cursor, write_cursor
from lib.rooms import house
from workspaces.auditing import audit
from workspaces.models import User

A_PAGE = 24


class InUseError(ValueError):
    """The picture stands in emails, or in the brand kit: it stays."""


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a picture stands: in how many drafts, in how many emails that are approved or out, in the brand kit,
    at how many things of the library.
    """

    drafts: int = 0
    fixed: int = 0
    is_in_kit: bool = False
    items: int = 0

    @property
    def is_used(self) -> bool:
        """Whether it stands anywhere."""
        return bool(self.drafts or self.fixed or self.is_in_kit or self.items)


def find_pictures(query: str = "", *, cursor: str = "", a_page: int = A_PAGE) -> Page[Picture]:
    """Pictures whose name or alt text holds each word of `query`, newest first, without their bytes. One query."""
    rows = matching(query)
    if key := read_cursor(cursor, datetime, int):
        rows = rows.filter(Q(made_at__lt=key[0]) | Q(made_at=key[0], pk__lt=key[1]))
    found = list(rows.order_by("-made_at", "-pk")[: a_page + 1])
    shown = found[:a_page]
    more = write_cursor(shown[-1].made_at.isoformat(), shown[-1].pk) if len(found) > a_page else ""
    return Page(shown, more)


def matching(query: str) -> QuerySet[Picture]:
    """Pictures whose name or alt text holds each word of `query`, without their bytes."""
    rows = Picture.objects.defer("data")
    for word in query.split()[:10]:
        rows = rows.filter(Q(name__icontains=word) | Q(alt__icontains=word))
    return rows


def uses_of(pictures: Iterable[Picture]) -> Mapping[int, Uses]:
    """Picture → where it stands, each of them. Three queries, however many there are."""
    shown = list(pictures)
    in_kit = {one for pair in BrandKit.objects.values_list("logo_id", "dark_logo_id") for one in pair}
    things = Counter(LibraryItem.objects.filter(picture__in=shown).values_list("picture_id", flat=True))
    drafts, fixed = defaultdict[str, int](int), defaultdict[str, int](int)
    for uses in house.picture_users:
        for fingerprint, use in uses([one.fingerprint for one in shown]).items():
            drafts[fingerprint] += use.drafts
            fixed[fingerprint] += use.fixed
    return {
        one.pk: Uses(drafts[one.fingerprint], fixed[one.fingerprint], one.pk in in_kit, things[one.pk]) for one in shown
    }


def change_alt(picture: Picture, alt: str, *, by: User | None) -> None:
    """It is said in these words wherever nobody says otherwise; an email that is written already keeps its own."""
    picture.alt = clean_alt(alt)
    picture.save(update_fields=["alt"])
    audit("picture.described", by=by, target=picture)


@transaction.atomic
def remove_picture(picture: Picture, *, by: User | None) -> None:
    """It is gone. InUseError where a draft, an email that is approved or out, the brand kit or the library shows it: it stays.

    Whoever puts it into the kit at this moment waits, and is told that it is gone.
    """
    held = Picture.objects.select_for_update().defer("data").filter(pk=picture.pk).first()
    if held is None:
        return
    if uses_of([held])[held.pk].is_used:
        raise InUseError
    audit("picture.removed", by=by, target=held)
    held.delete()
