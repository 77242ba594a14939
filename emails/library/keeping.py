"""Taking things into the library, changing them, putting them aside, taking them away."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from emails.models import LibraryItem, Picture
from engagement.interests.reading import tags_for
from lib.clock import is_storable, now
from lib.foreign.cleaning import to_line
from workspaces.auditing import audit
from workspaces.models import User

FIELDS = (
    "kind", "title", "teaser", "url", "picture_id", "language", "published_at", "starts_at", "expires_at", "source",
    "message_id",
)  # fmt: skip
MOMENTS = ("published_at", "starts_at", "expires_at")
MOST_TAGS, LONGEST_URL, LONGEST_LANGUAGE = 12, 600, 10


class BadItemError(ValueError):
    """Nothing was kept: `field` says where, the text why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def keep_item(
    item: LibraryItem | None, facts: Mapping[str, Any], *, tags: Collection[str] | None = None, by: User | None
) -> LibraryItem:
    """A new thing, or this one with these facts (FIELDS) and tags by name, made if need be; None: as they are.

    BadItemError, and nothing is kept: no title, no address of the web, one that is in the library already.
    """
    kept = item or LibraryItem(made_by_id=by.pk if by else None)
    for name in FIELDS:
        if name in facts:
            setattr(kept, name, facts[name])
    _check(kept)
    if tags is not None:
        if len(tags) > MOST_TAGS:
            raise BadItemError("tags", _("At most %(n)d interests.") % {"n": MOST_TAGS})
        kept.tags = sorted({tag.pk for tag in tags_for(list(tags)).values()})
    kept.changed_at = now()
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as error:
        raise BadItemError("url", _("This address is in the library already.")) from error
    audit("library.changed" if item else "library.made", by=by, target=kept)
    return kept


def archive_item(item: LibraryItem, *, by: User | None, is_active: bool = False) -> None:
    """No email that is yet to leave shows it; or it is offered again."""
    item.is_active, item.changed_at = is_active, now()
    item.save(update_fields=["is_active", "changed_at"])
    audit("library.restored" if is_active else "library.archived", by=by, target=item)


@transaction.atomic
def remove_item(item: LibraryItem, *, by: User | None) -> None:
    """It is gone, and so is who was shown it. Emails that went out keep their links."""
    audit("library.removed", by=by, target=item)
    item.delete()


def _check(item: LibraryItem) -> None:
    item.title, item.teaser = to_line(item.title, 200), to_line(item.teaser, 300)
    item.url, item.language = item.url.strip(), item.language.strip()
    if not item.title:
        raise BadItemError("title", _("It needs a title."))
    is_web = item.url.lower().startswith(("http://", "https://")) and not set(item.url) & set(" \t\r\n\"'<>{}\\\0")
    if not is_web or len(item.url) > LONGEST_URL:
        raise BadItemError("url", _("Write the whole address, such as https://kettle.example/journal/slow-water."))
    if item.kind not in LibraryItem.Kind.values:
        raise BadItemError("kind", _("There is no such kind."))
    if len(item.language) > LONGEST_LANGUAGE:
        raise BadItemError("language", _("Write a language as en or de."))
    if item.picture_id is not None and not Picture.objects.filter(pk=item.picture_id).exists():
        raise BadItemError("picture", _("This picture is gone."))
    if not isinstance(item.published_at, datetime):
        item.published_at = now()
    for name in MOMENTS:
        moment = getattr(item, name)
        if moment is not None and not is_storable(moment):
            raise BadItemError(name, _("Choose a date from 1900 to 2200."))
