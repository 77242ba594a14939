"""Signing up: one email for an address however often it is typed, consent when its owner confirms, and only then."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consent.asking import Ask
from consent.consenting import give_consent, withdraw_consent
from consent.gate import verdict
from consent.models import Consent, SignUp, Suppression, Topic, TrackingConsent
from consent.sign_up_forms.confirming import confirm_link, confirm_token
from consent.suppressing import is_suppressed, suppress_all
from contacts.models import AudienceRole, Contact, FieldValue, Identity, Tag
from contacts.sharing import share_all
from delivery.engine.controlling import pause
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message
from lib.clock import now
from portal.signing_up.forgetting import forget_tonight
from privacy.erasing import erase_person
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import make_sender
from tests.factories.contacts import letter, make_contact, make_reader
from tests.factories.sign_up_forms import QUESTIONS, make_form, published
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import AgendaItem

State = SignUp.State
NORA = "nora.berger@post.example"
MEASURED_SAID = "You see which emails I open and which links I follow"


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path) -> None:
    """Journals of a test lie in its own directory; its servers listen on loopback."""
    settings.VAR_DIR = tmp_path
    settings.ECRM_FETCH_LOOPBACK = True


@pytest.fixture
def room():
    """An SMTP server on loopback that takes everything."""
    found = Mailroom()
    controller = open_mailroom(found)
    found.port = controller.real_port
    yield found
    controller.stop()


@pytest.fixture
def offers(kettle) -> Topic:
    with working_in(kettle):
        return Topic.objects.get(key="offers")


@pytest.fixture
def form(kettle, room, offers):
    """A form for two topics with questions of every kind, whose emails go to the room."""
    with working_in(kettle):
        make_sender(port=room.port)
        found = make_form("Tea news", topics=[letter(), offers], questions=QUESTIONS, role=2, tag="from the form")
    found.path = f"/p/kettle/forms/{found.slug}/"
    return found


@pytest.fixture
def visitor() -> Client:
    """A browser without a login, whose CSRF checks are on."""
    return Client(enforce_csrf_checks=True, headers={"user-agent": "Browser 1.0"})


def filled(**said) -> dict:
    """The form as Nora fills it in."""
    return {"email": NORA, "q0": "Nora", "q1": "Leipzig", "topic": ["letter", "offers"]} | said


def sent(kettle, room) -> list:
    """The emails that have come after a worker's slice, as a mail program reads them."""
    send_due(kettle)
    return [message_from_bytes(data, policy=policy.default) for _sender, _to, data in room.letters]


def link_in(email) -> str:
    """The path of the link in an email."""
    text = email.get_body(("plain",)).get_content()
    return re.search(r"https?://[^/\s]+(/p/kettle/confirm/\S+/)", text)[1]


def only(kettle) -> SignUp:
    with working_in(kettle):
        return SignUp.objects.select_related("contact").get()


def words(kettle) -> list[tuple[str, int]]:
    """Every word of the ledger: (topic, state)."""
    with working_in(kettle):
        return [(row.topic.key, row.state) for row in Consent.objects.select_related("topic").order_by("id")]


def said_by(page) -> str:
    """A page without the number that each answer has of its own."""
    return re.sub(r'nonce="[^"]+"', "", page.text)


def test_the_form_is_shown_without_a_cookie_and_changes_nothing(visitor, form, kettle):
    page = visitor.get(form.path)

    assert (page.status_code, page.cookies) == (200, {})
    assert page["Referrer-Policy"] == "no-referrer"
    assert "I agree that Kettle &amp; Co emails me about the topics I ticked" in page.text
    assert "checked" not in page.text
    assert page["X-Frame-Options"] == "DENY"
    with working_in(kettle):
        assert (SignUp.objects.count(), Contact.objects.count()) == (0, 0)


