"""Letting consents end: who is quiet is asked once more; who says yes again keeps it, and a no stays a no."""

from datetime import timedelta

import pytest
from django.test import Client

from consent.asking import Ask
from consent.consenting import give_consent, withdraw_all
from consent.ending import end_consents, let_consents_hold
from consent.gate import verdict
from consent.models import Consent, ConsentNow, Topic
from consent.settling import settle_words
from contacts.merging import link_contacts, unlink_contact
from lib import clock
from portal.access_links import relationship_token
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in


@pytest.fixture
def world(inside):
    """(somebody who said yes to two topics, somebody who said yes and then no, somebody who said nothing)."""
    yes, no, nothing = make_contact(), make_contact(), make_contact()
    offers = Topic.objects.get(key="offers")
    for topic in (letter(), offers):
        give_consent(yes, topic=topic, basis="soft_opt_in", wording="Yes, please")
    give_consent(no, topic=letter())
    withdraw_all([no.pk], topic=letter())
    return yes, no, nothing


def ends_of(*people):
    rows = ConsentNow.objects.filter(contact__in=people).order_by("contact", "topic")
    return {(row.contact_id, row.topic.key): (row.state, row.expires_at) for row in rows}


def allowed(contact):
    return verdict(Ask(message_class="subscribed", topic_id=letter().pk), contact)


def test_a_yes_ends_on_the_day_on_its_basis_and_with_its_wording(world):
    yes, no, _nothing = world
    at = clock.now() + timedelta(days=30)
    everybody = [one.pk for one in world]

    ended = end_consents(everybody, at, source="Quiet", by_id=7)

    assert set(ended) == {yes.pk}
    assert len(ended[yes.pk]) == 2
    newest = Consent.objects.filter(contact=yes).order_by("-pk").first()
    assert (newest.basis, newest.wording.text, newest.source, newest.by_id) == (
        "soft_opt_in",
        "Yes, please",
        "Quiet",
        7,
    )
    assert {end for _state, end in ends_of(yes).values()} == {at}
    assert allowed(yes).allowed
    assert not allowed(no).allowed
    assert settle_words(everybody) == 0
    assert end_consents(everybody, at, source="Quiet", by_id=7) == {}
    assert end_consents(everybody, at + timedelta(days=9), source="Quiet", by_id=7) == {}  # never later than it would
    assert end_consents([], at, source="", by_id=None) == {}


def test_after_the_day_nothing_goes_out(world):
    yes, _no, _nothing = world
    end_consents([yes.pk], clock.now() - timedelta(seconds=1), source="Quiet", by_id=None)
    assert allowed(yes).reason == "no_consent"


def test_taking_it_back_gives_back_the_old_end_and_overrules_nobody(world):
    yes, _no, _nothing = world
    at, later = clock.now() + timedelta(days=3), clock.now() + timedelta(days=300)
    bounded = make_contact()
    give_consent(bounded, topic=letter(), expires_at=later)
    ended = end_consents([yes.pk, bounded.pk], at, source="Quiet", by_id=None)
    withdraw_all([yes.pk], topic=letter())

    back = let_consents_hold(ended, by_id=None)

    assert back == {yes.pk, bounded.pk}
    found = ends_of(yes, bounded)
    assert found[yes.pk, "letter"][0] == Consent.State.WITHDRAWN
    assert found[yes.pk, "offers"] == (Consent.State.GIVEN, None)
    assert found[bounded.pk, "letter"] == (Consent.State.GIVEN, later)
    assert let_consents_hold(ended, by_id=None) == set()


def test_of_people_who_are_one_the_word_that_counts_ends(world):
    yes, _no, nothing = world
    link_contacts(yes.pk, nothing.pk)  # the yes was said by who is linked to them
    at = clock.now() + timedelta(days=3)
    ended = end_consents([nothing.pk], at, source="Quiet", by_id=None)
    assert set(ended) == {nothing.pk}
    assert settle_words([nothing.pk]) == 0
    assert not Consent.objects.filter(contact=nothing).exists()  # who said nothing says nothing once they part
    unlink_contact(yes.pk)
    assert {end for _state, end in ends_of(yes).values()} == {at}
    assert ends_of(nothing) == {}
    assert let_consents_hold(ended, by_id=None) == {nothing.pk}
    assert {end for _state, end in ends_of(yes).values()} == {None}


def test_their_own_page_shows_the_day_and_one_button_keeps_it(kettle):
    with working_in(kettle):
        greta = make_contact("Greta", "greta@tea.example")
        give_consent(greta, topic=letter())
        page = f"/p/kettle/me/{relationship_token(greta.pk)}/"
    visitor = Client(enforce_csrf_checks=True)
    assert "ends on" not in visitor.get(page).text
    assert visitor.post(page, {"do": "keep"}).status_code == 422
    with working_in(kettle):
        end_consents([greta.pk], clock.now() + timedelta(days=20), source="Quiet", by_id=None)
    assert "Your consent to “Newsletter” ends on" in visitor.get(page).text
    answered = visitor.post(page, {"do": "keep"}, follow=True)
    assert "you go on getting it" in answered.text
    assert "ends on" not in answered.text
    with working_in(kettle):
        newest = Consent.objects.filter(contact=greta).order_by("-pk").first()
        assert (newest.expires_at, newest.page) == (None, "/p/kettle/me/…/")


def test_an_end_far_away_is_not_shown_yet(kettle):
    with working_in(kettle):
        greta = make_contact("Greta", "greta@tea.example")
        give_consent(greta, topic=letter(), expires_at=clock.now() + timedelta(days=61))
        page = f"/p/kettle/me/{relationship_token(greta.pk)}/"
    assert "ends on" not in Client().get(page).text
