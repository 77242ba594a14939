"""Consent for many at once, from a file: never where somebody said no, never twice."""

from collections.abc import Sequence
from datetime import datetime

from contacts.models import Channel, Consent, ConsentWording, Topic
from contacts.news import consent_changed
from ecrm.lib.sql import run_text
from workspaces.current import current_workspace_id

GIVE = """
-- A yes for each of these people that never answered about the topic or about everything.
INSERT INTO contacts_consent (workspace_id, contact_id, topic_id, channel, state, basis, wording_id, source, page,
                              language, agent, ip, at)
SELECT %(workspace)s, w.contact_id, %(topic)s, %(channel)s, 1, %(basis)s, %(wording)s::bigint, %(source)s,
       '', '', '', w.ip, w.at
FROM unnest(%(contacts)s::bigint[], %(moments)s::timestamptz[], %(ips)s::inet[]) AS w (contact_id, at, ip)
WHERE NOT EXISTS (
  SELECT FROM contacts_consent k
  WHERE k.workspace_id = %(workspace)s AND k.contact_id = w.contact_id AND k.channel = %(channel)s
    AND k.state IN (1, 2) AND (k.topic_id IS NULL OR k.topic_id = %(topic)s))
ORDER BY w.contact_id
RETURNING contact_id
"""


def give_in_set(
    words: Sequence[tuple[int | None, datetime, str | None]],
    *,
    topic: Topic,
    basis: str,
    wording: ConsentWording | None,
    source: str,
) -> set[int]:
    """Write a yes for (contact id, moment, IP) where no word stands yet; returns whose."""
    once = {contact: (contact, at, ip) for contact, at, ip in words}
    if not once:
        return set()
    rows = run_text(
        GIVE,
        {
            "workspace": current_workspace_id(),
            "topic": topic.pk,
            "channel": int(Channel.EMAIL),
            "basis": basis,
            "wording": wording.pk if wording else None,
            "source": source[:120],
            "contacts": [contact for contact, _at, _ip in once.values()],
            "moments": [at for _contact, at, _ip in once.values()],
            "ips": [ip for _contact, _at, ip in once.values()],
        },
    )
    given = {row[0] for row in rows}
    if given:
        consent_changed.send(sender=Consent, contact_ids=sorted(given))
    return given
