"""Composing: a campaign with its message and content, kept as one."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from campaigns.models import Campaign, Programme, StandingCampaign, WorkspaceHoldout
from contacts.channels import Channel
from delivery.drafting import drawn
from delivery.models import Content, Message
from delivery.senders import channel_of
from emails.kits import current_look
from lib.clock import now
from workspaces import agenda
from workspaces.current import current_workspace
from workspaces.owned import hold_single

WORDS = ("subject", "preheader", "body_format")
CONTENT = (*WORDS, "body")
MESSAGE = ("name", "sender", "topic", "purpose")
CAMPAIGN = ("programme", "segment", "holdout_percent", "adds_utm", "intended_at", "hours_later")
MEASURES = "campaigns.measure_everything"  # the work that counts what the workspace's own holdout shows
EVERYTHING = "everything"  # the salt of the workspace's own holdout


@transaction.atomic
def compose(campaign: Campaign | None = None, *, created_by_id: int | None = None, **facts: Any) -> Campaign:
    """Make a campaign, or change one; afterwards campaign, message and content say what `facts` say.

    What is not among the facts stays. The programme's cap and the holdouts go along as data of the message. The caller
    has made sure that it is a draft.
    """
    if campaign is None:
        campaign = Campaign(created_by_id=created_by_id, message=Message(content=Content()))
    elif campaign.pk:
        _refresh(campaign)
    _set(campaign.message.content, facts, CONTENT)
    _set(campaign.message, facts, MESSAGE)
    _set(campaign, facts, CAMPAIGN)
    return keep(campaign)


@transaction.atomic
def keep(campaign: Campaign) -> Campaign:
    """What stands in memory is written: the campaign, its message, its content drawn anew, a version later if other."""
    message, content = campaign.message, campaign.message.content
    is_blocks = content.body_format == Content.Format.BLOCKS
    if is_blocks:
        content.body = drawn(content.blocks, current_look()) if content.blocks else ""
    said = {name: getattr(content, name) for name in (*WORDS, "blocks" if is_blocks else "body")}
    content.version += bool(content.pk) and not Content.objects.filter(pk=content.pk, **said).exists()
    content.changed_at = now()
    content.save()
    message.content_id = content.pk
    message.save()
    campaign.message_id = message.pk
    campaign.save()
    set_limits(campaign)
    return campaign


def hold_draft(pk: int) -> None:
    """Until the transaction ends nobody else changes the campaign: what is read of it now is what one writes over."""
    list(Message.objects.select_for_update(no_key=True).filter(campaigns=pk).values_list("pk"))


def _refresh(campaign: Campaign) -> None:
    """What others wrote since it was read stays: its rows as they stand now, the message's held."""
    campaign.refresh_from_db()
    campaign.message = Message.objects.select_for_update(no_key=True).get(pk=campaign.message_id)
    campaign.message.content = Content.objects.get(pk=campaign.message.content_id)


def set_limits(campaign: Campaign) -> None:
    """The message bears the programme's weekly cap, the holdouts of campaign, programme and workspace, and what its links
    tell. Saves it.

    A topic somebody subscribed to is never withheld: only offers have a holdout. Versions of a test hold back the same
    people.
    """
    message, programme = campaign.message, campaign.programme
    message.cap_group = programme.pk if programme else None
    message.weekly_cap = programme.weekly_cap if programme else None
    is_offer = message.purpose == Message.Purpose.MARKETING
    shares = [(f"campaign-{campaign.variant_of_id or campaign.pk}", campaign.holdout_percent)]
    shares += [(f"programme-{programme.pk}", programme.holdout_percent)] if programme else []
    shares += [(EVERYTHING, workspace_holdout())] if is_offer else []
    message.holdouts = [[salt, percent * 100] for salt, percent in shares if percent and is_offer]
    message.link_parameters = utm_of(campaign) if campaign.adds_utm else {}
    message.save(update_fields=["cap_group", "weekly_cap", "holdouts", "link_parameters"])


def utm_of(campaign: Campaign) -> dict[str, str]:
    """By which names a website's statistics know that somebody comes from it: the brand, the way, the campaign.

    Of a test it is one campaign for all versions, and the content is the version's letter.
    """
    message, first = campaign.message, campaign.variant_of or campaign
    medium = (
        "email" if channel_of(message.sender) == Channel.EMAIL else message.sender.kind if message.sender else "email"
    )
    name = slugify(first.name)[:60] or f"campaign-{first.pk}"
    tells = {"utm_source": current_workspace().slug, "utm_medium": medium, "utm_campaign": name}
    is_tested = first is not campaign or first.versions.exists()
    return tells | ({"utm_content": chr(ord("A") + campaign.variant)} if is_tested else {})


def workspace_holdout() -> int:
    """How many in 100 get no offers at all, whatever the campaign."""
    return WorkspaceHoldout.objects.values_list("percent", flat=True).first() or 0


def hold_holdout() -> None:
    """Until the transaction ends nobody else changes how many get no offers."""
    hold_single(WorkspaceHoldout)


@transaction.atomic
def set_workspace_holdout(percent: int) -> None:
    """So many in 100 get no offers from now on: offers that nobody was planned for yet bear it. Standing ones do too."""
    hold_holdout()
    WorkspaceHoldout.objects.update_or_create(defaults={"percent": percent})
    agenda.set_due(MEASURES)
    for campaign in _open(message__purpose=Message.Purpose.MARKETING):
        set_limits(campaign)


def _open(**which: Any) -> QuerySet[Campaign]:
    """Campaigns that people may still be planned for: those that wait, and those that go out by themselves."""
    waits = Q(message__planned_at=None) | Q(message__is_standing=True)
    return Campaign.objects.filter(waits, **which).select_related("message__sender", "programme")


def follow_programme(programme: Programme) -> None:
    """The programme changed: messages of its campaigns that may still get people bear the new limits."""
    for campaign in _open(programme=programme):
        campaign.programme = programme
        set_limits(campaign)
    Message.objects.filter(cap_group=programme.pk).exclude(planned_at=None).update(weekly_cap=programme.weekly_cap)


@transaction.atomic
def remove_draft(campaign: Campaign) -> None:
    """A draft goes, with its message, its versions and, where no other message shares it, its content.

    One that was to follow a campaign which goes out by itself leaves that one as it runs.
    """
    StandingCampaign.objects.filter(draft=campaign).update(draft=None)
    for version in campaign.versions.select_related("message__content"):
        remove_draft(version)
    message, content = campaign.message, campaign.message.content
    campaign.delete()
    message.delete()
    if not Message.objects.filter(content=content).exists():
        content.delete()


def unsaved(facts: Mapping[str, Any], kept: Campaign | None = None) -> Campaign:
    """A campaign that stands only in a form, to look at it; its blocks are those that are `kept`, no form has them."""
    content = Content(**{name: facts[name] for name in CONTENT if name in facts})
    if kept and content.body_format == Content.Format.BLOCKS:
        content.blocks, content.body = kept.message.content.blocks, kept.message.content.body
    message = Message(pk=0, content=content, **{name: facts[name] for name in MESSAGE if name in facts})
    return Campaign(pk=0, message=message, **{name: facts[name] for name in CAMPAIGN if name in facts})


def _set(row: Any, facts: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name in facts:
            setattr(row, name, facts[name])