def test_signing_up_is_asking_and_one_email_asks_back(visitor, form, kettle, room):
    page = visitor.post(form.path, filled(), headers={"user-agent": "Browser 1.0"})

    assert page.status_code == 200
    assert f"We send one email to <b>{NORA}</b>" in page.text
    sign_up, (email,) = only(kettle), sent(kettle, room)
    assert email["To"] == NORA
    assert email["Subject"] == "Was this you? One click and you are in"
    text = email.get_body(("plain",)).get_content()
    assert "Newsletter, Offers" in text
    assert "Nora" not in text, "a stranger's words never reach another's mailbox"
    assert "/o/" not in email.get_body(("html",)).get_content(), "who may be nobody's reader is not measured"
    assert email["List-Unsubscribe"] is None
    assert words(kettle) == [("letter", 0), ("offers", 0)]
    with working_in(kettle):
        row = Consent.objects.first()
        assert (row.ip, row.agent, row.language) == ("127.0.0.1", "Browser 1.0", "en")
        assert row.page.endswith(form.path)
        assert row.wording.text.startswith("I agree that Kettle & Co")
        assert row.source == "Tea news, 1"
        assert (sign_up.state, sign_up.contact.email, sign_up.contact.given_name) == (State.ASKED, NORA, "")
        assert not verdict(Ask(message_class="subscribed", topic_id=letter().pk), sign_up.contact).allowed
        assert not Touchpoint.objects.exists()


def test_whoever_confirms_gets_what_was_asked_for(visitor, form, kettle, room):
    said = filled(q2="Oolong", q3="4.5", q4="1984-02-29", q5="on")
    visitor.post(form.path, said)
    (email,) = sent(kettle, room)
    link = link_in(email)

    asked = visitor.get(link)
    done = visitor.post(link, {"do": "confirm"}, headers={"user-agent": "Browser 2.0"})

    assert "Yes, this was me" in asked.text
    assert "You are in" in done.text
    assert (asked.cookies, done.cookies) == ({}, {})
    assert words(kettle) == [("letter", 0), ("offers", 0), ("letter", 1), ("offers", 1)]
    with working_in(kettle):
        contact = Contact.objects.get()
        assert (contact.given_name, contact.city) == ("Nora", "Leipzig")
        told = FieldValue.objects.order_by("name").values_list("name", "text", "number", "moment__year")
        assert list(told) == [
            ("Birthday", "1984-02-29", None, 1984), ("Cups a day", "4.5", 4.5, None), ("Favourite tea", "Oolong", None, None),
            ("Has a kettle", "yes", None, None),
        ]  # fmt: skip
        assert Identity.objects.get().verified_at is not None
        assert (AudienceRole.objects.get().role, Tag.objects.get().name) == (2, "from the form")
        fact = Touchpoint.objects.get()
        assert (fact.kind, fact.contact_id) == (15, contact.pk)
        given = Consent.objects.filter(state=Consent.State.GIVEN).first()
        assert (given.touchpoint_id, given.agent, given.page) == (
            fact.pk,
            "Browser 2.0",
            "/p/kettle/confirm/%E2%80%A6/",
        )
        assert verdict(Ask(message_class="subscribed", topic_id=letter().pk), contact).allowed


def test_a_scanner_that_follows_every_link_confirms_nobody(visitor, form, kettle, room):
    visitor.post(form.path, filled())
    (email,) = sent(kettle, room)
    html = email.get_body(("html",)).get_content()

    for link in re.findall(r'href="https?://[^/"]+(/[^"]*)"', html):
        for method in (visitor.get, visitor.head, visitor.options):
            method(link)

    assert only(kettle).state == State.ASKED
    assert words(kettle) == [("letter", 0), ("offers", 0)]
    with working_in(kettle):
        assert not Suppression.objects.exists()


def test_a_link_works_once(visitor, form, kettle, room):
    visitor.post(form.path, filled())
    link = link_in(sent(kettle, room)[0])
    visitor.post(link, {"do": "confirm"})
    before = words(kettle)

    again = [visitor.post(link, {"do": "confirm"}), visitor.get(link), visitor.post(link, {"do": "refuse"})]

    assert [page.status_code for page in again] == [200, 200, 200]
    assert all("Already confirmed" in page.text for page in again)
    assert words(kettle) == before
    with working_in(kettle):
        assert Touchpoint.objects.count() == 1
        assert not is_suppressed(NORA)


