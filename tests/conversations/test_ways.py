"""The composer on a person's page: answer, email, call; what cannot go keeps its text and says why."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from consent.consenting import withdraw_consent
from consent.models import ContactHours
from consent.suppressing import suppress
from contacts.models import Contact, DraftFile, Identity
from conversations.answers.replying import reply_to
from conversations.models import AnswerDraftFile, Conversation, Mention, Reply, ReplyFile
from delivery.models import Delivery, PersonalEmail
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from touchpoints.models import Touchpoint
from workspaces.current import working_in


@pytest.fixture
def greta(kettle) -> Contact:
    with working_in(kettle):
        contact = make_contact("Greta Lindqvist", "greta@slowwater.example", zone="Asia/Tokyo")
        Identity.objects.create(contact=contact, kind=Identity.Kind.PHONE, value="+46705550142")
    contact.page = f"/w/kettle/contacts/{contact.pk}/"
    return contact


@pytest.fixture
def mention(kettle, greta) -> Mention:
    with working_in(kettle):
        made = make_mention("Does it fit the 0.6 l?", name="Greta", handle="greta@tea.example")
        made.author.contact = greta
        made.author.save()
        return made


def compose(client, greta, way):
    return client.get(f"{greta.page}?compose={way}").text


def test_the_primary_action_is_to_answer_who_waits_else_to_write_else_to_call(as_ada, greta, mention, kettle):
    def primary() -> str:
        return re.search(r'class="button primary"\s+href="\?compose=(\w+)#composer"', as_ada.get(greta.page).text)[1]

    assert primary() == "answer"
    with working_in(kettle):
        Conversation.objects.update(state="done")
    assert primary() == "email"
    with working_in(kettle):
        Contact.objects.update(email="")
    assert primary() == "call"


def test_an_answer_goes_to_the_last_thing_they_sent_us(as_ada, greta, mention, kettle, ada):
    page = compose(as_ada, greta, "answer")
    assert ("Does it fit the 0.6 l?" in page, "everyone can read it" in page) == (True, True)

    form = {"text": "It does.", "key": uuid4(), "seen": 0, "mention": mention.pk}
    path = f"/w/kettle/inbox/of/{greta.pk}/answer/"
    sent = [as_ada.post(path, form) for _ in range(2)]

    assert [one.status_code for one in sent] == [302, 302]
    with working_in(kettle):
        reply = Reply.objects.get()
        assert (reply.text, reply.mention_id, reply.by_id) == ("It does.", mention.pk, ada.pk)
        assert Touchpoint.objects.filter(contact=greta, kind=32).count() == 1


def test_what_a_colleague_answered_meanwhile_is_shown_and_the_text_stays(as_ada, greta, mention, kettle, bob):
    with working_in(kettle):
        reply_to(mention, "Bob was first.", by=bob)

    form = {"text": "Mine.", "key": uuid4(), "seen": 0, "mention": mention.pk}
    page = as_ada.post(f"/w/kettle/inbox/of/{greta.pk}/answer/", form)

    assert page.status_code == 422
    assert ("Bob was first." in page.text, ">Mine.</textarea>" in page.text) == (True, True)
    with working_in(kettle):
        assert Reply.objects.count() == 1


def test_a_network_that_takes_no_files_says_so_and_sends_nothing(as_ada, greta, mention, kettle):
    with working_in(kettle):
        make_sender()
    page = compose(as_ada, greta, "answer")
    assert ("takes no files: words alone go there" in page, "10 MB together" in page) == (True, False)
    path = f"/w/kettle/inbox/of/{greta.pk}/answer/"
    file = SimpleUploadedFile("tin.txt", b"0.6 l")
    form = {"text": "It does.", "key": uuid4(), "seen": 0, "mention": mention.pk}

    page = as_ada.post(path, form | {"attached": [file]})

    assert (page.status_code, "takes neither files nor pictures" in page.text, "It does.</textarea>" in page.text) == (
        422,
        True,
        True,
    )
    kept = as_ada.post(f"{greta.page}drafts/answer/", {"text": "It does.", "attached": [file]}, follow=True)
    assert "the files are not yet" in kept.text
    with working_in(kettle):
        assert (Reply.objects.count(), DraftFile.objects.count(), AnswerDraftFile.objects.count()) == (0, 0, 0)
    assert as_ada.post(path, form).status_code == 302
    with working_in(kettle):
        assert (Reply.objects.count(), ReplyFile.objects.count()) == (1, 0)


def test_of_somebody_elses_words_nothing_is_answered(as_ada, greta, mention, kettle):
    with working_in(kettle):
        other = make_mention("Not hers", handle="tom@tea.example", name="Tom")

    form = {"text": "Hi", "key": uuid4(), "seen": 0, "mention": other.pk}
    page = as_ada.post(f"/w/kettle/inbox/of/{greta.pk}/answer/", form)

    assert page.status_code == 422
    with working_in(kettle):
        assert Reply.objects.count() == 0


def test_an_email_is_put_on_its_way_once_and_can_be_taken_back(as_ada, greta, kettle):
    with working_in(kettle):
        make_sender()
    page = compose(as_ada, greta, "email")
    assert ("greta@slowwater.example" in page, "from hello@kettle.example" in page, "A personal email" in page) == (
        True, True, True,
    )  # fmt: skip

    form = {"subject": "Your tin", "text": "Dear Greta", "key": uuid4()}
    for _ in range(2):
        assert as_ada.post(f"/w/kettle/contacts/{greta.pk}/email/", form).status_code == 302
    page = as_ada.get(greta.page).text
    assert "leaves in a moment" in page
    with working_in(kettle):
        email = PersonalEmail.objects.get()
    as_ada.post(f"/w/kettle/contacts/emails/{email.pk}/take-back/")

    page = as_ada.get(greta.page).text
    assert "Emails under way" not in page


def test_a_second_click_says_that_it_stood_already(as_ada, greta, mention, kettle):
    with working_in(kettle):
        make_sender()
    call = {"who": "us", "result": "talked", "ended_at": "2026-03-01T10:00", "token": "abc"}
    visit = {"kind": "shop_visit", "occurred_at": "2026-03-01T10:00", "token": "abc"}
    answer = {"text": "It does.", "key": uuid4(), "seen": 0, "mention": mention.pk}
    email = {"subject": "Your tin", "text": "Dear Greta", "key": uuid4()}
    answers = f"/w/kettle/inbox/of/{greta.pk}/"

    def twice(path, form):
        return [as_ada.post(path, form, follow=True).text for _ in range(2)]

    first, second = twice(f"{answers}call/", call)
    assert ("Call logged." in first, "Call logged." in second, "It was not logged again" in second) == (
        True,
        False,
        True,
    )
    first, second = twice(f"/w/kettle/touchpoints/of/{greta.pk}/log/", visit)
    assert ("Activity logged." in first, "It was not logged again" in second) == (True, True)
    first, second = twice(f"{answers}answer/", answer)
    assert ("Answer noted." in first, "It was not sent again" in second) == (True, True)
    assert "leaves in a moment" in as_ada.post(f"/w/kettle/contacts/{greta.pk}/email/", email, follow=True).text
    with working_in(kettle):
        row = PersonalEmail.objects.get()
        Delivery.objects.create(message=row.message, contact=greta, occasion=row.pk, state=Delivery.State.SENT)
    second = as_ada.post(f"/w/kettle/contacts/{greta.pk}/email/", email, follow=True).text
    assert ("It was not sent again" in second, "leaves in a moment" in second) == (True, False)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("no sender", "there is no sender of emails"),
        ("no address", "No email address is known"),
        ("suppressed", "An email would be refused"),
        ("said no", "An email would be refused"),
    ],
)
def test_the_composer_says_why_no_email_can_go(as_ada, greta, kettle, trouble, words):
    with working_in(kettle):
        if trouble != "no sender":
            make_sender()
        if trouble == "no address":
            Contact.objects.update(email="")
        if trouble == "suppressed":
            suppress(greta.email)
        if trouble == "said no":
            withdraw_consent(greta, topic=None)

    assert words in compose(as_ada, greta, "email")
    sent = as_ada.post(f"/w/kettle/contacts/{greta.pk}/email/", {"subject": "Hi", "text": "Kept words", "key": uuid4()})

    assert sent.status_code == 422
    assert trouble == "no sender" or ">Kept words</textarea>" in re.sub(r">\s+", ">", sent.text)
    with working_in(kettle):
        assert PersonalEmail.objects.count() == 0


def test_a_call_stands_on_the_timeline_once_and_comes_back_when_they_asked(as_ada, greta, kettle, ada):
    page = compose(as_ada, greta, "call")
    assert ("+46705550142" in page, "only when they ask" in page) == (True, True)
    back = timezone.now() + timedelta(days=2)
    form = {
        "who": "us", "result": "talked", "minutes": 6, "note": "Laughed about the parcel", "mood": "1000",
        "ended_at": "2026-03-01T10:00", "call_back_at": f"{back:%Y-%m-%dT%H:%M}", "token": "abc",
    }  # fmt: skip

    for _ in range(2):
        assert as_ada.post(f"/w/kettle/inbox/of/{greta.pk}/call/", form).status_code == 302

    with working_in(kettle):
        call = Touchpoint.objects.get(contact=greta, kind=41)
        assert (call.actor_id, call.sentiment_milli, call.payload) == (
            ada.pk, 1000, {"note": "Laughed about the parcel", "minutes": 6, "result": "talked"},
        )  # fmt: skip
        wish = Conversation.objects.get()
        assert (wish.state, wish.assignee_id, wish.author.contact_id) == ("snoozed", ada.pk, greta.pk)
        assert Touchpoint.objects.filter(contact=greta, kind=42).count() == 1
    assert "Laughed about the parcel" in as_ada.get(greta.page).text


@pytest.mark.parametrize(
    "wrong", [{"ended_at": "2999-01-01T10:00"}, {"result": "nonsense"}, {"call_back_at": "2001-01-01T10:00"}]
)
def test_a_call_that_cannot_be_keeps_what_was_typed(as_ada, greta, kettle, wrong):
    form = {"who": "us", "result": "talked", "note": "Kept", "ended_at": "2026-03-01T10:00", "token": "abc"} | wrong

    page = as_ada.post(f"/w/kettle/inbox/of/{greta.pk}/call/", form)

    assert (page.status_code, "Kept</textarea>" in page.text) == (422, True)
    with working_in(kettle):
        assert Touchpoint.objects.count() == 0


def test_at_night_there_the_call_says_so(as_ada, greta, kettle):
    in_three_days = 1 << (timezone.now() + timedelta(days=3)).weekday()
    with working_in(kettle):
        ContactHours.objects.create(
            is_calling=True, opens="08:00", closes="09:00", days=in_three_days, valid_from="2020-01-01", source="test"
        )
    assert "Not an hour for calls there" in compose(as_ada, greta, "call")


def test_an_analyst_reads_only_and_learns_why(member, greta, mention):
    analyst = member("analyst")

    page = analyst.get(f"{greta.page}?compose=email").text

    assert "Your role reads here" in page
    for secret in ("Greta", "greta@", "+4670"):
        assert secret not in page
    for path in (f"contacts/{greta.pk}/email/", f"inbox/of/{greta.pk}/answer/", f"inbox/of/{greta.pk}/call/"):
        assert analyst.post(f"/w/kettle/{path}").status_code == 403


def test_a_stranger_gets_nowhere(as_eve, greta, mention):
    for path in (f"contacts/{greta.pk}/email/", f"inbox/of/{greta.pk}/answer/", f"inbox/of/{greta.pk}/call/"):
        assert as_eve.post(f"/w/kettle/{path}").status_code == 404
        assert as_eve.post(f"/w/rival/{path}").status_code == 404


def test_htmx_gets_the_composer_alone(as_ada, greta):
    part = as_ada.get(f"{greta.page}?compose=call", headers={"HX-Request": "true"}).text

    assert part.lstrip().startswith("<section")
    assert "</html>" not in part
