"""How an email of blocks begins: from a template, from an empty page, from words that somebody has, from an earlier email."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from campaigns.models import Campaign
from delivery.drafting import Saved, change_email
from delivery.models import Content
from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.text import TextBlock
from emails.gallery.beginning import STARTING_POINTS, UnknownStartingPointError, begin
from emails.gallery.points import StartingPoint
from emails.pasting import blocks_of
from emails.reading import BadBlocksError, new_id, read_blocks

MOST_EARLIER = 30


class NothingToBeginWithError(ValueError):
    """No words were given; the text says so."""


def empty_page() -> list[Block]:
    """The brand, and room to write."""
    return [BrandBlock(id=new_id()), TextBlock(id=new_id(), html="<p>…</p>")]


def templates() -> list[tuple[StartingPoint, int]]:
    """The starting templates, and how many blocks each has."""
    return [(one, len(begin(one.key))) for one in STARTING_POINTS.values()]


def from_template(key: str, *, writer: str = "") -> list[Block]:
    """One of the starting templates, signed by `writer`. NothingToBeginWithError."""
    try:
        return begin(key, writer=writer)
    except UnknownStartingPointError as error:
        raise NothingToBeginWithError(_("There is no such template.")) from error


def from_words(words: str) -> list[Block]:
    """The brand, and what was pasted. NothingToBeginWithError."""
    found = blocks_of(words)
    if not found:
        raise NothingToBeginWithError(_("There are no words in what you pasted."))
    return [BrandBlock(id=new_id()), *found]


def from_earlier(pk: int) -> list[Block]:
    """What another email is made of. NothingToBeginWithError."""
    content = _content_of(pk)
    try:
        found = read_blocks(content.blocks) if content else []
    except BadBlocksError as error:
        raise NothingToBeginWithError(str(error)) from error
    if not found:
        raise NothingToBeginWithError(_("This email is not made of blocks."))
    return found


def earlier_emails(besides: Campaign) -> Sequence[Campaign]:
    """Campaigns made of blocks, newest first."""
    made = Campaign.objects.seen().filter(message__content__body_format=Content.Format.BLOCKS).exclude(pk=besides.pk)
    return list(made.exclude(message__content__blocks="").select_related("message").order_by("-pk")[:MOST_EARLIER])


def begin_with(campaign: Campaign, blocks: Sequence[Block], *, by_id: int) -> Saved:
    """These blocks are the email now; what it was before is in its history. BadBlocksError, NotADraftError."""
    content = campaign.message.content
    return change_email(content, blocks, based_on=content.version, by_id=by_id)


def _content_of(campaign_id: int) -> Content | None:
    found = Campaign.objects.filter(pk=campaign_id).select_related("message__content").first()
    return found.message.content if found else None
