"""The dry run: the gate is asked about each of a campaign's people, the email written for each, and nothing is kept."""

from collections import Counter

from django.utils.translation import ngettext

from campaigns.checking.findings import Check
from campaigns.checking.warnings import warnings_of
from campaigns.models import Campaign
from campaigns.reporting import REASONS
from consent.gate import Verdict, verdicts
from delivery.codes import example_codes
from delivery.content.addressing import addresses_for, plain_addresses
from delivery.content.compiling import CompiledMessage
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.people import fields_of
from delivery.engine.claiming import ask_of
from delivery.models import Content, Message
from delivery.pricing import count_units
from lib.bucketing import bucket
from workspaces.current import current_workspace
from workspaces.models import Workspace

SLICE = 1_000
MOST_TRIED = 20_000
MOST_TOLD = 5


def dry_run(
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
