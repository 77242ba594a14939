"""On their own page people say something, ask for a call, correct themselves: it arrives, once, and it can be undone."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from consent.rules import interests, offer_interests
from contacts.models import Contact, Identity, Tag
from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to, try_again
from conversations.models import Conversation, Mention, Reply
from delivery.engine.sending import send_due as send_emails
from delivery.models import Message, PersonalEmail
from engagement.interests.reading import interests_of, tag_for
from engagement.models import Interest, InterestWord
from engagement.models.interests import Said
from lib.clock import now
from portal.own_facts import take_address
from privacy.models import PrivacyRequest
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from tests.portal.test_relationship import may_get, press
from touchpoints.models import Touchpoint
from workspaces.current import working_in


@pytest.fixture
def room(settings, tmp_path):
    settings.VAR_DIR, settings.ECRM_FETCH_LOOPBACK = tmp_path, True
    found = Mailroom()
    controller = open_mailroom(found)
    found.port = controller.real_port
    yield found
    controller.stop()


def test_what_they_say_waits_in_the_inbox_and_the_answer_goes_out_by_email_once(visitor, greta, kettle, ada, room):
    page = press(visitor, greta, do="say", words="Is the <b>Assam</b> back?")
    assert "A person reads it" in page.text
    with working_in(kettle):
        make_sender(port=room.port)
        mention = Mention.objects.select_related("author", "conversation", "connection").get()
        assert (mention.text, mention.author.contact_id) == ("Is the <b>Assam</b> back?", greta.pk)
        assert (mention.conversation.state, mention.conversation.is_public) == ("waiting", False)
        assert Touchpoint.objects.get(contact=greta, kind=33).channel == 2
        reply = reply_to(mention, "It is, since Monday.", by=ada)
    for _ in range(2):
        send_due(kettle)
        with working_in(kettle):
            assert Reply.objects.get().state == "waiting"  # it has not left yet
        send_emails(kettle)
    come_again(kettle)

    assert [address for _sender, address, _data in room.letters] == ["greta@slowwater.example"]
    assert b"It is, since Monday." in room.letters[0][2]
    with working_in(kettle):
        assert PersonalEmail.objects.get().key == UUID(str(reply.key))
        assert Message.objects.get().purpose == "answer"
        assert Touchpoint.objects.filter(contact=greta, kind=32).count() == 1  # told once: by the inbox
        assert Touchpoint.objects.filter(contact=greta, kind=1).count() == 0


def come_again(kettle):
    """The moment at which the inbox asks again has come."""
    with working_in(kettle):
        Reply.objects.filter(state="waiting").update(due_at=now())
    send_due(kettle)


@pytest.fixture
def answered(visitor, greta, kettle, ada, room):
    """Greta said something; the answer is on its way, and the sender's server takes nothing."""
    press(visitor, greta, do="say", words="Is the Assam back?")
    with working_in(kettle):
        make_sender(port=1)
        reply_to(Mention.objects.select_related("author", "conversation", "connection").get(), "It is.", by=ada)
    for _ in range(2):
        send_due(kettle)
        send_emails(kettle)


def stands(kettle):
    with working_in(kettle):
        return Reply.objects.get().state, Conversation.objects.get().state, Message.objects.get().state


def test_an_answer_that_cannot_leave_comes_back_to_the_inbox_and_never_leaves_later(answered, kettle, room):
    come_again(kettle)
    assert stands(kettle)[0] == "waiting"
    with working_in(kettle):
        PersonalEmail.objects.update(created_at=now() - timedelta(minutes=16))
    come_again(kettle)

    assert stands(kettle) == ("failed", "waiting", "cancelled")
    with working_in(kettle):
        try_again(Reply.objects.get(), by=None)
    come_again(kettle)
    assert stands(kettle)[0] == "failed"
    send_emails(kettle)
    assert room.letters == []


