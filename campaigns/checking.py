"""Before approval: what is missing, what would go wrong, and for how many. A dry run over everybody in the segment."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.codes_left import lack_of_codes
from campaigns.email_flaws import flaws_of
from campaigns.experiments.checking_versions import flaws_of_versions
from campaigns.models import Campaign
from campaigns.reporting import REASONS
from campaigns.standing.starting import standing_of
from campaigns.warming_words import before_warming_up
from campaigns.warnings import warnings_of
from consent.gate import Verdict, verdicts
from deliverability.standing import warning_of, why_not_yet
from deliverability.warming import advice_of
from delivery.chats import faults_of
from delivery.claiming import ask_of
from delivery.codes import example_codes
from delivery.content.addressing import addresses_for, plain_addresses
from delivery.content.compiling import CompiledMessage, compile_message
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.people import fields_of, strangers_among
from delivery.content.sandbox import try_out
from delivery.models import Content, Message, Sender
from delivery.pricing import Cost, count_units, expected_cost
from delivery.senders import carries_words
from emails.library.picking import pick_blocks
from emails.reading import BadBlocksError, read_blocks
from lib.bucketing import bucket
from lib.local_words import number
from segments.counting import ids_fitting
from segments.leaf_types.base import RuleError
from segments.membership import unfilled_in
from segments.statements import TooSlowError
from workspaces.current import current_workspace
from workspaces.models import Workspace

SLICE = 1_000
MOST_TRIED = 20_000
MOST_TOLD = 5
EVERYBODY: dict[str, Any] = {"all": []}


@dataclass
class Check:
    """The findings. `blocks` must be mended before approval; `warns` should be read; `reasons` is the dry run.

    `asks` says of a block which part of the campaign's set-up is missing (campaigns/setup_forms.py); `at` is the moment
    that the gate was asked about.
    """

    people: int = 0
    at_once: int = 0
    later: int = 0
    tried: int = 0
    at: datetime | None = None
    blocks: list[str] = field(default_factory=list)
    asks: dict[str, str] = field(default_factory=dict)
    warns: list[str] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    warming: str = ""
    units: int = 1
    cost: Cost | None = None

    def ask(self, part: str, text: str) -> None:
        """This part of it is missing."""
        self.blocks.append(text)
        self.asks[text] = part

    @property
    def reachable(self) -> int:
        """Who gets it: at once, or when the night is over where they are."""
        return self.at_once + self.later

    def of_all(self, count: int) -> int:
        """As many of everybody as these are of those who were looked at."""
        return count * self.people // max(1, self.tried)

    @property
    def expected(self) -> int:
        """Who gets it of everybody, as the part that was looked at lets expect."""
        return self.of_all(self.reachable)

    @property
    def says(self) -> str:
        """How many get it, and when: what sending now does, person by person."""
        if self.warming:
            return self.warming
        at_once, later = self.of_all(self.at_once), self.of_all(self.later)
        if not later:
            words = ngettext("%(n)s person gets it at once.", "%(n)s people get it at once.", at_once)
            return words % {"n": number(at_once)}
        words = ngettext(
            "%(now)s at once, %(n)s at 8 o’clock where they are: it is night there.",
            "%(now)s at once, %(n)s at 8 o’clock where they are: it is night there.",
            later,
        )
        return words % {"now": number(at_once), "n": number(later)}

    @property
    def is_part(self) -> bool:
        """Whether only the first of them were looked at: the rest is asked as it goes out."""
        return self.tried < self.people

    @property
    def is_ready(self) -> bool:
        """Nothing stands in the way."""
        return not self.blocks


def check_campaign(campaign: Campaign, workspace: Workspace, *, at: datetime | None = None) -> Check:
    """Look at everything that can be known before sending at this moment, None is now. Writes nothing."""
    check = Check(at=at)
    has_words = carries_words(campaign.message.sender)
    compiled = _check_words(check, campaign, workspace) if has_words else None
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
        _dry_run(check, campaign, compiled, ids, workspace)
        if not check.reachable and not comes_later:
            check.ask("nobody", _("Nobody in the segment may be written to."))
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


def _check_sender(check: Check, sender: Sender) -> None:
    """Whether it works, and whether receivers will believe it."""
    if sender.last_error:
        check.warns.append(_("The sender had trouble last: %(why)s") % {"why": sender.last_error})
    check.blocks += filter(None, [why_not_yet(sender)])
    check.warns += filter(None, [warning_of(sender)])


def _check_words(check: Check, campaign: Campaign, workspace: Workspace) -> CompiledMessage | None:
    if not campaign.message.content.subject.strip() and not campaign.message.is_plain:
        check.ask("words", _("The subject is empty."))
    if not campaign.message.content.body.strip():
        check.ask("email", _("The email is empty."))
        if campaign.message.content.body_format == Content.Format.BLOCKS:
            return None  # nothing was drawn that could be read
    _check_blocks(check, campaign.message.content)
    try:
        try_out(campaign.message, workspace)
        compiled = compile_message(campaign.message, workspace)
    except BadTemplateError as error:
        check.blocks.append(_("The email cannot be read: %(why)s") % {"why": error})
        return None
    for target in compiled.links.refused:
        text = _("The link “%(link)s” is no address that an email can lead to: begin it with https:// or mailto:.")
        check.blocks.append(text % {"link": target})
    for name, near in strangers_among(compiled.paths):
        guess = _("Nobody has the field {{ %(field)s }}: everybody gets its stand-in. Did you mean {{ %(near)s }}?")
        text = guess if near else _("Nobody has the field {{ %(field)s }}: everybody gets its stand-in.")
        check.warns.append(text % {"field": name, "near": near})
    has_links = compiled.links.rows or pick_blocks(campaign.message.content.blocks)
    if not has_links and campaign.message.content.body.strip() and workspace.tracks_mail:
        check.warns.append(_("The email has no link: nobody can answer it with a click."))
    return compiled


def _check_blocks(check: Check, content: Content) -> None:
    """What its blocks lack, each at its place."""
    if content.body_format != Content.Format.BLOCKS:
        return
    try:
        blocks = read_blocks(content.blocks)
    except BadBlocksError as error:
        check.blocks.append(str(error))
        return
    for place, block in enumerate(blocks, 1):
        for flaw in flaws_of(block):
            said = _("Block %(n)s, %(kind)s: %(what)s") % {"n": place, "kind": block.label, "what": flaw.text}
            (check.blocks if flaw.stops else check.warns).append(said)


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


def _dry_run(
    check: Check, campaign: Campaign, compiled: CompiledMessage | None, ids: list[int], workspace: Workspace
) -> None:
    """Ask the gate about each, write the email for each who may have it, and keep nothing."""
    message = campaign.message
    reasons, missing, broken = Counter[str](), Counter[str](), Counter[str]()
    ask, tried, seen = ask_of(message), ids[:MOST_TRIED], set[str]()
    for at in range(0, len(tried), SLICE):
        judged = verdicts(ask, tried[at : at + SLICE], at=check.at)
        held = {one: _kept_out(message, one, judged[one], seen) for one in sorted(judged)}
        reasons.update(filter(None, held.values()))
        allowed = [one for one, reason in held.items() if not reason]
        if compiled is not None:
            if at == 0 and allowed:
                check.units = _units_of(message, compiled, allowed[0], workspace)
                check.warns += warnings_of(campaign, compiled, allowed, workspace) if not message.is_plain else []
            _try_each(compiled, message.content, allowed, workspace, missing, broken)
        check.later += sum(judged[one].is_hold for one in allowed)
        check.at_once += sum(judged[one].allowed for one in allowed)
    check.tried = len(tried)
    check.reasons = [
        {"code": code, "text": REASONS.get(code, code), "count": count} for code, count in reasons.most_common()
    ]
    _say_what_breaks(check, missing, broken)


def _units_of(message: Message, compiled: CompiledMessage, contact_id: int, workspace: Workspace) -> int:
    """How many of what its sender's price is for the message of one of them is, with its links as they leave."""
    known = fields_of([contact_id], brand=workspace.name, blocks=message.content.blocks)
    fields = {**known.get(contact_id, {}), **example_codes(message.content)}
    here = current_workspace()
    address = addresses_for(here, message.pk, contact_id)
    try:
        return count_units(message, compiled.write(fields, address).text, address, here)
    except (MissingFieldError, BadTemplateError):
        return 1


