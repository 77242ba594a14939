"""What a page says before two people become one is what the gate finds when they are."""

from datetime import timedelta
from itertools import product

import pytest

from consent.consenting import give_consent, withdraw_consent
from consent.eligibility import read_eligibilities
from consent.joining import STOPS, channels_stopped, words_when_joined
from consent.models import Consent, Suppression
from consent.settling import settle_words
from consent.suppressing import suppress_all
from contacts.channels import Channel
from contacts.merging import link_contacts
from lib.clock import now
from tests.factories.contacts import letter, make_contact

Reason = Suppression.Reason
SAID = {
    "nothing": lambda one: None,
    "yes": lambda one: give_consent(one, topic=letter(), wording="Yes"),
    "no": lambda one: (give_consent(one, topic=letter(), wording="Yes"), withdraw_consent(one, topic=letter())),
    "no to everything": lambda one: withdraw_consent(one, topic=None),
    "a yes that ended": lambda one: Consent.objects.create(
        contact=one, topic=letter(), state=Consent.State.GIVEN, expires_at=now() - timedelta(days=1)
    ),
}


@pytest.mark.parametrize(("one", "other"), list(product(SAID, SAID)))
def test_the_word_told_before_is_the_word_that_counts_then(inside, one, other):
    greta, short = make_contact(), make_contact()
    SAID[one](greta)
    SAID[other](short)
    settle_words([greta.pk, short.pk])

    told = {line.topic: line for line in words_when_joined(greta.pk, short.pk)}
    link_contacts(short.pk, greta.pk)

    for topic in (letter(), None):
        stands = read_eligibilities(Channel.EMAIL, getattr(topic, "pk", None), [greta.pk])[greta.pk]
        if topic in told:
            assert told[topic].then == (stands.word_state, stands.word_lapsed)
    said = one != "nothing" or other != "nothing"
    assert bool(told) == said


def test_who_gets_it_today_and_no_more_is_told(inside):
    greta, short = make_contact(), make_contact()
    SAID["yes"](greta)
    SAID["no to everything"](short)

    assert [line.topic for line in words_when_joined(greta.pk, short.pk) if line.stops] == [letter()]
    assert not [line for line in words_when_joined(short.pk, greta.pk) if line.stops]


@pytest.mark.parametrize("reason", [one for one in Reason if one != Reason.BOUNCING])  # a hold is no word
def test_an_address_on_the_list_stops_both_but_a_bounce(inside, reason):
    greta, short = make_contact(), make_contact()
    suppress_all([short.email], reason=reason)

    told = channels_stopped(greta.pk, short.pk)
    back = channels_stopped(short.pk, greta.pk)
    link_contacts(short.pk, greta.pk)

    stands = read_eligibilities(Channel.EMAIL, None, [greta.pk])[greta.pk]
    assert (told == [Channel.EMAIL]) == any(getattr(stands, name) for name in STOPS) == (reason != Reason.BOUNCE)
    assert stands.bounce_at is None
    assert back == []


def test_who_is_stopped_already_stops_for_nothing_new(inside):
    greta, short = make_contact(), make_contact()
    suppress_all([greta.email, short.email], reason=Reason.COMPLAINT)

    assert channels_stopped(greta.pk, short.pk) == []