def test_an_answer_that_the_gate_refuses_says_why(visitor, greta, kettle, ada, room):
    press(visitor, greta, do="say", words="Is the Assam back?")
    with working_in(kettle):
        make_sender(port=room.port)
        reply_to(Mention.objects.select_related("author", "conversation", "connection").get(), "It is.", by=ada)
    room.refuse[greta.email] = "550 no such mailbox"
    for _ in range(2):
        send_due(kettle)
        send_emails(kettle)
    come_again(kettle)

    assert stands(kettle)[:2] == ("failed", "waiting")
    with working_in(kettle):
        assert "no such mailbox" in Reply.objects.get().last_error


def test_without_a_sender_the_answer_says_so_instead_of_vanishing(visitor, greta, kettle, ada):
    press(visitor, greta, do="say", words="Hello?")
    with working_in(kettle):
        mention = Mention.objects.select_related("author", "conversation", "connection").get()
        reply_to(mention, "Hi", by=ada)
    send_due(kettle)

    with working_in(kettle):
        reply = Reply.objects.get()
        assert (reply.state, "no sender" in reply.last_error) == ("failed", True)


def test_a_wish_to_be_called_waits_with_its_number_and_time(visitor, greta, kettle):
    page = press(visitor, greta, do="call", number="+46 70 555 01 42", when="mornings")

    assert "We call you" in page.text
    with working_in(kettle):
        assert Mention.objects.get().text == "Please call me: +46 70 555 01 42. mornings"
        assert Touchpoint.objects.filter(contact=greta, kind=42).count() == 1
    press(visitor, greta, do="call", number="+46 70 555 01 42", when="evenings")
    with working_in(kettle):
        assert Conversation.objects.count() == 2


@pytest.mark.parametrize(
    "form",
    [
        {"do": "say", "words": " "},
        {"do": "say"},
        {"do": "say", "words": "\0\0"},
        {"do": "call", "number": "call me"},
        {"do": "facts", "name": " "},
        {"do": "facts", "name": "Greta", "language": "xx"},
        {"do": "address", "email": "nonsense"},
        {"do": "address", "email": "a@b.example\r\nBcc: c@d.example"},
    ],
)
def test_what_cannot_be_read_changes_nothing(visitor, greta, kettle, form):
    page = visitor.post(greta.path, form)

    assert (page.status_code, "Nothing was changed" in page.text) == (422, True)
    with working_in(kettle):
        assert (Mention.objects.count(), mail.outbox) == (0, [])


def test_a_robot_is_told_the_same_and_six_things_an_hour_are_too_many(visitor, greta, kettle):
    assert "A person reads it" in press(visitor, greta, do="say", words="Buy this", website="x").text
    with working_in(kettle):
        assert Mention.objects.count() == 0
    for n in range(5):
        assert press(visitor, greta, do="say", words=f"Word {n}").status_code == 200

    page = visitor.post(greta.path, {"do": "say", "words": "The sixth"})

    assert (page.status_code, "The sixth</textarea>" in page.text) == (429, True)
    with working_in(kettle):
        assert Mention.objects.count() == 5


def test_long_and_strange_words_are_kept_as_text(visitor, greta, kettle):
    press(visitor, greta, do="say", words="x" * 9_000 + "\u202e")
    with working_in(kettle):
        assert len(Mention.objects.get().text) == 5_000


def test_they_correct_their_name_and_language_and_take_it_back(visitor, greta, kettle):
    page = press(visitor, greta, do="facts", name="Grete Lindqvist", language="de")
    assert "Gespeichert" in page.text or "Saved" in page.text
    with working_in(kettle):
        assert Contact.objects.values_list("name", "language").get() == ("Grete Lindqvist", "de")

    sealed = re.search(r'name="before" value="([^"]+)"', page.text)[1]
    press(visitor, greta, do="undo", before=sealed)

    with working_in(kettle):
        assert Contact.objects.get().name == "Greta Lindqvist"


