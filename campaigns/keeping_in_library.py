"""Keeping an email in the library: a page of its own that anybody may read, and an item that other emails can show."""

import copy
import re
import secrets
from collections.abc import Collection, Mapping
from html import escape
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.experiments.setting_up import experiment_of, first_of, versions_of
from campaigns.models import Campaign
from contacts.channels import Channel
from delivery.content.compiling import Written
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.sandbox import try_out
from delivery.models import Message
from delivery.senders import carries_words, channel_of
from emails.blocks.picks import PICKS
from emails.drawing import SHOWN
from emails.library.keeping import keep_item, remove_item
from emails.library.picking import newest_for
from emails.models import HostedEmail, LibraryItem
from emails.offers.reading import OFFER
from emails.tagging import tags_of_links
from lib.clock import now
from lib.foreign.cleaning import to_line
from lib.links import public_link
from workspaces.auditing import audit
from workspaces.current import OpenWorkspace
from workspaces.models import User

RELATED = ("content",)
TITLE = re.compile(r"<title>.*?</title>", re.DOTALL | re.IGNORECASE)


class NotKeptError(ValueError):
    """Nothing was kept; the text says why, and what to do."""


@transaction.atomic
def keep_in_library(
    campaign: Campaign, workspace: OpenWorkspace, *, by: User | None, tags: Collection[str] | None = None, **facts: Any
) -> LibraryItem:
    """The email stands in the library, and anybody who has its address may read it in the browser.

    `facts` are those of an item (title, teaser, language); what is left out is the subject, the preview line, as it was.
    `tags`: names of interests; None: those that its blocks carry, or as they were. Again, the page is drawn anew and its
    address stays. NotKeptError, BadItemError. Locks the message.
    """
    first = first_of(campaign)
    first.message = Message.objects.select_for_update(no_key=True).select_related(*RELATED).get(pk=first.message_id)
    message, written = _version_that_counts(first).message, draw_for_anybody(first, workspace)
    title = to_line(written.subject, 200)
    page = HostedEmail.objects.filter(message_id=first.message_id).first()
    page = page or HostedEmail(message_id=first.message_id, key=secrets.token_urlsafe(16))
    page.title, page.html, page.drawn_at = title, written.html, now()
    page.save()
    item = item_of(first)
    usual = {
        "kind": LibraryItem.Kind.EMAIL.value, "title": title, "teaser": to_line(message.content.preheader, 300),
        "language": message.content.language,
        "published_at": first.message.planned_at or first.message.scheduled_at or now(),
    }  # fmt: skip
    known = {} if item else usual | {"url": address_of(page), "message_id": first.message_id}
    tags = usual_tags(first) if tags is None and item is None else tags
    kept = keep_item(item, known | facts, tags=tags, by=by)
    audit("campaign.kept_in_library", by=by, target=first, item=kept.pk)
    return kept


def draw_for_anybody(campaign: Campaign, workspace: OpenWorkspace) -> Written:
    """The email as its page shows it: of nobody's fields, without blocks that are for some, nothing counted. NotKeptError."""
    _check(campaign)
    message: Message = copy.copy(_version_that_counts(campaign).message)
    message.is_public, message.link_parameters = True, {}
    fields = {"contact": {}, "brand": workspace.name, SHOWN: {}, PICKS: newest_for(message.content.blocks)}
    try:
        written = try_out(message, workspace, fields)
    except MissingFieldError as error:
        raise NotKeptError(_why_not(error.field)) from error
    except BadTemplateError as error:
        raise NotKeptError(str(error)) from error
    if written is None:
        raise RuntimeError("fields were given, so something was written")
    title = f"<title>{escape(to_line(written.subject, 200))}</title>"
    return Written(written.subject, TITLE.sub(lambda _found: title, written.html, count=1), written.text)


def item_of(campaign: Campaign) -> LibraryItem | None:
    """What of the library this email is; None where it is not kept."""
    return LibraryItem.objects.filter(message_id=first_of(campaign).message_id).first()


def can_be_kept(campaign: Campaign) -> bool:
    """Whether it is an email whose words are fixed, and which went out or will at a known moment."""
    message = campaign.message
    is_email = channel_of(message.sender) == Channel.EMAIL and carries_words(message.sender) and not message.is_letter
    goes_out = message.planned_at is not None or message.state == Message.State.SCHEDULED
    return is_email and goes_out and bool(message.content.body)


def usual_tags(campaign: Campaign) -> list[str]:
    """What its blocks are about, by name."""
    tagged: Mapping[str, set[str]] = tags_of_links(campaign.message.content.blocks)
    return sorted({name for names in tagged.values() for name in names})[:12]


def forget_unsent(campaign: Campaign, *, by: User | None) -> None:
    """An email goes back to a draft, or is cancelled, before anybody got it: nobody saw its page yet, and it goes."""
    message = Message.objects.get(pk=campaign.message_id)
    if message.planned_at is not None:
        return
    if item := item_of(campaign):
        remove_item(item, by=by)
    HostedEmail.objects.filter(message_id=message.pk).delete()


def address_of(page: HostedEmail) -> str:
    """Where anybody reads it."""
    return public_link("hosted_email", page.workspace_id, page.key)


def _version_that_counts(campaign: Campaign) -> Campaign:
    """Of a test that was decided the version that won."""
    experiment = experiment_of(campaign)
    if experiment is None or not experiment.winner:
        return campaign
    return next((one for one in versions_of(campaign) if one.variant == experiment.winner), campaign)


def _check(campaign: Campaign) -> None:
    if not can_be_kept(campaign):
        raise NotKeptError(_("Only an email that went out, or waits for its moment, can be kept in the library."))


def _why_not(field: str) -> str:
    if field.partition(".")[0] == OFFER:
        return _("It gives each reader a code of an offer: on a page that anybody reads there is none.")
    return _("It needs {{ %(field)s }}, which a page that anybody reads has not: there is no stand-in.") % {
        "field": field
    }