def test_a_link_is_for_one_request_of_one_workspace_for_seven_days(visitor, form, kettle, rival, room):
    visitor.post(form.path, filled())
    sign_up = only(kettle)
    token = confirm_token(kettle.pk, sign_up.pk)
    forged = [
        f"/p/kettle/confirm/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}/", "/p/kettle/confirm/x/",
        f"/p/rival/confirm/{token}/", f"/p/rival/confirm/{confirm_token(rival.pk, sign_up.pk)}/",
        f"/p/kettle/confirm/{confirm_token(rival.pk, sign_up.pk)}/", f"/p/kettle/confirm/{confirm_token(kettle.pk, 10**9)}/",
        f"/p/kettle/confirm/{token}%0A/",
    ]  # fmt: skip

    pages = [visitor.post(path, {"do": "confirm"}) for path in forged]
    with working_in(kettle):
        SignUp.objects.update(asked_at=now() - timedelta(days=7, seconds=1))
    expired = [
        visitor.get(f"/p/kettle/confirm/{token}/"),
        visitor.post(f"/p/kettle/confirm/{token}/", {"do": "confirm"}),
    ]

    assert {page.status_code for page in pages} == {404}
    assert all("This link does not work" in page.text for page in pages)
    assert {page.status_code for page in expired} == {410}
    assert all("too old" in page.text for page in expired)
    assert only(kettle).state == State.ASKED
    assert words(kettle) == [("letter", 0), ("offers", 0)]


def test_ten_thousand_requests_for_one_address_are_one_email(form, kettle, room, settings):
    """The bound does not know how many: 60 from 60 networks, in every spelling of the address, are one."""
    spellings = [NORA, NORA.upper(), f" {NORA} ", "nora.berger@POST.example.", f"\u200b{NORA}"]
    with working_in(kettle):
        other = make_form("Another")
    for number in range(60):
        path = form.path if number % 3 else f"/p/kettle/forms/{other.slug}/"
        Client(REMOTE_ADDR=f"203.0.113.{number}").post(path, filled(email=spellings[number % 5]))

    with CaptureQueriesContext(connection) as queries:
        page = Client(REMOTE_ADDR="203.0.113.99").post(form.path, filled())

    assert "One click is missing" in page.text
    assert len(sent(kettle, room)) == 1
    with working_in(kettle):
        assert (SignUp.objects.count(), Contact.objects.count(), Identity.objects.count()) == (1, 1, 1)
    assert len(queries) < 20
    assert not [one for one in queries.captured_queries if re.match(r"\s*(INSERT|UPDATE|DELETE)", one["sql"])]


def test_a_day_later_the_same_form_may_ask_once_more(form, visitor, kettle, room):
    visitor.post(form.path, filled())
    with working_in(kettle):
        SignUp.objects.update(asked_at=now() - timedelta(days=1, seconds=1))

    for _ in range(3):
        visitor.post(form.path, filled())

    assert len(sent(kettle, room)) == 2


def test_after_three_that_nobody_answered_there_is_silence(form, visitor, kettle, room):
    for day in range(6):
        visitor.post(form.path, filled())
        with working_in(kettle):
            SignUp.objects.update(asked_at=now() - timedelta(days=1 + day, seconds=1))

    assert len(sent(kettle, room)) == 3


def test_of_many_forms_three_a_day_may_ask_one_address(form, visitor, kettle, room):
    for number in range(5):
        with working_in(kettle):
            another = make_form(f"Form {number}")
        visitor.post(f"/p/kettle/forms/{another.slug}/", filled())
        with working_in(kettle):
            SignUp.objects.update(asked_at=now() - timedelta(minutes=11))

    assert len(sent(kettle, room)) == 3


def test_one_network_signs_up_so_many_an_hour(form, visitor, kettle, monkeypatch):
    monkeypatch.setattr("portal.sign_up_pages.MOST_AN_HOUR", 3)

    pages = [
        visitor.post(form.path, filled(email=f"p{n}@post.example"), REMOTE_ADDR=f"2001:db8::{n:x}") for n in range(5)
    ]
    elsewhere = visitor.post(form.path, filled(email="p9@post.example"), REMOTE_ADDR="2001:db8:0:1::1")

    assert [page.status_code for page in pages] == [200, 200, 200, 429, 429]
    assert 'value="p4@post.example"' in pages[-1].text
    assert elsewhere.status_code == 200
    with working_in(kettle):
        assert SignUp.objects.count() == 4