def test_interests_are_tags_in_the_teams_words(visitor, greta, kettle, ada):
    assert "What interests you" not in visitor.get(greta.path).text
    with working_in(kettle):
        offer_interests("Tea\n  Slow   brewing \nTea\n", by=ada)
        assert interests() == ["Tea", "Slow brewing"]
        Tag.objects.create(contact=greta, name="vip")

    page = press(visitor, greta, do="interests", interest=["Slow brewing", "vip", "forged"])
    with working_in(kettle):
        assert set(Tag.objects.values_list("name", flat=True)) == {"vip", "Slow brewing"}
    sealed = re.search(r'name="before" value="([^"]+)"', page.text)[1]
    press(visitor, greta, do="undo", before=sealed)
    with working_in(kettle):
        assert set(Tag.objects.values_list("name", flat=True)) == {"vip"}


def test_the_team_says_which_interests_there_are(as_ada, member, kettle):
    assert as_ada.post("/w/kettle/contacts/rules/interests/", {"interests": "Tea\nShops"}).status_code == 302
    assert "Shops</textarea>" in as_ada.get("/w/kettle/contacts/rules/").text
    assert member("marketer").post("/w/kettle/contacts/rules/interests/", {"interests": ""}).status_code == 403
    with working_in(kettle):
        assert interests() == ["Tea", "Shops"]


def ask_for(visitor, greta, address):
    page = press(visitor, greta, do="address", email=address)
    return page, re.search(r"https?://[^/]+(/p/\S+)", mail.outbox[-1].body)[1] if mail.outbox else ""


def test_another_address_is_theirs_once_its_link_was_used(visitor, greta, kettle, django_capture_on_commit_callbacks):
    page, link = ask_for(visitor, greta, "New@Slowwater.example")
    assert "A link is on its way" in page.text
    assert [letter.to for letter in mail.outbox] == [["new@slowwater.example"]]
    assert "Is this your address?" in visitor.get(link).text
    with working_in(kettle):
        assert Contact.objects.get().email == "greta@slowwater.example"  # GET changed nothing

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            assert "your new address" in visitor.post(link).text

    [_asked, told] = mail.outbox
    assert told.to == ["greta@slowwater.example"]
    assert "new@slowwater.example" not in told.body
    assert "/p/kettle/me/" in told.body
    with working_in(kettle):
        assert Contact.objects.get().email == "new@slowwater.example"
        row = Identity.objects.get(value="new@slowwater.example")
        assert (row.verified_at is not None, row.former_since) == (True, None)


def test_an_address_of_somebody_else_is_not_moved_and_a_colleague_looks(visitor, greta, kettle):
    with working_in(kettle):
        other = make_contact("Tom", "tom@tea.example")
    page, link = ask_for(visitor, greta, "tom@tea.example")
    assert "A link is on its way" in page.text  # the same as for any other

    assert "We know this address already" in visitor.post(link).text

    with working_in(kettle):
        assert Identity.objects.get(value="tom@tea.example").contact_id == other.pk
        assert str(other.pk) in PrivacyRequest.objects.get(kind="correct").details
        assert not take_address(Contact.objects.get(pk=greta.pk), "tom@tea.example")


def test_an_address_is_mailed_once_in_ten_minutes_and_five_a_day(visitor, greta):
    for _ in range(3):
        press(visitor, greta, do="address", email="new@slowwater.example")
    assert len(mail.outbox) == 1
    for n in range(9):
        visitor.post(greta.path, {"do": "address", "email": f"n{n}@slowwater.example"})
    assert len(mail.outbox) == 3


@pytest.mark.parametrize("change", ["forge", "other workspace", "no token"])
def test_a_link_that_is_not_ours_is_not_found(visitor, greta, kettle, rival, change):
    _page, link = ask_for(visitor, greta, "new@slowwater.example")
    wrong = {"forge": link[:-3] + "xx/", "other workspace": link.replace("/kettle/", "/rival/")}.get(
        change, "/p/kettle/address/a:b:c/"
    )
    assert (visitor.get(wrong).status_code, visitor.post(wrong).status_code) == (404, 404)