def _try_each(
    compiled: CompiledMessage,
    content: Content,
    contact_ids: list[int],
    workspace: Workspace,
    missing: Counter[str],
    broken: Counter[str],
) -> None:
    """Write the email for each of them, and count what is missing or wrong."""
    codes = example_codes(content)
    for fields in fields_of(contact_ids, brand=workspace.name, blocks=content.blocks).values():
        try:
            compiled.write({**fields, **codes}, plain_addresses(compiled.links.rows))
        except MissingFieldError as error:
            missing[error.field] += 1
        except BadTemplateError as error:
            broken[str(error)] += 1


def _say_what_breaks(check: Check, missing: Counter[str], broken: Counter[str]) -> None:
    for name, count in missing.most_common():
        text = ngettext(
            "{{ %(field)s }} is empty for %(n)s person; give it a stand-in",
            "{{ %(field)s }} is empty for %(n)s people; give it a stand-in",
            count,
        )
        check.blocks.append(text % {"field": name, "n": count})
    for why, count in broken.most_common(MOST_TOLD):
        text = ngettext(
            "The email cannot be written for %(n)s person: %(why)s.",
            "The email cannot be written for %(n)s people: %(why)s.",
            count,
        )
        check.blocks.append(text % {"n": count, "why": why})


def _kept_out(message: Message, contact_id: int, judged: Verdict, seen: set[str]) -> str:
    """Why this one gets nothing, "" for who gets it, as planning and sending decide it: by chance, as the second of an
    address, then by the gate. People come in the order of their ids.
    """
    is_double = judged.address != "" and judged.address in seen
    seen.add(judged.address)
    if is_double:
        return "same_address"
    if any(bucket(contact_id, salt) < size for salt, size in message.holdouts):
        return "holdout"
    return "" if judged.allowed or judged.is_hold else judged.reason or "no_address"
