"""Before approval: what is missing, what would go wrong, and for how many."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from campaigns.checking.codes_left import lack_of_codes
from campaigns.checking.dry_run import dry_run
from campaigns.checking.findings import Check
from campaigns.checking.warming_words import before_warming_up
from campaigns.checking.words import check_words
from campaigns.experiments.checking_versions import flaws_of_versions
from campaigns.models import Campaign
from campaigns.standing.starting import standing_of
from deliverability.standing import warning_of, why_not_yet
from deliverability.warming import advice_of
from delivery.chats import faults_of
from delivery.models import Message, Sender
from delivery.pricing import expected_cost
from delivery.senders import carries_words
from segments.leaf_types.base import RuleError
from segments.members.membership import unfilled_in
from segments.rules.counting import ids_fitting
from segments.rules.statements import TooSlowError
from workspaces.models import Workspace

EVERYBODY: dict[str, Any] = {"all": []}


def check_campaign(campaign: Campaign, workspace: Workspace, *, at: datetime | None = None) -> Check:
    """Look at everything that can be known before sending at this moment, None is now. Writes nothing."""
    check = Check(at=at)
    has_words = carries_words(campaign.message.sender)
    compiled = check_words(check, campaign, workspace) if has_words else None
    if campaign.message.sender is None:
        check.ask(
            "sender",
            _("Choose the sender that it goes out by.")
            if Sender.objects.exists()
            else _("There is no sender yet: an admin sets one up under Settings, Senders."),
        )
    else:
        _check_sender(check, campaign.message.sender)
        check.blocks += faults_of(campaign.message)
    if has_words and not workspace.postal_address.strip():
        check.ask("address", _("The workspace has no postal address. The law asks for one under each email."))
    if campaign.message.purpose == Message.Purpose.SUBSCRIBED and campaign.message.topic is None:
        check.ask("topic", _("A newsletter needs its topic."))
    comes_later = standing_of(campaign) is not None
    ids = _people(check, campaign, comes_later=comes_later)
    if ids:
        dry_run(check, campaign, compiled, ids, workspace)
        if not check.reachable and not comes_later:
            _ask_for_people(check, campaign.message)
    if compiled is not None:
        people = check.expected
        check.blocks += lack_of_codes(compiled.paths, people, comes_later=comes_later)
    if campaign.message.sender is not None and check.reachable:
        people = check.expected
        check.warming = before_warming_up(campaign.message.sender, people)
        check.cost = expected_cost(campaign.message, people=people, units=check.units, currency=workspace.currency)
        check.warns += filter(None, [advice_of(campaign.message.sender, people)])
    check.blocks += flaws_of_versions(campaign, check.blocks, lambda one: check_campaign(one, workspace, at=at).blocks)
    return check


def _ask_for_people(check: Check, message: Message) -> None:
    """Nobody may be written to: most often, as an offer has no topic while people agreed to topics."""
    if message.purpose == Message.Purpose.MARKETING and message.topic is None:
        check.ask("topic", _("Nobody in the segment agreed to offers of no topic. Choose the one they agreed to."))
    else:
        check.ask("nobody", _("Nobody in the segment may be written to."))


def _check_sender(check: Check, sender: Sender) -> None:
    """Whether it works, and whether receivers will believe it."""
    if sender.last_error:
        check.warns.append(_("The sender had trouble last: %(why)s") % {"why": sender.last_error})
    check.blocks += filter(None, [why_not_yet(sender)])
    check.warns += filter(None, [warning_of(sender)])


def _people(check: Check, campaign: Campaign, *, comes_later: bool) -> list[int]:
    """Who would get it now. `comes_later`: it goes out by itself, so that nobody may be there yet."""
    if campaign.segment is None and not comes_later:
        check.ask("segment", _("Choose the segment that gets it."))
        return []
    rule = campaign.segment.rule if campaign.segment is not None else EVERYBODY
    try:
        ids = sorted(ids_fitting(rule))
    except (RuleError, TooSlowError) as error:
        check.blocks.append(_("The segment cannot be read: %(why)s") % {"why": error})
        return []
    for one in unfilled_in(rule):
        text = _("“%(name)s”, which the segment reads, is being filled: nothing goes out before that is done.")
        check.warns.append(text % {"name": one.name})
    check.people = len(ids)
    if not ids and not comes_later:
        check.blocks.append(_("Nobody is in the segment."))
    return ids
