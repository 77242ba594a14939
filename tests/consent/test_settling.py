"""What counts now, kept beside the ledger: after whatever happens it is what the gate reads there."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.consenting import NoProofError, give_all, give_consent, withdraw_all
from consent.eligibility import read_eligibilities
from consent.models import Consent, ConsentNow, Topic
from consent.settling import settle_everybody, settle_tonight, settle_words
from contacts.channels import Channel
from contacts.merging import SamePersonError, link_contacts, unlink_contact
from contacts.models import Contact, Merged
from contacts.news import contacts_changed
from segments.rules.counting import ids_fitting
from tests.examples import examples
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in

DAY = timedelta(days=1)
ADDING = [
    Path("consent/consenting.py"),
    Path("consent/requesting.py"),
    Path("backstage/demo/people.py"),
    Path("consent/settling.py"),
]
WHO = st.integers(0, 3)
ABOUT = st.sampled_from(["letter", "offers", None])
BY = st.sampled_from([Channel.EMAIL, Channel.MOBILE])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("yes"), WHO, ABOUT, BY, st.sampled_from([None, -1, 5])),
        st.tuples(st.just("many yes"), WHO, ABOUT, BY),
        st.tuples(st.just("no"), WHO, ABOUT, BY),
        st.tuples(st.just("link"), WHO, WHO),
        st.tuples(st.just("part"), WHO),
        st.tuples(st.just("address"), WHO, st.sampled_from(["", "a@kettle.example", "b@kettle.example"])),
    ),
    max_size=9,
)


def do(step, people):
    who = Contact.objects.get(pk=people[step[1]].pk)
    match step:
        case ("yes", _, about, by, days):
            expires = None if days is None else timezone.now() + days * DAY
            give_consent(who, topic=topic(about), channel=by, expires_at=expires, page="https://kettle.example/join")
        case ("many yes", _, about, by):
            give_all([(who.pk, timezone.now(), None)], topic=topic(about or "letter"), channel=by)
        case ("no", _, about, by):
            withdraw_all([who.pk], topic=topic(about), channel=by)
        case ("link", _, other):
            link_contacts(who.pk, people[other].pk)
        case ("part", _):
            unlink_contact(who.pk)
        case ("address", _, address):
            Contact.objects.filter(pk=who.pk).update(email=address)
            contacts_changed.tell(contact_ids=[who.pk])


def topic(key):
    return Topic.objects.get(key=key) if key else None


def as_kept():
    """(person, channel, topic) → given, withdrawn or lapsed, of everybody, as the rows say."""
    rows = ConsentNow.objects.values_list("contact_id", "channel", "topic_id", "state", "expires_at")
    return {row[:3]: (row[3], bool(row[3] == 1 and row[4] and row[4] <= timezone.now())) for row in rows}


def as_the_gate_reads(people):
    """The same, as the gate reads the ledger; of topics and everything, where there is a word at all."""
    found = {}
    survivors = {one.pk for one in people} - set(Merged.objects.values_list("loser_id", flat=True))
    for by in (Channel.EMAIL, Channel.MOBILE):
        for about in [None, *Topic.objects.values_list("pk", flat=True)]:
            for one in read_eligibilities(by, about, sorted(survivors)).values():
                if one.word_state is not None:
                    found[one.id, int(by), about] = (one.word_state, one.word_lapsed)
    return found


def said_on_it(people):
    """The questions that somebody of the person answered word for word: these have a row."""
    stands = dict(Merged.objects.values_list("loser_id", "survivor_id"))
    rows = Consent.objects.exclude(state=0).values_list("contact_id", "channel", "topic_id")
    return {(stands.get(who, who), by, about) for who, by, about in rows}


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_happens_what_counts_now_is_what_the_gate_reads(kettle, steps):
    with working_in(kettle), transaction.atomic():
        people = [make_contact(name=f"P{n}", email=f"p{n}@kettle.example") for n in range(4)]
        for step in steps:
            try:
                with transaction.atomic():
                    do(step, people)
            except (NoProofError, SamePersonError):
                continue
            read, asked = as_the_gate_reads(people), said_on_it(people)
            assert as_kept() == {key: read[key] for key in asked}
        assert ids_by_leaves(people) == ids_by_gate(people)
        assert settle_words([one.pk for one in people]) == 0
        transaction.set_rollback(True)


def ids_by_leaves(people):
    """(channel, topic, state) → who is in, by the leaf."""
    return {
        (by, about, state): ids_fitting({"consent": {"channel": by, "topic": about, "state": state}})
        for by in ("email", "mobile")
        for about in ("letter", "offers", None)
        for state in ("given", "withdrawn", "none")
    }


def ids_by_gate(people):
    read, found = as_the_gate_reads(people), {}
    survivors = {one.pk for one in people} - set(Merged.objects.values_list("loser_id", flat=True))
    for by, number in (("email", Channel.EMAIL), ("mobile", Channel.MOBILE)):
        for about in ("letter", "offers", None):
            words = {one: read.get((one, int(number), topic(about) and topic(about).pk)) for one in survivors}
            found[by, about, "given"] = {one for one, word in words.items() if word == (1, False)}
            found[by, about, "withdrawn"] = {one for one, word in words.items() if word and word[0] == 2}
            found[by, about, "none"] = {one for one, word in words.items() if word is None}
    return found


def test_the_night_mends_what_was_forgotten(kettle):
    with working_in(kettle):
        greta, sven, lost = (
            make_contact(),
            make_contact(email="s@kettle.example"),
            make_contact(email="l@kettle.example"),
        )
        give_consent(greta, topic=letter())
        give_consent(sven, topic=letter())
        ConsentNow.objects.filter(contact=greta).delete()
        ConsentNow.objects.filter(contact=sven).update(state=Consent.State.WITHDRAWN)
        ConsentNow.objects.create(contact=lost, topic=letter(), channel=1, state=Consent.State.GIVEN)

    found = settle_everybody(kettle)

    assert (found, settle_everybody(kettle)) == (3, 0)
    assert settle_tonight(kettle) > timezone.now()
    with working_in(kettle):
        assert ids_fitting({"consent": {"channel": "email", "topic": "letter", "state": "given"}}) == {
            greta.pk,
            sven.pk,
        }


def test_many_cost_no_more_statements_than_one(inside):
    people = [make_contact(email=f"n{n}@kettle.example").pk for n in range(51)]
    counts = []
    for some in (people[:1], people[1:]):
        with CaptureQueriesContext(connection) as seen:
            settle_words(some)
        counts.append(len(seen))

    assert counts == [5, 5]


@pytest.mark.parametrize("path", ADDING)
def test_whoever_adds_to_the_ledger_settles_what_counts(path):
    """Every place that adds a word is one of these, and each calls settle_words or tell_of_words."""
    adds = re.compile(
        r"\bConsent\.objects\.(?:create|bulk_create)|INSERT INTO consent_consent\b|_add_all\(|\"consent/undo_words\""
    )
    rooms = [project.BASE_DIR / one for one in project.INSTALLED_APPS if (project.BASE_DIR / one).is_dir()]
    files = [*(file for room in rooms for file in room.rglob("*.py")), *(project.BASE_DIR / "backstage").rglob("*.py")]
    adding = {file.relative_to(project.BASE_DIR) for file in files if adds.search(file.read_text())}
    text = (project.BASE_DIR / path).read_text()

    assert adding == set(ADDING)
    assert len(re.findall(r"\b(?:tell_of_words|settle_words)\(", text)) >= len(adds.findall(text)) - 3
