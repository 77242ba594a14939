"""What a message's blocks chose for its readers, on its way out: remembered, with links that are counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from delivery.content.addressing import CLICK
from delivery.content.link_parameters import with_parameters
from delivery.content.linking import FIRST_PICKED
from delivery.models import Message, TrackedLink
from emails.blocks.picks import PICKS
from emails.library.knowing import living_tags
from emails.library.picking import pick_blocks
from emails.library.remembering import keep_picks, picks_went_out
from emails.models import LibraryItem
from engagement.models import LinkTag
from lib.signing import make_numbered_token
from workspaces.current import OpenWorkspace

Fields = Mapping[int, dict[str, Any]]
MOST_LINKS = 30_000  # of one message; what comes after leads there uncounted


def take_picks(message: Message, workspace: OpenWorkspace, occasion: int, fields: Fields) -> None:
    """Remember what is in the fields of these people, and have its links counted. Call where the message is claimed.

    A few statements, whatever the number; none for a message without such a block.
    """
    if not pick_blocks(message.content.blocks):
        return
    picks = {one: known[PICKS] for one, known in fields.items() if known.get(PICKS)}
    if message.link_parameters and not (workspace.tracks_mail and message.is_measured):
        for who, found in picks.items():
            fields[who][PICKS] = {block: [_told(message, one) for one in rows] for block, rows in found.items()}
    if workspace.tracks_mail and message.is_measured:
        shown = {one["item"]: one for found in picks.values() for block in found.values() for one in block}
        numbers = _numbers(message, {one["link"]: one["title"] for one in shown.values()})
        for who, found in picks.items():
            fields[who][PICKS] = {
                block: [_counted(workspace, message, who, one, numbers.get(one["link"])) for one in rows]
                for block, rows in found.items()
            }
    keep_picks(message.pk, occasion, picks)


def tell_picked(message: Message, occasion: int, sent: Mapping[int, datetime | None]) -> None:
    """The message went out to these people: what it held counts as shown. No statement for a message without."""
    if pick_blocks(message.content.blocks):
        picks_went_out(message.pk, occasion, sent)


def _told(message: Message, one: dict[str, Any]) -> dict[str, Any]:
    """With what the message adds to its links."""
    return one | {"link": with_parameters(one["link"], message.link_parameters)}


def _counted(
    workspace: OpenWorkspace, message: Message, who: int, one: dict[str, Any], number: int | None
) -> dict[str, Any]:
    if number is None:
        return one
    token = make_numbered_token(CLICK, workspace.pk, message.pk, who, number)
    return one | {"link": f"{settings.ECRM_URL}/c/{token}"}


def _numbers(message: Message, wanted: Mapping[str, str]) -> dict[str, int]:
    """Address → its number in this message, above those that stand in its text. One statement, five for new ones."""
    leads_to = {url: with_parameters(url, message.link_parameters) for url in wanted}
    known = _known(message, leads_to)
    new = [one for one in wanted if one not in known]
    if not new:
        return known
    last = TrackedLink.objects.filter(message=message).order_by("-number").values_list("number", flat=True).first() or 0
    first = max(last + 1, FIRST_PICKED)
    rows = [
        TrackedLink(message=message, number=number, url=leads_to[url], label=wanted[url])
        for number, url in enumerate(new[: max(0, MOST_LINKS - first)], first)
    ]
    TrackedLink.objects.bulk_create(rows, ignore_conflicts=True)  # of two workers at once one leaves some uncounted
    found = _known(message, leads_to)
    _tag({found[url]: url for url in new if url in found}, message)
    return found


def _tag(links: Mapping[int, str], message: Message) -> None:
    """A click on one of these says something of its reader: the links are about what the things are about."""
    tags = dict(LibraryItem.objects.filter(url__in=links.values()).values_list("url", "tags"))
    living = living_tags(tag for mine in tags.values() for tag in mine)
    LinkTag.objects.bulk_create(
        [
            LinkTag(message_id=message.pk, number=number, tag_id=tag)
            for number, url in links.items()
            for tag in {living[one] for one in tags.get(url, ()) if one in living}
        ],
        ignore_conflicts=True,
    )


def _known(message: Message, leads_to: Mapping[str, str]) -> dict[str, int]:
    rows = TrackedLink.objects.filter(message=message, number__gte=FIRST_PICKED, url__in=list(leads_to.values()))
    numbers = dict(rows.values_list("url", "number"))
    return {url: numbers[target] for url, target in leads_to.items() if target in numbers}
