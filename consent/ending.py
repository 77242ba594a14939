"""Letting consents end: of people who went quiet, a yes holds until a day; who says yes again until then keeps it.

Nothing is taken from the ledger. The yes is written down anew with its end, so that what counts is told by the newest
word, as ever.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from consent.consenting import tell_of_words
from consent.models import Basis, Consent
from contacts.channels import Channel
from lib.clock import now
from lib.sql import array_of, numbers_of, run_sql
from workspaces.current import current_workspace_id

Ended = dict[int, list[tuple[int | None, str | None]]]  # contact → (topic, when it would have ended, ISO)


@transaction.atomic
def end_consents(
    contact_ids: Collection[int], at: datetime, *, source: str, by_id: int | None, channel: int = Channel.EMAIL
) -> Ended:
    """Every yes of these people on the channel ends at this moment, unless it does so earlier; returns whose and how it
    was. `contact_ids` stand for themselves. Two statements, whatever the number. May be repeated.
    """
    ended: Ended = {}
    if not contact_ids:
        return ended
    params = _params(channel, at, source, by_id) | {"contacts": array_of(sorted(contact_ids)), "consent": Basis.CONSENT}
    for contact, topic, moment in run_sql("consent/end_consents", params):
        ended.setdefault(contact, []).append((topic, moment.isoformat() if moment else None))
    if ended:
        tell_of_words(sorted(ended))
    return ended


@transaction.atomic
def let_consents_hold(
    ended: Ended, at: datetime, *, source: str, by_id: int | None, channel: int = Channel.EMAIL
) -> set[int]:
    """Take `end_consents` back: what ends at that moment ends as it did before. Whoever spoke since keeps their word."""
    rows = [[contact, *one] for contact, some in ended.items() for one in some]
    params = _params(channel, at, source, by_id) | {"rows": json.dumps(rows)}
    back = {row[0] for row in run_sql("consent/let_consents_hold", params)} if rows else set()
    if back:
        tell_of_words(sorted(back))
    return back


def _params(channel: int, at: datetime, source: str, by_id: int | None) -> dict[str, Any]:
    return {
        **numbers_of(Consent.State),
        "workspace": current_workspace_id(),
        "channel": int(channel),
        "ends": at,
        "source": source[:120],
        "by": by_id,
        "now": now(),
    }
