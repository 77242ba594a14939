"""Codes made by chance: hard to guess, easy to read aloud."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from emails.models import OfferPool
from emails.offers.adding import insert_codes
from lib.clock import now
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import User, Workspace

WORK = "emails.make_codes"
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # neither I, L, O nor 0, 1
MOST, SHORTEST, LONGEST, SLICE, WORK_SECONDS = 1_000_000, 8, 20, 20_000, 20


class BadAmountError(ValueError):
    """Nothing is made; the text says why."""


@transaction.atomic
def ask_for_codes(pool: OfferPool, count: int, *, prefix: str = "", length: int = SHORTEST, by: User | None) -> None:
    """So many new codes are in the pool within seconds, a million within a minute; `prefix` stands before each.

    The work `emails.make_codes` makes them. BadAmountError.
    """
    held = OfferPool.objects.select_for_update().get(pk=pool.pk)
    if held.is_shared or not 1 <= count <= MOST - held.to_make or not SHORTEST <= length <= LONGEST:
        raise BadAmountError(_("Between 1 and %(most)s codes at a time.") % {"most": f"{MOST:,}"})
    if held.to_make and (held.prefix, held.length) != (prefix, length):
        raise BadAmountError(_("Codes of another form are still being made. Try again when they are there."))
    begins = held.to_make == 0
    held.making = count if begins else held.making + count
    held.to_make, held.prefix, held.length = held.to_make + count, prefix, length
    held.save(update_fields=["making", "to_make", "prefix", "length"])
    audit("offer.codes_asked_for", by=by, target=held, count=count)
    agenda.set_due(WORK)


def make_codes(workspace: Workspace) -> datetime | None:
    """The agenda's work: make what is asked for, a slice a transaction; returns when to come again."""
    ends_at = now() + timedelta(seconds=WORK_SECONDS)
    while now() < ends_at:
        with working_in(workspace):
            pool = OfferPool.objects.select_for_update().filter(to_make__gt=0).order_by("pk").first()
            if pool is None:
                return None
            made = insert_codes(pool, new_codes(min(SLICE, pool.to_make), pool.prefix, pool.length))
            OfferPool.objects.filter(pk=pool.pk).update(to_make=F("to_make") - len(made))
    return now()


def new_codes(count: int, prefix: str = "", length: int = SHORTEST) -> list[str]:
    """So many codes, no two alike: 31 signs a place, from the system's source of chance."""
    found: dict[str, None] = {}
    choose = secrets.SystemRandom().choices
    while len(found) < count:
        missing = count - len(found)
        signs = "".join(choose(ALPHABET, k=missing * length))
        found |= dict.fromkeys(prefix + signs[at : at + length] for at in range(0, missing * length, length))
    return list(found)


def sample_code(pool: OfferPool) -> str:
    """What a look at an email shows in a code's place: of the same form, and no code."""
    return f"{pool.prefix}{_('SAMPLE')}"