def test_this_is_not_me_stops_emails_asks_a_colleague_and_can_be_undone(visitor, greta, kettle):
    page = press(visitor, greta, do="not-me")
    assert "one of us looks whose page this is" in page.text
    assert not may_get(kettle, greta, "letter")
    with working_in(kettle):
        assert "greta@slowwater.example" in PrivacyRequest.objects.get(kind="correct").details
    sealed = re.search(r'name="before" value="([^"]+)"', page.text)[1]
    press(visitor, greta, do="undo", before=sealed)
    assert may_get(kettle, greta, "letter")


@pytest.mark.parametrize(
    ("query", "language", "spoken", "expected"),
    [
        ("", "", "", "en"),
        ("", "", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "", "sv,fr;q=0.8", "en"),
        ("", "de", "en", "de"),
        ("?lang=en", "de", "de", "en"),
        ("?lang=xx", "de", "en", "de"),
    ],
)
def test_the_page_speaks_their_language_without_a_cookie(visitor, greta, kettle, query, language, spoken, expected):
    with working_in(kettle):
        Contact.objects.update(language=language)

    page = visitor.get(f"{greta.path}{query}", headers={"Accept-Language": spoken})

    assert f'<html lang="{expected}"' in page.text
    assert page.cookies == {}
    other = {"en": "de", "de": "en"}[expected]
    assert f'{greta.path}?lang={other}"' in page.text


def test_the_chosen_language_stays_through_a_save(greta):
    answer = Client().post(f"{greta.path}?lang=de", {"do": "less"})
    assert (answer.status_code, "lang=de" in answer["Location"]) == (302, True)


def test_the_sections_stand_in_their_order_without_scores(visitor, greta):
    page = visitor.get(greta.path).text
    order = ["less", "what", "pause", "talk", "know", "prof", "seen", "rights", "agreed"]
    places = [page.index(f'<h2 id="{one}">') for one in order]
    assert places == sorted(places)
    assert "of 100" not in page


def test_looking_changes_nothing(visitor, greta, kettle):
    for path in (greta.path, f"{greta.path}?do=say&words=Hi", f"{greta.path}?do=not-me&lang=de"):
        visitor.get(path)
    with working_in(kettle):
        assert (Mention.objects.count(), PrivacyRequest.objects.count(), Touchpoint.objects.count()) == (0, 0, 0)


def test_people_see_what_we_think_they_like_and_have_the_last_word(visitor, greta, kettle):
    with working_in(kettle):
        tea, cups = tag_for("Tea"), tag_for("Cups")
        Interest.objects.create(contact=greta, tag=tea, sum=1e9)
    assert "We think you like this" in visitor.get(greta.path).text

    page = press(visitor, greta, do="interest", tag=tea.pk, said=2)
    with working_in(kettle):
        assert interests_of([greta.pk]) == {}
        assert InterestWord.objects.get().by_id is None
    assert "this does not interest you" in page.text
    sealed = re.search(r'name="before" value="([^"]+)"', page.text)[1]
    press(visitor, greta, do="undo", before=sealed)
    with working_in(kettle):
        assert InterestWord.objects.get().said == Said.NOTHING

    for forged in ({"tag": cups.pk, "said": 1}, {"tag": "x", "said": 1}, {"said": 1}):
        assert visitor.post(greta.path, {"do": "interest"} | forged).status_code == 422


def test_what_they_tick_is_their_word_about_an_interest(visitor, greta, kettle, ada):
    with working_in(kettle):
        offer_interests("Tea\nCups", by=ada)

    press(visitor, greta, do="interests", interest=["Tea"])

    with working_in(kettle):
        assert interests_of([greta.pk]) == {greta.pk: {tag_for("tea").pk: 8.0}}
