"""A stranger on SMS whose number several people use is called by them, perhaps, and is nobody until a colleague says who."""

import pytest

from contacts.models import Identity
from contacts.sharing import mark_shared
from conversations.authors.authoring import link_known_authors
from conversations.models import Connection, PublicAuthor
from delivery.models import Sender
from delivery.returns.texts import Answer, take_answer
from tests.factories.contacts import make_contact
from touchpoints.models import CorrectedFact, Touchpoint
from workspaces.current import working_in
from workspaces.models import Role

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "+4915200000001", "+4915200000002"
INBOX = "/w/kettle/inbox/"


@pytest.fixture
def texts(kettle):
    with working_in(kettle):
        return Sender.objects.create(kind="sms", name="Texts of Kettle", settings={})


@pytest.fixture
def two(kettle, ada):
    """Ann and Ben, who share a phone."""
    with working_in(kettle):
        people = [make_contact(name) for name in ("Ann Tee", "Ben Berg")]
        row = Identity.objects.create(contact=people[0], kind=Identity.Kind.PHONE, value=NUMBER)
        mark_shared(people[0], row.pk, by=ada)
        Identity.objects.create(
            contact=people[1],
            kind=Identity.Kind.PHONE,
            value=NUMBER,
            shared_key=people[1].pk,
            shared_since=row.created_at,
        )
        return people


def test_the_list_and_the_card_say_who_it_may_be_and_vouch_for_nothing(as_ada, kettle, texts, two):
    with working_in(kettle):
        take_answer(texts, Answer("SM1", NUMBER, "Is it open?"))
        take_answer(texts, Answer("SM2", OTHER, "And today?"))
        author = PublicAuthor.objects.get(handle=NUMBER)
        link_known_authors([one.pk for one in two])
        author.refresh_from_db()
        talk = author.conversations.get().pk
        assert author.contact_id is None

    page = as_ada.get(f"{INBOX}{talk}/").text

    assert "perhaps Ann Tee, Ben Berg" in as_ada.get(INBOX).text
    assert OTHER in as_ada.get(INBOX).text
    assert "Who wrote this?" in page
    as_ada.post(f"{INBOX}{talk}/link/", {"contact": two[1].pk})
    with working_in(kettle):
        take_answer(texts, Answer("SM3", NUMBER, "Once more"))
        assert PublicAuthor.objects.filter(
            handle=NUMBER, contact=None, claimed_by=0
        ).exists()  # the next one asks again
        facts = Touchpoint.objects.exclude(pk__in=CorrectedFact.objects.values("touchpoint_id"))
        (own,) = facts.filter(contact_id=two[1].pk)
        assert own.payload["text"] == "Is it open?"


def test_who_sees_no_names_sees_none_here(client, kettle, texts, two, ada):
    from tests.conftest import join, make_user

    with working_in(kettle):
        take_answer(texts, Answer("SM1", NUMBER, "Is it open?"))
    client.force_login(join(kettle, make_user("ana@kettle.example", "Ana"), Role.ANALYST))

    assert "Ann Tee" not in client.get(INBOX).text


def test_texts_are_counted_on_the_persons_page(as_ada, kettle, texts):
    with working_in(kettle):
        greta = make_contact("Greta")
        Identity.objects.create(contact=greta, kind=Identity.Kind.PHONE, value=OTHER)
        for number in range(3):
            take_answer(texts, Answer(f"SM{number}", OTHER, "Hello"))

    assert "Mobile,\n" in as_ada.get(f"/w/kettle/contacts/{greta.pk}/").text
    assert "3 in all" in as_ada.get(f"/w/kettle/contacts/{greta.pk}/").text


def test_a_number_of_ours_pauses_by_a_button_and_says_what_that_means(as_ada, kettle, texts):
    with working_in(kettle):
        take_answer(texts, Answer("SM1", NUMBER, "Hello"))
        pk = Connection.objects.get(network="sms").pk
    page = "/w/kettle/inbox/connections/"
    assert f"{page}{pk}/active/" in as_ada.get(page).text

    as_ada.post(f"{page}{pk}/active/", {"active": "no"})

    assert "not in the inbox" in as_ada.get(page).text
    with working_in(kettle):
        assert not Connection.objects.get(pk=pk).is_active
        take_answer(texts, Answer("SM2", NUMBER, "Anybody?"))
        assert PublicAuthor.objects.get().conversations.get().mentions.count() == 1
    as_ada.post(f"{page}{pk}/active/", {"active": "yes"})
    with working_in(kettle):
        take_answer(texts, Answer("SM3", NUMBER, "Now?"))
        assert PublicAuthor.objects.get().conversations.get().mentions.count() == 2
