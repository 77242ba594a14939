"""A verb that may be called for many costs the same number of statements for one and for fifty."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.asking import Ask
from consent.consenting import give_all, withdraw_all
from consent.gate import verdicts
from consent.models import Basis
from consent.suppressing import suppress_all
from contacts.complaints import open_complaints
from contacts.custom_fields.values import Written
from contacts.enriching import enrich
from contacts.merging import link_all
from contacts.models import Contact, Identity, Merged
from contacts.resolving import Hint, resolve
from contacts.searching import index_people
from conversations.mentions.listening import hear
from imports.drafts import Draft
from imports.judging import Word
from imports.models import ImportRun
from imports.writing import write_people, write_refusals
from lib.clock import now
from segments.members.membership import recheck
from segments.members.rechecking import request_recheck
from segments.models import Segment
from tests.factories.contacts import letter, make_contact, make_reader
from tests.factories.social import heard, make_connection, make_vouching

pytestmark = pytest.mark.usefixtures("inside")
KIND = Identity.Kind
COMPLAINT = "Third lid that cracks, it is broken again. Terrible."


def visitors(count):
    """Known people and visitors without a name that turn out to be them."""
    facts = []
    for _ in range(count):
        known, visitor = make_contact(), Contact.objects.create(is_anonymous=True)
        Identity.objects.create(contact=visitor, kind=KIND.DEVICE, value=f"device-{visitor.pk}")
        facts.append([Hint(KIND.EMAIL, known.email), Hint(KIND.DEVICE, f"device-{visitor.pk}")])
    return facts


def stitch(count):
    facts = visitors(count)
    before = Merged.objects.count()
    yield
    resolve(facts)
    assert Merged.objects.count() - before == count


def link(count):
    pairs = [(make_contact().pk, make_contact().pk) for _ in range(count)]
    yield
    assert link_all(pairs) == pairs


def suppress_many(count):
    addresses = [make_contact().email for _ in range(count)]
    yield
    assert suppress_all(addresses) == count


def withdraw_many(count):
    ids = {make_reader().pk for _ in range(count)}
    yield
    assert withdraw_all(ids, topic=None) == ids


def give_many(count):
    ids = {make_contact().pk for _ in range(count)}
    yield
    assert give_all([(one, now(), None) for one in ids], topic=letter(), source="list.csv", wording="Yes") == ids


def complain(count):
    since = {make_contact().pk: now() - timedelta(hours=1) for _ in range(count)}
    yield
    assert open_complaints(since) == sorted(since)


def hear_complaints(count):
    bridge, writers = make_vouching(), [make_contact() for _ in range(count)]
    for one in writers:
        Identity.objects.create(contact=one, kind=KIND.HANDLE, value=f"writer-{one.pk}@social.example")
    said = [heard(COMPLAINT, handle=f"writer-{one.pk}@social.example") for one in writers]
    yield
    hear(bridge, said)
    assert Contact.objects.filter(pk__in=[one.pk for one in writers], complaint_since__isnull=False).count() == count


def hear_strangers(count):
    bridge, said = make_connection(), [heard() for _ in range(count)]
    yield
    assert len(hear(bridge, said).new) == count


def judge(count):
    ids = [make_reader().pk for _ in range(count)]
    ask = Ask(topic_id=letter().pk)
    yield
    assert len(verdicts(ask, ids)) == count


def tell_fields(count):
    ids = [make_contact().pk for _ in range(count)]
    yield
    enrich([(one, {"city": "Bonn", "points": one}) for one in ids])
    assert Contact.objects.filter(pk__in=ids, city="Bonn").count() == count


def index(count):
    ids = [make_contact().pk for _ in range(count)]
    yield
    index_people(ids)


def run(mode):
    return ImportRun.objects.create(
        file_name="list.csv", path="", mode=mode, basis=Basis.CONSENT, proof="Ticked at the till", topic_key="letter"
    )


def import_opt_outs(count):
    drafts = [Draft(line, emails=[make_reader().email]) for line in range(count)]
    made = run(ImportRun.Mode.UNSUBSCRIBE)
    yield
    assert len(write_refusals(made, drafts, "objection")) == count


def import_people(count):
    start = Contact.objects.count()
    drafts = [
        Draft(
            n,
            emails=[f"new{start + n}@people.example"],
            fields={"name": f"New {n}"},
            tags=["fair"],
            custom={"tea": Written("Oolong")},
        )
        for n in range(count)
    ]
    made = run(ImportRun.Mode.UPSERT)
    yield
    assert {fate.word for fate in write_people(made, drafts).values()} == {"created"}


def import_people_who_opted_out(count):
    drafts = [Draft(n, emails=[make_reader().email], word=Word.OPTED_OUT) for n in range(count)]
    made = run(ImportRun.Mode.UPSERT)
    yield
    assert {fate.word for fate in write_people(made, drafts).values()} == {"updated"}


def look_again(count):
    ids = [make_contact().pk for _ in range(count)]
    yield
    request_recheck(ids)


def look_at_segments(count):
    one = make_contact(tags=["vip"])
    rules = [{"any": [{"tag": {"has_any": ["vip"]}}, {"tag": {"has_any": [f"t{n}"]}}]} for n in range(count)]
    made = [Segment(name=f"{one.name} {n}", rule=rule) for n, rule in enumerate(rules)]
    Segment.objects.bulk_create(made)
    yield
    assert recheck([one.pk], segments=made) == count


VERBS = [
    stitch,
    link,
    suppress_many,
    withdraw_many,
    give_many,
    complain,
    hear_complaints,
    hear_strangers,
    judge,
    tell_fields,
    index,
    import_opt_outs,
    import_people,
    import_people_who_opted_out,
    look_again,
    look_at_segments,
]


def statements_of(verb, count):
    steps = verb(count)
    next(steps)
    with CaptureQueriesContext(connection) as caught:
        for _ in steps:
            pass
    return [one["sql"] for one in caught]


@pytest.mark.parametrize("verb", VERBS)
def test_fifty_cost_what_one_costs(vouching, verb):
    statements_of(verb, 1)  # what is remembered for a process is remembered now

    one, fifty = statements_of(verb, 1), statements_of(verb, 50)

    assert len(fifty) <= len(one) + 2, "\n".join(sql[:110] for sql in fifty)
