"""What is asked about some people looks at these people, not at everybody."""

import pytest
from django.db import connection

from contacts.merging import link_contacts
from contacts.models import Contact, Identity
from engagement.rebuilding import rebuild_scores
from engagement.scores_before import scores_before
from tests.conftest import as_owner_sql
from tests.engagement.world import NOON, fact, happen, person
from tests.plans import explained
from touchpoints.correcting import Change, Field, correct
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import current_workspace_id

PEOPLE, KNOWN, FEW = 4_000, 20, 300


@pytest.fixture
def anna(here):
    """One person to whom things happened, also under another name, among thousands."""
    Contact.objects.bulk_create(Contact(name=f"P{n}") for n in range(PEOPLE))
    anna, annie = person("Anna"), person("Annie")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_identity (workspace_id, contact_id, kind, value, evidence, created_at)"
            " SELECT %(w)s, id, %(kind)s, 'n' || id, '', now() FROM contacts_contact",
            {"w": current_workspace_id(), "kind": int(Identity.Kind.EXTERNAL_ID)},
        )
    happen(anna, "message", 2, sentiment_milli=500)
    happen(annie, "visit", 3)
    link_contacts(annie, anna)
    as_owner_sql("ANALYZE")
    return anna


def vain(plans, most=FEW):
    return {plan.sql[:60]: plan.looked_at_in_vain for plan in plans if plan.looked_at_in_vain > most}


def test_scores_counted_anew_or_corrected_hold_nobody_else(anna):
    with explained(analyze=True, only="FOR UPDATE") as plans:
        rebuild_scores([anna])
        said = Touchpoint.objects.filter(sentiment_milli__isnull=False).get()
        correct([Change(said.pk, Field.SENTIMENT, -500)])

    assert sum("contacts_merged" in plan.sql for plan in plans) == 2
    assert vain(plans) == {}


def test_the_command_finds_each_number_by_its_person(anna, here):
    others = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:KNOWN])
    record([fact(who, "visit", 1) for who in others], source=source_for("test", "Test"))

    with explained(analyze=True, only="contacts_identity") as plans:
        lines = list(scores_before(here, NOON))

    assert [line.external_id for line in lines] == [f"n{who}" for who in (*others, anna)]
    assert len(plans) == 1
    assert vain(plans, 2 * PEOPLE) == {}  # once over the range, not once for each
