"""Who was shown which things of the library, by which message: written when a message is made ready, counted once it
went out. A worker that is killed between the two has shown nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from emails.models import ShownItem
from lib.clock import now
from lib.personal import plain_rows
from lib.sql import array_of, array_of_moments, array_of_texts, read_sql, run_prepared
from workspaces.current import current_workspace_id

Picks = Mapping[int, Mapping[str, Sequence[Mapping[str, Any]]]]  # contact → block → what it shows (picking.py)


def keep_picks(message_id: int, occasion: int, picks: Picks) -> None:
    """This is on its way to them. May be repeated. One statement, none when nobody gets any."""
    rows = [
        (who, one["item"], block, place)
        for who, found in picks.items()
        for block, shown in found.items()
        for place, one in enumerate(shown)
    ]
    if not rows:
        return
    contacts, items, blocks, places = zip(*rows, strict=True)
    params = {
        "contacts": array_of(contacts),
        "items": array_of(items),
        "blocks": array_of_texts(blocks),
        "places": array_of(places),
        "at": now(),
    }
    run_prepared(read_sql("emails/keep_picks"), _of(message_id, occasion) | params)


def picks_went_out(message_id: int, occasion: int, sent: Mapping[int, datetime | None]) -> None:
    """The message went out to these contacts at these moments. May be repeated. One statement, none for nobody."""
    if not sent:
        return
    moments = array_of_moments(at or now() for at in sent.values())
    params = {"contacts": array_of(sent), "moments": moments}
    run_prepared(read_sql("emails/picks_sent"), _of(message_id, occasion) | params)


def note_clicks(clicks: Sequence[tuple[int, int, str, datetime]]) -> None:
    """(contact, message, address, moment) of clicks by people: who opened a thing is not shown it again. One statement."""
    if not clicks:
        return
    contacts, messages, urls, moments = zip(*clicks, strict=True)
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(contacts),
        "messages": array_of(messages),
        "urls": array_of_texts(urls),
        "moments": array_of_moments(moments),
    }
    run_prepared(read_sql("emails/items_clicked"), params)


def gather_shown(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each thing they were shown or opened, and when."""
    rows = ShownItem.objects.filter(contact__in=ids)
    titles = dict(rows.values_list("item_id", "item__title"))
    for entry in plain_rows(rows, leave_out={"block", "place", "occasion", "picked_at"}):
        yield {**entry, "item": titles[entry["item"]]}


def erase_shown(ids: Sequence[int]) -> int:
    """All of it."""
    return ShownItem.objects.filter(contact__in=ids).delete()[0]


def _of(message_id: int, occasion: int) -> dict[str, Any]:
    return {"workspace": current_workspace_id(), "message": message_id, "occasion": occasion}
