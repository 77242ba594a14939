"""People connect an account of theirs: a code from their own page, sent to us from that account, proves that it is theirs.

It works once, for a week, and only where the network vouches for who wrote. Whoever reads it in public and is quicker
wins nothing but an account on the page of the person, who sees it there and can take it away.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from django.db import transaction

from contacts.merging import everyone_in, survivor_of
from contacts.models import Contact
from conversations.authors.authoring import link_author
from conversations.authors.telling_authors import MAIL
from conversations.models import AccountCode, Mention, PublicAuthor
from lib.clock import now
from workspaces.auditing import audit

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that looks like another
CODE = re.compile(rf"(?<![0-9A-Z])([{LETTERS}]{{4}})-([{LETTERS}]{{4}})(?![0-9A-Z])", re.IGNORECASE)
VALID = timedelta(days=7)
MOST_OPEN = 5
PROVEN = "proven by a code"
NO_NETWORK = {*MAIL, "own_page", "phone", "sms", "callback"}


@transaction.atomic
def make_code(contact: Contact) -> str:
    """A new code for this person, such as 7GK2-9QMW; of more than five open ones the oldest ends."""
    AccountCode.objects.filter(contact=contact, expires_at__lte=now()).delete()
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    AccountCode.objects.create(contact=contact, code_hash=_hash(letters), expires_at=now() + VALID)
    open_ones = AccountCode.objects.filter(contact=contact, used_at=None).order_by("-pk")
    AccountCode.objects.filter(pk__in=list(open_ones.values_list("pk", flat=True)[MOST_OPEN:])).delete()
    return f"{letters[:4]}-{letters[4:]}"


def take_codes(mentions: Sequence[Mention]) -> list[PublicAuthor]:
    """Accounts whose owners proved themselves in these new mentions are linked; returns them. One query without a code.

    An account that is known to be somebody else's stays theirs. A code is used once. May be repeated.
    """
    said = [(row, _hash("".join(found.groups()))) for row in mentions for found in CODE.finditer(row.text)]
    if not said:
        return []
    rows = AccountCode.objects.select_for_update().filter(
        code_hash__in={one for _row, one in said}, used_at=None, expires_at__gt=now()
    )
    codes, linked = {row.code_hash: row for row in rows}, []
    for row, hashed in said:
        if (code := codes.get(hashed)) is None or row.is_silent or row.author.claimed_by:
            continue
        if row.author.contact_id is not None:
            audit("account.refused", by=None, target=row.author, contact=code.contact_id)
            continue
        del codes[hashed]
        code.used_at = now()
        code.save(update_fields=["used_at"])
        contact = Contact.objects.get(pk=survivor_of(code.contact_id))
        link_author(row.author, contact, by=None, is_proven=True, why=PROVEN)
        audit("account.connected", by=None, target=row.author, contact=contact.pk)
        linked.append(row.author)
    return linked


def accounts_of(contact: Contact) -> list[PublicAuthor]:
    """The accounts on networks that we know to be this person's, the newest first. Two queries."""
    rows = PublicAuthor.objects.filter(contact__in=everyone_in(contact.pk), claimed_by__gte=0)
    return list(rows.exclude(network__in=NO_NETWORK).order_by("-seen_at", "-pk")[:50])


def _hash(letters: str) -> str:
    return sha256(letters.upper().encode()).hexdigest()
