"""Letting consents end: of people who went quiet, a yes holds until a day; who says yes again until then keeps it.

Nothing is taken from the ledger. The yes is written down anew with its end, so that what counts is told by the newest
word, as ever; taken back, these words were never said.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from consent.consenting import tell_of_words
from consent.models import Consent
from consent.settling import undo_words
from contacts.channels import Channel
from lib.clock import now
from lib.sql import array_of, numbers_of, run_sql
from workspaces.current import current_workspace_id


@transaction.atomic
def end_consents(
    contact_ids: Collection[int], at: datetime, *, source: str, by_id: int | None, channel: int = Channel.EMAIL
) -> dict[int, list[int]]:
    """Every yes of these people on the channel ends at this moment, unless it does so earlier; returns whose, with the
    words that say so. `contact_ids` stand for themselves. One statement and the settling, whatever the number. May be
    repeated.
    """
    ended: dict[int, list[int]] = {}
    if not contact_ids:
        return ended
    params = {
        **numbers_of(Consent.State),
        "workspace": current_workspace_id(),
        "contacts": array_of(sorted(contact_ids)),
        "channel": int(channel),
        "ends": at,
        "source": source[:120],
        "by": by_id,
        "now": now(),
    }
    for person, word in run_sql("consent/end_consents", params):
        ended.setdefault(person, []).append(word)
    if ended:
        tell_of_words(sorted(ended))
    return ended


def let_consents_hold(ended: Mapping[int, Sequence[int]], *, by_id: int | None) -> set[int]:
    """Take `end_consents` back: what ended ends as it did before. Whoever spoke since keeps their word. May be repeated;
    returns whose it was, nobody the second time.
    """
    return set(ended) if undo_words([word for words in ended.values() for word in words], by_id=by_id) else set()
