"""Consent receipts: what a person said yes and no to, as a sealed JSON that they keep and anybody can have checked.

The names of the fields are those of the Kantara Initiative's Consent Receipt Specification 1.1. The seal is a keyed hash
over the canonical JSON (keys sorted, no blanks) with the key that never rotates: a receipt stays checkable for ever, also
after its person was erased, and nothing has to be kept for it.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from consent.models import Consent
from consent.words_now import words_of
from contacts.channels import Channel
from contacts.merging import everyone_in, survivors_of
from contacts.models import Contact
from lib.clock import now
from lib.links import public_link
from lib.own_mail import send_mail
from lib.signing import keyed_hash
from workspaces.models import Workspace

VERSION, PURPOSE, SEAL = "KI-CR-v1.1.0", "consent receipt", "seal"
MOST_TOLD, MOST_READ = 200, 200_000  # consents in one receipt; characters of what is handed in
COOL_DOWN = 600

log = structlog.get_logger(__name__)


class NoReceiptError(ValueError):
    """What was handed in is no receipt of this workspace's, or was changed."""


@dataclass(frozen=True)
class Checked:
    """A receipt that is ours and unchanged: when it was made, and each line of it with what counts today (`now`)."""

    made_at: datetime
    lines: list[dict[str, Any]]


def receipt_of(workspace: Workspace, contact: Contact) -> dict[str, Any]:
    """The receipt of what this person said up to now, newest first, sealed. JSON without surprises: text and numbers."""
    rows = Consent.objects.filter(contact__in=everyone_in(contact.pk)).select_related("topic", "wording")
    moment = now()
    body: dict[str, Any] = {
        "version": VERSION,
        "jurisdiction": contact.country or "",
        "consentTimestamp": int(moment.timestamp()),
        "collectionMethod": "eCRM",
        "consentReceiptID": f"{workspace.slug}-{contact.pk}-{int(moment.timestamp())}",
        "language": get_language() or workspace.locale,
        "piiPrincipalId": contact.email or str(contact.pk),
        "piiControllers": [{"piiController": workspace.name, "address": workspace.postal_address}],
        "policyUrl": public_link("portal:mail_me", workspace.slug),
        "verifyUrl": public_link("portal:receipts", workspace.slug),
        "services": [
            {"service": workspace.name, "purposes": [_purpose(row) for row in rows.order_by("-at", "-pk")[:MOST_TOLD]]},
        ],
        "sensitive": False,
    }
    return body | {SEAL: _seal(workspace, body)}


def check_receipt(workspace: Workspace, text: str) -> Checked:
    """What a receipt of this workspace's says, and how it stands today. NoReceiptError for everything else."""
    try:
        body = json.loads(text[:MOST_READ])
        seal = body.pop(SEAL)
        if not hmac.compare_digest(str(seal).encode(), _seal(workspace, body).encode()):
            raise NoReceiptError(text[:20])
        purposes = body["services"][0]["purposes"]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise NoReceiptError(text[:20]) from error
    return Checked(_moment(body), [one | {"now": now_said} for one, now_said in _as_of_today(purposes)])


def mail_receipt(workspace: Workspace, contact: Contact) -> bool:
    """Send the receipt to the person's own address; False where one went there a moment ago. OSError: nothing was sent."""
    if not cache.add(place := f"receipt:{workspace.pk}:{contact.email}", 1, COOL_DOWN):
        return False
    body = render_to_string(
        "portal/emails/receipt.txt", {"workspace": workspace, "link": public_link("portal:receipts", workspace.slug)}
    )
    file = (file_name(workspace), as_text(receipt_of(workspace, contact)), "application/json")
    try:
        send_mail(_("Your consents at %(brand)s") % {"brand": workspace.name}, body, contact.email, files=[file])
    except OSError:
        log.exception("receipt_not_sent", workspace=workspace.slug)
        cache.delete(place)
        raise
    return True


def as_text(receipt: dict[str, Any]) -> str:
    """The receipt as it is handed out: readable, in the letters of the language."""
    return json.dumps(receipt, indent=2, ensure_ascii=False) + "\n"


def file_name(workspace: Workspace) -> str:
    """What the file is called."""
    return f"consent-receipt-{workspace.slug}.json"


def _purpose(row: Consent) -> dict[str, Any]:
    """One line of the ledger. `consentType` says how it was said, `termination` when a yes ends by itself."""
    return {
        "id": row.pk,
        "purpose": row.topic.name if row.topic else _("Everything"),
        "purposeCategory": row.topic.key if row.topic else "*",
        "consentType": "EXPLICIT" if row.wording else "IMPLICIT",
        "basis": row.basis,
        "state": Consent.State(row.state).name.lower(),
        "channel": Channel(row.channel).name.lower(),
        "at": row.at.isoformat(timespec="seconds"),
        "wording": row.wording.text if row.wording else "",
        "source": row.source,
        "termination": row.expires_at.isoformat(timespec="seconds") if row.expires_at else "",
        "piiCategory": ["contact"],
        "primaryPurpose": True,
        "thirdPartyDisclosure": False,
    }


def _as_of_today(purposes: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """Each line with the state that counts now: given, withdrawn, expired, requested, none; "" where it is kept no more."""
    rows = {row.pk: row.contact_id for row in Consent.objects.filter(pk__in=[one["id"] for one in purposes])}
    stands_for = survivors_of(set(rows.values()))
    alive = set(Contact.objects.filter(pk__in=set(stands_for.values()), erased_at=None).values_list("pk", flat=True))
    said = {
        (who, word["topic"] or "*", str(word["channel"])): str(word["state"])
        for who, words in words_of(sorted(alive)).items()
        for word in words
    }
    found = []
    for one in purposes:
        who = stands_for.get(rows.get(one["id"], 0), 0)
        state = said.get((who, one["purposeCategory"], one["channel"]), "none") if who in alive else ""
        found.append((one, state))
    return found


def _moment(body: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(body["consentTimestamp"], tz=UTC)


def _seal(workspace: Workspace, body: dict[str, Any]) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return keyed_hash(PURPOSE, f"{workspace.pk}\0{canonical}")