def test_a_robot_gets_the_same_answer_and_nothing_is_kept(form, visitor, kettle, room):
    person = said_by(visitor.post(form.path, filled(email="a@post.example")))
    robot = said_by(visitor.post(form.path, filled(email="b@post.example", website="https://spam.example")))

    assert robot == person.replace("a@post.example", "b@post.example")
    with working_in(kettle):
        assert SignUp.objects.count() == 1
        assert not Identity.objects.filter(value="b@post.example").exists()


def test_nobody_learns_who_is_known_and_nothing_of_them_changes(form, visitor, kettle, room):
    with working_in(kettle):
        greta = make_reader("Greta Lind", email="greta@slowwater.example", city="Göteborg")
        before = Contact.objects.values().get()
    known = visitor.post(form.path, filled(email="greta@slowwater.example", q0="Hacked", q1="Nowhere"))
    new = visitor.post(form.path, filled(email="b@post.example"))

    assert said_by(known).replace("greta@slowwater.example", "b@post.example") == said_by(new)
    with working_in(kettle):
        assert Contact.objects.values().get(pk=greta.pk) == before
        assert verdict(Ask(message_class="subscribed", topic_id=letter().pk), greta).allowed
    emails = {one["To"]: one for one in sent(kettle, room)}

    visitor.post(link_in(emails["greta@slowwater.example"]), {"do": "confirm"})

    with working_in(kettle):
        assert Contact.objects.get(pk=greta.pk).given_name == "Hacked"


@pytest.mark.parametrize(
    ("reason", "count"), [("complaint", 0), ("bounce", 0), ("manual", 0), ("erased", 1), ("objection", 1)]
)
def test_an_address_on_the_list_gets_none_but_who_objected_may_come_back(form, visitor, kettle, room, reason, count):
    with working_in(kettle):
        suppress_all([NORA], reason=reason)
    page = visitor.post(form.path, filled())
    emails = sent(kettle, room)

    assert f"We send one email to <b>{NORA}</b>" in page.text
    assert len(emails) == count
    if emails:
        visitor.post(link_in(emails[0]), {"do": "confirm"})
        with working_in(kettle):
            assert not is_suppressed(NORA)
            assert verdict(Ask(message_class="subscribed", topic_id=letter().pk), Contact.objects.get()).allowed


def test_who_was_erased_comes_back_by_their_own_click_as_somebody_new(form, visitor, kettle, room, ada):
    with working_in(kettle):
        gone = make_reader("Nora", email=NORA)
        erase_person(gone.pk, by=ada)
    visitor.post(form.path, filled())
    (email,) = sent(kettle, room)
    with working_in(kettle):
        assert is_suppressed(NORA), "asking alone takes nothing back"

    visitor.post(link_in(email), {"do": "confirm"})

    with working_in(kettle):
        again = Contact.objects.get(erased_at=None)
        assert again.pk != gone.pk
        assert not is_suppressed(NORA)
        assert verdict(Ask(message_class="subscribed", topic_id=letter().pk), again).allowed
        assert Contact.objects.get(pk=gone.pk).name == ""


def test_who_has_the_address_when_it_is_confirmed_has_consented(form, visitor, kettle, room):
    """Somebody put right whose address it is, between asking and confirming."""
    visitor.post(form.path, filled())
    (email,) = sent(kettle, room)
    with working_in(kettle):
        before, owner = Contact.objects.get(), make_contact("Nora herself")
        Identity.objects.filter(value=NORA).update(contact=owner)

    page = visitor.post(link_in(email), {"do": "confirm"})

    assert "You are in" in page.text
    with working_in(kettle):
        given = Consent.objects.filter(state=Consent.State.GIVEN)
        assert set(given.values_list("contact", flat=True)) == {owner.pk}
        assert before.pk != owner.pk


def test_of_several_who_use_the_mailbox_who_asked_has_consented(form, visitor, kettle, room):
    with working_in(kettle):
        older = make_contact("Olga Older")
    visitor.post(form.path, filled())
    (email,) = sent(kettle, room)
    with working_in(kettle):
        asked = Contact.objects.get(email=NORA)
        share_all([(older.pk, int(Identity.Kind.EMAIL), NORA)], why=Identity.Shared.BY_HAND, evidence="by hand")
        first = Identity.objects.get(value=NORA, contact=asked)
        Identity.objects.filter(pk=first.pk).delete()
        share_all([(asked.pk, int(Identity.Kind.EMAIL), NORA)], why=Identity.Shared.BY_HAND, evidence="by hand")

    visitor.post(link_in(email), {"do": "confirm"})

    with working_in(kettle):
        given = Consent.objects.filter(state=Consent.State.GIVEN)
        assert set(given.values_list("contact", flat=True)) == {asked.pk}


