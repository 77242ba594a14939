"""What should be read before approval: how alike the emails are, how much is selling, how often, how heavy, what links lack."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from delivery.codes import example_codes
from delivery.content.addressing import plain_addresses
from delivery.content.compiling import CompiledMessage
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.people import fields_of, without_names
from delivery.models import Delivery, Message
from delivery.test_sends import last_trial_of
from emails.lint.linting import lint
from emails.lint.picture_weights import picture_bytes
from lib.clock import ago
from lib.local_words import number
from lib.sql import array_of, run_sql
from workspaces.current import current_workspace_id
from workspaces.models import Workspace

LOOKED_AT = 1_000  # people, of those who would get it
FEW = 50  # of whom nothing is said about their likeness
ALIKE = 0.8
OFTEN, WEEK, MANY = 3, timedelta(days=7), 0.1
QUARTER, LEAST_EMAILS = timedelta(days=90), 3


def warnings_of(
    campaign: Campaign, compiled: CompiledMessage, contact_ids: Sequence[int], workspace: Workspace
) -> Iterator[str]:
    """Sentences about an email that can be written, for those who would get it. Writes nothing; a few statements."""
    looked_at = list(contact_ids[:LOOKED_AT])
    codes = example_codes(campaign.message.content)
    known = fields_of(looked_at, brand=workspace.name, blocks=campaign.message.content.blocks)
    known = {one: {**fields, **codes} for one, fields in known.items()} if codes else known
    yield from filter(None, [_sameness(compiled, known), _selling(campaign), _frequency(looked_at)])
    yield from _weight(compiled, known)
    trial = last_trial_of(campaign.message) if campaign.message.pk else None
    if trial is not None and trial.is_spam:
        yield _("The last test looked like spam: %(why)s") % {"why": trial.spam_words}


def _sameness(compiled: CompiledMessage, known: Mapping[int, Mapping[str, Any]]) -> str:
    """Whether most of them get the same words. A name in the greeting makes nobody's email theirs."""
    if len(known) < FEW:
        return ""
    address, texts = plain_addresses(compiled.links.rows), Counter[bytes]()
    for fields in known.values():
        try:
            written = compiled.write(without_names(fields), address)
        except (MissingFieldError, BadTemplateError):
            continue
        texts[blake2b(f"{written.subject}\0{written.html}\0{written.text}".encode(), digest_size=16).digest()] += 1
    if not texts or (most := texts.most_common(1)[0][1]) < ALIKE * texts.total():
        return ""
    words = _("%(same)s of %(n)s get the same words but for their name. Show a block to some, or let it pick for each.")
    return words % {"same": number(most), "n": number(texts.total())}


def _selling(campaign: Campaign) -> str:
    """Whether the programme's emails of a quarter, with this one, are more often offers than it promised."""
    programme = campaign.programme
    if programme is None or campaign.message.purpose != Message.Purpose.MARKETING:
        return ""
    sent = Campaign.objects.seen().filter(programme=programme, message__planned_at__gte=ago(days=QUARTER.days))
    purposes = [*sent.exclude(pk=campaign.pk).values_list("message__purpose", flat=True), campaign.message.purpose]
    offers = purposes.count(Message.Purpose.MARKETING)
    if len(purposes) < LEAST_EMAILS or offers * 100 <= programme.selling_percent * len(purposes):
        return ""
    words = _("With this one %(offers)s of the programme’s %(n)s emails in 90 days sell; it promised %(most)s at most.")
    return words % {"offers": offers, "n": len(purposes), "most": f"{programme.selling_percent} %"}


def _frequency(contact_ids: Sequence[int]) -> str:
    """How many of them heard from us often this week."""
    mine = {"workspace": current_workspace_id(), "contacts": array_of(contact_ids), "often": OFTEN}
    mine |= {"since": ago(days=WEEK.days), "sent": Delivery.State.SENT.value}
    ((many,),) = run_sql("campaigns/heard_often", mine)
    if not contact_ids or many < MANY * len(contact_ids):
        return ""
    words = ngettext(
        "%(many)s of %(n)s had %(often)s or more messages of ours in the last 7 days.",
        "%(many)s of %(n)s had %(often)s or more messages of ours in the last 7 days.",
        many,
    )
    return words % {"many": number(many), "n": number(len(contact_ids)), "often": OFTEN}


def _weight(compiled: CompiledMessage, known: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    """What is heavy or leads nowhere in the email of the first of them."""
    fields = next(iter(known.values()), None)
    if fields is None:
        return
    try:
        html = compiled.write(fields, plain_addresses(compiled.links.rows)).html
    except (MissingFieldError, BadTemplateError):
        return
    report = lint(html, picture_bytes=picture_bytes(html))
    yield from report.troubles
    for link in report.broken_links:
        yield _("The link “%(words)s”: %(why)s") % {"words": link.text or link.target[:60], "why": link.trouble}
