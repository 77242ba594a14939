"""Many people at once, by SQL; call inside working_in."""

from consent.models import Consent
from delivery.models import Delivery, Message
from lib.clock import now
from lib.sql import run_text
from tests.factories.contacts import letter
from workspaces.current import current_workspace_id

PEOPLE = """
WITH people AS (
  INSERT INTO contacts_contact (workspace_id, name, given_name, family_name, email, language, zone, country, city,
    contact_frequency, dialogue_mode, is_profiled, is_anonymous, created_at)
  SELECT %(workspace)s, 'P ' || n, 'P', '', 'p' || n || '@people.example', '', '', '', '', {frequency}, {mode}, true, false,
    %(at)s
  FROM generate_series(1, %(people)s) AS n
  RETURNING id, email
), addresses AS (
  INSERT INTO contacts_identity (workspace_id, contact_id, kind, value, evidence, created_at)
  SELECT %(workspace)s, id, %(kind)s, email, '', %(at)s FROM people
)
INSERT INTO consent_consent (workspace_id, contact_id, topic_id, channel, state, basis, source, page, language, agent, at)
SELECT %(workspace)s, id, %(topic)s, %(channel)s, %(given)s, 'consent', '', '', '', '', %(at)s FROM people
"""
PAST = """
INSERT INTO delivery_delivery (workspace_id, message_id, contact_id, occasion, address, state, reason, attempts, epoch,
  answer, queued_at, sent_at)
SELECT %(workspace)s, %(message)s, id, 0, email, %(sent)s, '', 1, 1, '', %(at)s, %(at)s
FROM contacts_contact WHERE workspace_id = %(workspace)s
"""


def make_crowd(people: int) -> None:
    """Contacts with an address and a yes to the letter."""
    from contacts.models import Contact, Identity

    text = PEOPLE.format(
        frequency=int(Contact._meta.get_field("contact_frequency").default),
        mode=int(Contact._meta.get_field("dialogue_mode").default),
    )
    given = {"kind": int(Identity.Kind.EMAIL), "channel": int(Consent._meta.get_field("channel").default)}
    mine = {"workspace": current_workspace_id(), "people": people, "topic": letter().pk, "at": now()}
    run_text(text, mine | given | {"given": int(Consent.State.GIVEN)})
    run_text(
        "INSERT INTO consent_consentnow (workspace_id, contact_id, channel, topic_id, state)"
        " SELECT workspace_id, contact_id, channel, topic_id, state FROM consent_consent"
        " WHERE workspace_id = %(workspace)s ON CONFLICT DO NOTHING",
        mine,
    )


def send_to_all(message: Message) -> None:
    """A delivery for everybody, as if the message had gone out just now."""
    sent = int(Delivery.State.SENT)
    run_text(PAST, {"workspace": current_workspace_id(), "message": message.pk, "sent": sent, "at": now()})