def test_an_address_that_is_nobodys_by_then_confirms_nothing(form, visitor, kettle, room):
    visitor.post(form.path, filled())
    (email,) = sent(kettle, room)
    with working_in(kettle):
        Identity.objects.filter(value=NORA).delete()

    assert visitor.post(link_in(email), {"do": "confirm"}).status_code == 410
    assert {state for _topic, state in words(kettle)} == {Consent.State.REQUESTED}


def test_a_mailbox_that_somebody_had_once_does_not_open_their_page(form, visitor, kettle, room):
    with working_in(kettle):
        greta = make_contact("Greta", NORA)
        Identity.objects.filter(value=NORA).update(former_since=now())
    visitor.post(form.path, filled())

    page = visitor.post(link_in(sent(kettle, room)[0]), {"do": "confirm"})

    assert "You are in" in page.text
    assert "/me/" not in page.text
    assert greta.name not in page.text


def test_who_unsubscribed_from_everything_is_asked_once_a_month_and_can_come_back(form, visitor, kettle, room):
    with working_in(kettle):
        greta = make_reader("Greta", email=NORA)
        withdraw_consent(greta, topic=None)
    visitor.post(form.path, filled())
    with working_in(kettle):
        SignUp.objects.update(asked_at=now() - timedelta(days=6))
    visitor.post(form.path, filled())
    (email,) = sent(kettle, room)

    visitor.post(link_in(email), {"do": "confirm"})

    with working_in(kettle):
        assert verdict(Ask(message_class="subscribed", topic_id=letter().pk), greta).allowed


def test_it_was_not_me_ends_it_for_ever(form, visitor, kettle, room):
    visitor.post(form.path, filled())
    link = link_in(sent(kettle, room)[0])

    page = visitor.post(link, {"do": "refuse"})
    with working_in(kettle):
        SignUp.objects.update(asked_at=now() - timedelta(days=2))
    visitor.post(form.path, filled())

    assert "No email to this address" in page.text
    assert "No email to this address" in visitor.post(link, {"do": "confirm"}).text
    assert len(sent(kettle, room)) == 1
    assert {state for _topic, state in words(kettle)} == {Consent.State.REQUESTED}


WRONG = [
    {"email": ""}, {"email": "nora.berger@post"}, {"email": "a@b@c"}, {"email": "nora@post.example\r\nBcc: x@y.example"},
    {"email": "x" * 400 + "@post.example"}, {"email": "\u202enora"}, {"topic": []}, {"topic": ["other"]}, {"q1": ""},
    {"q0": "x" * 5_000}, {"q2": "Coffee"}, {"q3": "many"}, {"q3": "1e400"}, {"q3": "NaN"}, {"q4": "2026-13-45"},
    {"q4": "0001-01-01"}, {"q1": "\u200b \u202e"},
]  # fmt: skip


@pytest.mark.parametrize("said", WRONG, ids=str)
def test_what_is_wrong_is_said_on_top_and_at_the_field_and_what_was_typed_stays(form, visitor, kettle, said):
    page = visitor.post(form.path, filled(**said))

    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "Nothing was sent yet" in page.text
    target = re.search(r'<a href="#([^"]+)">', page.text.split('role="alert"')[1])[1]
    assert f'id="{target}"' in page.text
    if not {"q0", "topic"} & said.keys():
        assert 'value="Nora"' in page.text
    with working_in(kettle):
        assert not SignUp.objects.exists()


