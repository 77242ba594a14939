"""The demo's library: a dozen things, and a draft newsletter that chooses three of them for each reader."""

from datetime import datetime, timedelta

from campaigns.composing import compose
from campaigns.keeping_in_library import keep_in_library
from campaigns.models import Campaign, Programme
from consent.models import Topic
from delivery.drafting import change_email
from delivery.models import Message, Sender
from emails.blocks.brand import BrandBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.picks import PicksBlock
from emails.blocks.text import TextBlock
from emails.library.keeping import keep_item
from emails.models import LibraryItem, Picture
from segments.models import Segment
from workspaces.current import current_workspace
from workspaces.models import User

Kind = LibraryItem.Kind
# (kind, title, teaser, address, interests, picture, published so many days ago)
ITEMS = (
    (Kind.ARTICLE, "Slow water", "Why the second pour decides. 4 minutes.", "journal/slow-water", ["Oolong", "Brewing"], "teapot", 5),
    (Kind.ARTICLE, "Cold evenings, an oolong", "What to drink when it is dark at four.", "journal/cold-evenings", ["Oolong"], "cup", 12),
    (Kind.ARTICLE, "Why a gooseneck pours slower", "A spout, explained. 3 minutes.", "journal/gooseneck", ["Brewing", "Kettles"], "teapot", 20),
    (Kind.ARTICLE, "The first flush, tasted", "Eleven gardens, one morning.", "journal/first-flush", ["Darjeeling"], "leaves", 31),
    (Kind.ARTICLE, "A table for four", "How to set one in ten minutes.", "journal/table", ["Hosting"], "table", 44),
    (Kind.PODCAST, "The leaf and the kettle, 12", "With a potter from Halle. 26 minutes.", "podcast/12", ["Kettles", "Hosting"], "table", 9),
    (Kind.PODCAST, "The leaf and the kettle, 11", "A grower on frost. 31 minutes.", "podcast/11", ["Darjeeling"], "leaves", 37),
    (Kind.VIDEO, "Gongfu in six minutes", "Small pot, many cups.", "video/gongfu", ["Oolong", "Brewing"], "teapot", 16),
    (Kind.VIDEO, "How a tin is filled", "From the sack to the lid.", "video/tin", ["Assam"], "tin", 52),
    (Kind.OFFER, "Assam, second flush", "€ 14, 100 g", "tea/assam-second-flush", ["Assam"], "tin", 3),
    (Kind.OFFER, "Winter box", "Twelve small tins, € 39", "box/winter", ["Assam", "Oolong"], "tin", 7),
    (Kind.WEBINAR, "Tasting at home", "An evening online, with four small tins.", "evenings/online", ["Hosting", "Darjeeling"], "cup", 2),
)  # fmt: skip


EARLIER = (("Cold brew, three ways", ["Brewing"]), ("How we picked the first flush", ["Darjeeling"]))


def make_library(midnight: datetime, owner: User) -> None:
    """The things, and the draft; one brand has a library, the other's is empty."""
    pictures = {one.name: one.pk for one in Picture.objects.only("name")}
    for kind, title, teaser, path, interests, picture, days in ITEMS:
        facts = {
            "kind": kind.value,
            "title": title,
            "teaser": teaser,
            "url": f"https://kettle.example/{path}",
            "picture_id": pictures.get(picture),
            "published_at": midnight - timedelta(days=days),
            "starts_at": midnight + timedelta(days=19, hours=19) if kind == Kind.WEBINAR else None,
        }
        keep_item(None, facts, tags=interests, by=owner)
    _keep_earlier_emails(owner)
    _draft(owner)


def _keep_earlier_emails(owner: User) -> None:
    """Two that went out months ago stand in the library, with pages of their own."""
    for name, interests in EARLIER:
        for campaign in Campaign.objects.filter(message__name=name, message__planned_at__isnull=False)[:1]:
            keep_in_library(campaign, current_workspace(), by=owner, tags=interests)


def _draft(owner: User) -> None:
    campaign = compose(
        created_by_id=owner.pk,
        name="Three for a cold week",
        programme=Programme.objects.order_by("pk").first(),
        segment=Segment.objects.filter(name="Everybody with the newsletter").first(),
        topic=Topic.objects.get(key="letter"),
        sender=Sender.objects.order_by("pk").first(),
        purpose=Message.Purpose.SUBSCRIBED,
        subject="Three for a cold week",
        body="",
    )
    blocks = [
        BrandBlock(id="b1"),
        HeadingBlock(id="b2", text="Three for a cold week"),
        TextBlock(id="b3", html="<p>Chosen for you from the journal, the shop and the podcast.</p>"),
        PicksBlock(id="b4", heading="Three for you"),
    ]
    change_email(campaign.message.content, blocks, based_on=1, by_id=owner.pk)
