"""A message that came back finds its reader, and what it says takes effect: a dead address, a complaint."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import getaddresses

from django.db import transaction

from campaigns.bouncing import OPT_OUT, Returned, read_returned
from campaigns.content.addressing import read_return_path
from campaigns.models import Campaign, Delivery
from campaigns.stopping import campaign_source, note_complaint, stop_letters
from contacts.consenting import addresses_of, suppress
from contacts.models import Channel, Contact, Suppression
from ecrm.lib.clock import now
from ecrm.lib.signing import BadTokenError
from touchpoints.facts import Fact
from touchpoints.recording import record
from workspaces.current import working_in
from workspaces.models import Workspace

SENT_TO = ("delivered-to", "x-original-to", "envelope-to", "to")
State = Delivery.State


@dataclass(frozen=True, slots=True)
class Effect:
    """What a returned message did: to whom, in which campaign. `contact_id` None: nobody of ours."""

    returned: Returned
    workspace_id: int | None = None
    campaign_id: int | None = None
    contact_id: int | None = None


def receive(raw: bytes, *, workspace: Workspace | None = None) -> Effect:
    """Take one message from a mailbox for returned mail; its effect is there once, however often it comes.

    The return path names the reader. Without one, `workspace` and the Message-ID of the enclosed letter do.
    """
    returned = read_returned(raw)
    named = next(_named(raw), None)
    if named is None and workspace is not None and returned.letter is not None:
        named = (workspace.pk, *returned.letter[:2])
    owner = Workspace.objects.filter(pk=named[0]).first() if named else None
    if named is None or owner is None:
        return Effect(returned)
    with working_in(owner):
        _take_effect(returned, named[1], named[2])
    return Effect(returned, *named)


@transaction.atomic
def _take_effect(returned: Returned, campaign_id: int, contact_id: int) -> None:
    contact = Contact.objects.filter(pk=contact_id).first()
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if contact is None or campaign is None:
        return
    if returned.kind == "complaint" and returned.diagnostic == OPT_OUT:
        stop_letters(contact, campaign)
    elif returned.kind == "complaint":
        note_complaint(contact, campaign)
    elif returned.kind == "bounce":
        _bounced(returned, contact, campaign)


def _bounced(returned: Returned, contact: Contact, campaign: Campaign) -> None:
    """Hard: the address is dead. Soft: it is noted. A bounce also proves that a letter in doubt had left."""
    is_hard = returned.hardness == "hard"
    fact = Fact(
        kind="bounced",
        external_id=f"bounced:{contact.pk}:returned:{returned.hardness}",
        contact_id=contact.pk,
        campaign_id=campaign.pk,
        payload={"hard": is_hard, "status": returned.status, "answer": returned.diagnostic},
    )
    record([fact], source=campaign_source(campaign))
    rows = Delivery.objects.filter(campaign=campaign, contact=contact)
    rows.filter(state=State.IN_DOUBT).update(state=State.SENT, sent_at=now())
    if is_hard:
        address = rows.values_list("address", flat=True).first() or ""
        for one in [address] if address else addresses_of(contact, Channel.EMAIL):
            suppress(one, reason=Suppression.Reason.BOUNCE, source=f"campaign {campaign.pk}")
        rows.filter(bounced_at=None).update(bounced_at=now())
    rows.filter(answer__startswith="2").update(answer=f"{returned.status} {returned.diagnostic}"[:300])


def _named(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """The readers that the addresses it was sent to name."""
    message = message_from_bytes(
        raw.partition(b"\n\n")[0] if b"\r\n" not in raw[:2000] else raw.partition(b"\r\n\r\n")[0]
    )
    for name in SENT_TO:
        for _name, address in getaddresses([str(value) for value in message.get_all(name, [])]):
            try:
                yield read_return_path(address)
            except BadTokenError:
                continue