KEPT = [
    ("<b onmouseover=x>Nora</b>", "<b onmouseover=x>Nora</b>"), ("Nora\u202e\u2066gro.live", "Noragro.live"),
    ("No\tra\r\nBcc: x", "No ra Bcc: x"), ("🫖👩‍👩‍👧", "🫖👩‍👩‍👧"), ("{{ contact.email }}", "{{ contact.email }}"), ("ملك", "ملك"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kept"), KEPT)
def test_strange_words_are_kept_as_words(form, visitor, kettle, room, typed, kept):
    visitor.post(form.path, filled(q0=typed))
    visitor.post(link_in(sent(kettle, room)[0]), {"do": "confirm"})

    with working_in(kettle):
        assert Contact.objects.get().given_name == kept


def test_one_address_is_one_person_however_it_is_written(form, visitor, kettle, room):
    with working_in(kettle):
        greta = make_contact("Greta", email="greta@xn--mnchen-3ya.example")

    visitor.post(form.path, filled(email="GRETA@münchen.example"))

    assert only(kettle).contact_id == greta.pk
    assert not only(kettle).made_contact


def test_a_form_speaks_its_languages_and_so_does_the_email(visitor, kettle, room, offers):
    with working_in(kettle):
        make_sender(port=room.port)
        form = make_form("Zwei", topics=[letter(), offers], languages=["de"])
    path = f"/p/kettle/forms/{form.slug}/"

    english, german, unknown = visitor.get(path), visitor.get(f"{path}?lang=de"), visitor.get(f"{path}?lang=xx")
    visitor.post(f"{path}?lang=de", {"email": NORA, "topic": "letter"})
    (email,) = sent(kettle, room)

    assert 'lang="en"' in english.text.partition(">")[2]
    assert f'href="{path}?lang=de"' in english.text
    assert "Headline de" in german.text
    assert "Headline de" not in unknown.text
    assert only(kettle).language == "de"
    assert 'lang="de"' in email.get_body(("html",)).get_content()


@pytest.mark.parametrize(("said", "mode"), [("2", 2), ("0", 0), ("1", 1), ("", None)])
def test_measuring_is_asked_apart_and_counts_when_confirmed(visitor, kettle, room, said, mode):
    with working_in(kettle):
        make_sender(port=room.port)
        form = make_form("Asking", asks_tracking=True)
    path = f"/p/kettle/forms/{form.slug}/"

    page = visitor.get(path).text
    visitor.post(path, {"email": NORA, "tracking": said})
    with working_in(kettle):
        assert not TrackingConsent.objects.exists()
    link = link_in(sent(kettle, room)[0])
    asked = visitor.get(link).text
    visitor.post(link, {"do": "confirm"})

    assert "May we see whether you open our emails?" in page
    assert " checked" not in page
    assert "If you skip this, it stays as usual" in page
    assert (MEASURED_SAID in asked) is (mode == 2)
    with working_in(kettle):
        rows = [
            (row.mode, row.source, bool(row.wording), bool(row.touchpoint_id)) for row in TrackingConsent.objects.all()
        ]
        assert rows == ([] if mode is None else [(mode, "Asking, 1", True, True)])
    assert visitor.post(path, {"email": "b@x.example", "tracking": "9"}).status_code == 422


def test_a_message_that_a_trouble_stopped_goes_on_with_the_next_who_signs_up(form, visitor, kettle, room):
    room.refuse_sender = "530 log in first"
    visitor.post(form.path, filled())
    assert sent(kettle, room) == []
    with working_in(kettle):
        waiting = Message.objects.get()
        pause(waiting, by=None)

    room.refuse_sender = ""
    visitor.post(form.path, filled(email="b@post.example"))

    assert "b@post.example" in {email["To"] for email in sent(kettle, room)}


def test_without_a_sender_a_request_is_kept_and_nobody_sees_a_fault(visitor, kettle):
    with working_in(kettle):
        form = make_form("No sender")

    page = visitor.post(f"/p/kettle/forms/{form.slug}/", {"email": NORA})

    assert page.status_code == 200
    assert only(kettle).state == State.ASKED


def test_a_draft_is_no_page_and_an_archived_form_is_closed(visitor, kettle):
    from consent.sign_up_forms.building import archive, create_form

    with working_in(kettle):
        draft, old = create_form("Draft", by=None), make_form("Old")
        archive(old, by=None)

    assert visitor.get(f"/p/kettle/forms/{draft.slug}/").status_code == 404
    closed = visitor.get(f"/p/kettle/forms/{old.slug}/")
    assert (closed.status_code, "This form is closed" in closed.text) == (410, True)
    assert visitor.post(f"/p/kettle/forms/{old.slug}/", filled()).status_code == 410
    assert visitor.get("/p/kettle/forms/nothing/").status_code == 404
    with working_in(kettle):
        assert not SignUp.objects.exists()


def test_the_frame_runs_nothing_and_stands_where_it_may(form, visitor, kettle):
    anywhere = visitor.get(f"{form.path}embed/")
    with working_in(kettle):
        type(form).objects.update(allowed_origins="https://tea.example\nhttps://shop.example:8443")
    some = visitor.get(f"{form.path}embed/")
    visitor.post(f"{form.path}embed/", filled())

    assert "<script" not in anywhere.text
    assert anywhere.cookies == {}
    assert "X-Frame-Options" not in anywhere
    assert "frame-ancestors *" in anywhere["Content-Security-Policy"]
    assert "script-src 'none'" in anywhere["Content-Security-Policy"]
    assert "frame-ancestors https://tea.example https://shop.example:8443" in some["Content-Security-Policy"]
    assert only(kettle).way == "embedded"


def test_who_does_not_confirm_is_forgotten(form, visitor, kettle, room):
    visitor.post(form.path, filled(email="new@post.example"))
    with working_in(kettle):
        greta = make_contact("Greta", email="greta@slowwater.example")
        tagged = make_contact("", email="tagged@post.example")
    visitor.post(form.path, filled(email="greta@slowwater.example"))
    visitor.post(form.path, filled(email="later@post.example"))
    visitor.post(form.path, filled(email="confirmed@post.example"))
    emails = {one["To"]: one for one in sent(kettle, room)}
    visitor.post(link_in(emails["confirmed@post.example"]), {"do": "confirm"})
    with working_in(kettle):
        SignUp.objects.exclude(address="later@post.example").update(asked_at=now() - timedelta(days=14, seconds=1))

    again = forget_tonight(kettle)

    with working_in(kettle):
        there = set(Contact.objects.values_list("email", flat=True))
        assert there == {
            "greta@slowwater.example",
            "tagged@post.example",
            "later@post.example",
            "confirmed@post.example",
        }
        assert tagged.pk != greta.pk
        forgotten = SignUp.objects.filter(state=State.FORGOTTEN)
        assert forgotten.count() == 2
        assert {(row.address, row.ip, row.agent, str(row.said)) for row in forgotten} == {("", None, "", "{}")}
        assert not Delivery.objects.filter(address="new@post.example").exists()
        assert not Identity.objects.filter(value="new@post.example").exists()
        assert again is not None
        SignUp.objects.filter(address="later@post.example").update(asked_at=now() - timedelta(days=15))
    assert forget_tonight(kettle) is None


@pytest.mark.parametrize("what", ["consent", "tag", "note", "identity", "fact"])
def test_who_is_anything_else_is_not_forgotten(form, visitor, kettle, room, what):
    from contacts.editing import add_tag
    from tests.leaking import make_row

    visitor.post(form.path, filled())
    with working_in(kettle):
        contact = Contact.objects.get()
        if what == "consent":
            give_consent(contact, topic=letter(), page="https://kettle.example/till")
        elif what == "tag":
            add_tag(contact, "VIP", by=None)
        elif what == "note":
            make_row(type(contact.notes.model()), contact_id=contact.pk)
        elif what == "identity":
            Identity.objects.create(contact=contact, kind=Identity.Kind.PHONE, value="+46705550142")
        else:
            make_row(Touchpoint, contact_id=contact.pk)
        SignUp.objects.update(asked_at=now() - timedelta(days=30))

    forget_tonight(kettle)

    with working_in(kettle):
        assert Contact.objects.get().pk == contact.pk
        assert SignUp.objects.get().address == ""


def test_words_of_the_field_find_the_page_in_the_palette(as_ada, kettle):
    for words in ("opt-in", "qr code", "Sign-up"):
        assert "/contacts/forms/" in as_ada.get("/w/kettle/palette/", {"q": words}).text


def test_forgetting_is_on_the_agenda_as_soon_as_somebody_waits(form, visitor, kettle):
    visitor.post(form.path, filled())

    assert AgendaItem.objects.filter(workspace=kettle.pk, work="portal.forget_unconfirmed").exists()
    with working_in(kettle):
        assert confirm_link(kettle, only(kettle).pk).startswith("http")
        assert published(form).number == 1
