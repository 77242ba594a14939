"""SMS: what is asked of the provider, who gets it, what it weighs, what becomes of it, and what people answer."""

import base64
import hmac
from collections import Counter
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from campaigns.checking.looking import check_campaign
from consent.consenting import give_consent
from consent.models import Consent, Suppression
from consent.suppressing import is_suppressed
from contacts.channels import Channel
from contacts.identifying import add_identity
from contacts.models import Contact, Identity
from delivery.content.segments import BASIC, EXTENSION, count_segments
from delivery.engine.sending import send_due
from delivery.forms import form_of
from delivery.models import Delivery, Message, Sender, Trial
from delivery.senders import keep_secret
from delivery.test_sends import ask_trial, send_trials
from delivery.text_addresses import inbound_address
from tests.factories.campaigns import make_campaign, planned
from tests.factories.contacts import letter, make_contact, make_reader
from tests.loopback import LoopbackApi
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import Workspace

State = Delivery.State
SID = "AC" + "0" * 32
TEXT = (
    "Hi {{ contact.first_name | default: 'you' }}, the [spring box](https://kettle.example/box) is here. STOP ends it."
)


class Carrier(LoopbackApi):
    """Twilio on loopback: takes everything until told otherwise; `answers`: number → (status, JSON)."""

    def __init__(self) -> None:
        self.answers, self.always, self.cuts = {}, None, set()
        super().__init__()

    def hear(self, method, path, headers, raw):
        fields = {name: found[0] for name, found in parse_qs(raw.decode()).items()}
        self.asked.append(SimpleNamespace(path=path, headers=headers, fields=fields))
        if fields["To"] in self.cuts:
            return None
        return (*(self.always or self.answers.get(fields["To"], (201, {"sid": "SM1", "status": "queued"}))), {})

    @property
    def counts(self) -> Counter:
        return Counter(one.fields["To"] for one in self.asked)


@pytest.fixture
def carrier():
    found = Carrier()
    yield found
    found.close()


def make_text_sender(carrier, **settings) -> Sender:
    given = {"account_sid": SID, "from_number": "+4915112345678", "endpoint": carrier.url}
    sender = Sender.objects.create(
        name="Texts", kind="sms", per_second=100_000, price_milli=75, settings=given | settings
    )
    keep_secret(sender, "the-token")
    return sender


@pytest.fixture
def sender(inside, carrier):
    return make_text_sender(carrier)


def texted(number: str, *, asked: bool = True):
    """Somebody with a mobile; `asked`: for texts too."""
    contact = make_reader()
    add_identity(contact, Identity.Kind.PHONE, number, by=None)
    if asked:
        give_consent(contact, topic=letter(), channel=Channel.MOBILE, wording="Text me", page="https://kettle.example/")
    return contact


def text_campaign(sender, **facts):
    return make_campaign(sender, **({"body": TEXT, "preheader": ""} | facts))


@pytest.mark.parametrize(
    ("text", "count", "units"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("a" * 160, 1, 160),
        ("a" * 161, 2, 161),
        ("a" * 306, 2, 306),
        ("a" * 307, 3, 307),
        ("€" * 80, 1, 160),
        ("€" * 81, 2, 162),
        ("a" * 152 + "€" + "a" * 152, 3, 306),
        ("ä" * 160, 1, 160),
        ("ê" * 70, 1, 70),
        ("ê" * 71, 2, 71),
        ("ê" * 134, 2, 134),
        ("ê" * 135, 3, 135),
        ("🫖" * 35, 1, 70),
        ("🫖" * 36, 2, 72),
        ("ê" * 66 + "🫖" + "ê" * 66, 3, 134),
    ],
)
def test_a_text_is_as_many_segments_as_the_standard_says(text, count, units):
    found = count_segments(text)

    assert (found.count, found.unit_count) == (count, units)


def test_the_alphabet_is_that_of_the_standard():
    assert (len(BASIC), len(EXTENSION)) == (127, 10)  # without the sign that leads to the extension
    assert count_segments("fê🫖ê").odd == "ê🫖"


def test_a_text_is_asked_for_as_twilio_documents_it(inside, carrier, sender, send):
    reader = texted("+4915200000001")

    campaign = send(text_campaign(sender))

    (asked,) = carrier.asked
    assert asked.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == f"{SID}:the-token".encode()
    status = asked.fields.pop("StatusCallback")
    body = asked.fields.pop("Body")
    assert asked.fields == {"To": "+4915200000001", "From": "+4915112345678"}
    assert "/texts/status/" in status
    assert body.startswith("Hi ")
    assert "/c/" in body
    assert body.endswith("is here. STOP ends it.")
    assert Delivery.objects.get(state=State.SENT).contact_id == reader.pk
    assert Touchpoint.objects.get(kind=1, message_id=campaign.message_id).channel == Channel.MOBILE


def test_a_messaging_service_is_named_as_such(inside, carrier, send):
    texted("+4915200000001")

    send(text_campaign(make_text_sender(carrier, from_number="MG" + "a" * 32)))

    assert carrier.asked[0].fields["MessagingServiceSid"] == "MG" + "a" * 32
    assert "From" not in carrier.asked[0].fields


def test_twenty_people_get_one_each_and_who_has_no_number_or_said_nothing_is_excluded(inside, carrier, sender, send):
    readers = [texted(f"+49152000000{at:02}") for at in range(20)]
    silent, without = texted("+4915299999999", asked=False), make_contact("No Number")
    give_consent(without, topic=letter(), channel=Channel.MOBILE, wording="Text me", page="https://kettle.example/")
    carrier.answers = {
        "+4915200000003": (400, {"code": 21614, "message": "not a mobile number"}),
        "+4915200000007": (400, {"code": 21617, "message": "body too long"}),
    }

    send(text_campaign(sender))
    send_due(inside)

    assert carrier.counts == Counter({f"+49152000000{at:02}": 1 for at in range(20)})
    rows = {row.contact_id: row for row in Delivery.objects.all()}
    assert Counter(rows[one.pk].state for one in readers) == Counter({State.SENT: 18, State.FAILED: 2})
    assert {(rows[one.pk].state, rows[one.pk].reason) for one in (silent,)} == {(State.EXCLUDED, "no_consent")}
    assert rows[without.pk].state == State.EXCLUDED
    assert is_suppressed("+4915200000003", channel=Channel.MOBILE)
    assert not is_suppressed("+4915200000007", channel=Channel.MOBILE)


def test_two_people_of_one_email_with_phones_of_their_own_get_one_each(inside, carrier, sender, send):
    for number in ("+4915200000001", "+4915200000002"):
        Contact.objects.filter(pk=texted(number).pk).update(email="family@kettle.example")

    send(text_campaign(sender))

    assert carrier.counts == Counter({"+4915200000001": 1, "+4915200000002": 1})


def test_a_killed_line_leaves_one_in_doubt_and_no_second_text(inside, carrier, sender, send):
    texted("+4915200000001")
    texted("+4915200000002")
    carrier.cuts = {"+4915200000001"}

    send(text_campaign(sender))
    carrier.cuts = set()
    send_due(inside)

    assert sorted(Delivery.objects.values_list("state", flat=True)) == sorted([State.SENT, State.IN_DOUBT])
    assert set(carrier.counts.values()) == {1}


@pytest.mark.parametrize("always", [(401, {"code": 20003}), (400, {"code": 21606, "message": "From is not yours"})])
def test_trouble_with_our_account_fails_nobody(inside, carrier, sender, send, always):
    texted("+4915200000001")
    carrier.always = always

    campaign = send(text_campaign(sender))

    assert (campaign.message.state, Delivery.objects.get().state) == (Message.State.PAUSED, State.QUEUED)


def test_a_test_goes_to_the_number_that_was_entered(inside, carrier, ada, sender):
    ask_trial(sender, by=ada)
    send_trials(inside)
    assert Trial.objects.get().said == "Enter a number for tests in the sender."
    sender.settings |= {"test_number": "+4915277777777"}
    sender.save()

    ask_trial(sender, by=ada)
    send_trials(inside)

    assert Trial.objects.latest("pk").said == "Sent to +4915277777777; the server took it (201)."
    assert carrier.counts == Counter({"+4915277777777": 1})


@pytest.fixture
def call(client, kettle, carrier):
    """`call(url, key=…, **fields)`: Twilio's own signed call."""

    def go(url, *, key="the-token", **fields):
        text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
        seal = base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha1")).decode()
        return client.post(urlsplit(url).path, fields, headers={"X-Twilio-Signature": seal})

    return go


@pytest.fixture
def sent(kettle, carrier):
    """One text that left: (contact, status address, inbound address)."""
    from campaigns.planning import plan_due
    from tests.factories.campaigns import started

    with working_in(kettle):
        sender, contact = make_text_sender(carrier), texted("+4915200000001")
        started(text_campaign(sender))
        plan_due(kettle)
        send_due(kettle)
        return contact, carrier.asked[0].fields["StatusCallback"], inbound_address(kettle.pk, sender.pk)


def test_what_became_of_a_text_is_told_and_proven(kettle, sent, call):
    contact, url, _inbound = sent

    forged = call(url, key="guess", MessageSid="SM1", MessageStatus="delivered")
    told = [call(url, MessageSid="SM1", MessageStatus="delivered") for _ in range(2)]

    assert (forged.status_code, [one.status_code for one in told]) == (401, [200, 200])
    with working_in(kettle):
        assert Delivery.objects.get(contact=contact).delivered_at is not None


@pytest.mark.parametrize(("code", "is_dead"), [("30005", True), ("30003", False), ("30007", False)])
def test_an_undelivered_text_says_whether_the_number_is_dead(kettle, sent, call, code, is_dead):
    contact, url, _inbound = sent

    call(url, MessageSid="SM1", MessageStatus="undelivered", ErrorCode=code)

    with working_in(kettle):
        row = Delivery.objects.get(contact=contact)
        assert (row.bounced_at is not None, row.soft_bounced_at is not None) == (is_dead, not is_dead)
        assert is_suppressed("+4915200000001", channel=Channel.MOBILE) == is_dead
        assert not is_suppressed(contact.email)
        assert Touchpoint.objects.get(kind=5).channel == Channel.MOBILE


@pytest.mark.parametrize("word", ["STOP", " stop. ", "Stopp!", "ABMELDEN", "Kündigen", "unsubscribe"])
def test_stop_is_a_no_with_its_proof_and_start_a_yes_again(kettle, sent, call, carrier, word):
    contact, _url, inbound = sent

    for _ in range(2):
        answer = call(inbound, MessageSid="SM-in-1", From="+4915200000001", Body=word)
        assert (answer.status_code, answer.text) == (200, "<Response></Response>")

    with working_in(kettle):
        no = Consent.objects.get(contact=contact, channel=Channel.MOBILE, state=Consent.State.WITHDRAWN)
        assert (no.topic_id, no.source) == (None, "text")
        assert Touchpoint.objects.get(pk=no.touchpoint_id).payload["text"] == word.strip()
        assert is_suppressed("+4915200000001", channel=Channel.MOBILE)
        assert not is_suppressed(contact.email)
        _send(kettle)
        assert len(carrier.asked) == 1
    for _ in range(2):
        call(inbound, MessageSid="SM-in-2", From="+4915200000001", Body="Start")
    with working_in(kettle):
        assert not is_suppressed("+4915200000001", channel=Channel.MOBILE)
        yes = Consent.objects.filter(contact=contact, channel=Channel.MOBILE, topic=None, state=Consent.State.GIVEN)
        assert [one.touchpoint_id is not None for one in yes] == [True]
        _send(kettle)
        assert len(carrier.asked) == 2


def _send(workspace):
    from campaigns.planning import plan_due
    from tests.factories.campaigns import started

    started(text_campaign(Sender.objects.get(kind="sms")))
    plan_due(workspace)
    send_due(workspace)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("HELP", "Kettle &amp; Co: reply STOP and no more texts come."),
        ("Info?", "Kettle &amp; Co: reply STOP and no more texts come."),
        ("yes", ""),
        ("stop it please", ""),
        ("", ""),
        ("😀" * 2000, ""),
    ],
)
def test_help_is_answered_and_other_words_stop_nobody(kettle, sent, call, word, said):
    contact, _url, inbound = sent

    answer = call(inbound, MessageSid="SM-in-3", From="+4915200000001", Body=word)

    inside = f"<Message>{said}</Message>" if said else ""
    assert (answer.status_code, answer.text) == (200, f"<Response>{inside}</Response>")
    with working_in(kettle):
        assert not is_suppressed("+4915200000001", channel=Channel.MOBILE)
        assert Touchpoint.objects.filter(contact_id=contact.pk, kind=33).count() == 1


def test_start_of_somebody_who_never_stopped_is_no_yes(kettle, sent, call):
    contact, _url, inbound = sent

    call(inbound, MessageSid="SM-in-9", From="+4915200000001", Body="START")

    with working_in(kettle):
        assert not Consent.objects.filter(contact=contact, channel=Channel.MOBILE, topic=None).exists()


def test_a_number_that_nobody_has_is_kept_from_all_the_same(kettle, sent, call):
    call(sent[2], MessageSid="SM-in-4", From="+4915288888888", Body="STOP")

    with working_in(kettle):
        assert is_suppressed("+4915288888888", channel=Channel.MOBILE)
        assert Suppression.objects.filter(channel=Channel.MOBILE).count() == 1


@pytest.mark.parametrize("fields", [{}, {"MessageSid": "x"}, {"MessageSid": "x", "From": "junk", "Body": "STOP"}])
def test_a_call_that_says_nothing_changes_nothing(kettle, sent, call, fields):
    assert call(sent[2], **fields).status_code == 200
    with working_in(kettle):
        assert not Suppression.objects.exists()


def test_addresses_of_others_open_nothing(client, sent, call):
    _contact, url, inbound = sent

    assert call(inbound[:-3] + "AA/", MessageSid="x").status_code == 404
    assert call(url.replace("/status/", "/"), MessageSid="x").status_code == 404
    assert client.get(urlsplit(inbound).path).status_code == 405
    assert client.post(urlsplit(inbound).path, {"From": "x"}).status_code == 401


def test_the_preview_counts_segments_as_they_leave_and_what_they_cost(as_ada, kettle, carrier):
    with working_in(kettle):
        sender = make_text_sender(carrier)
        plain = text_campaign(sender, body="Hello", subject="")
        odd = text_campaign(sender, body="Grüße, ê! " + "x" * 70)
        linked = text_campaign(sender, body="[box](https://kettle.example/b) " + "x" * 110)

    page = as_ada.get(f"/w/kettle/campaigns/{plain.pk}/preview/").text
    assert "1 segment: 5 of 160 characters." in page
    assert "It costs 0.075 EUR for each person." in page
    page = as_ada.get(f"/w/kettle/campaigns/{odd.pk}/preview/").text
    assert "2 segments: 80 of 134 characters." in page
    assert "Because of ê a segment holds 70 characters instead of 160." in page
    assert "2 segments" in as_ada.get(f"/w/kettle/campaigns/{linked.pk}/preview/").text
    assert "The subject is empty" not in as_ada.get(f"/w/kettle/campaigns/{plain.pk}/").text


def test_a_sender_is_made_on_its_page_and_shows_where_answers_go(as_ada, kettle):
    facts = {
        "name": "Texts", "account_sid": SID, "secret": "t-1", "from_number": "0151 12345678", "price": "0.075",
        "test_number": "", "help_text": "", "per_second": 10, "connections": 4,
    }  # fmt: skip
    new = "/w/kettle/campaigns/senders/new/?kind=sms"
    assert as_ada.get(new).status_code == 200
    assert as_ada.post(new, facts | {"from_number": "12"}).status_code == 422
    assert as_ada.post(new, facts | {"from_number": "+4915112345678"}).status_code == 302

    with working_in(kettle):
        sender = Sender.objects.get()
    assert (sender.settings["from_number"], sender.price_milli) == ("+4915112345678", 75)
    page = as_ada.get(f"/w/kettle/campaigns/senders/{sender.pk}/").text
    assert inbound_address(kettle.pk, sender.pk) in page
    assert 'value="0.075"' in page
    assert form_of("sms").__name__ == "SmsSenderForm"


def test_a_text_may_end_with_a_link_that_stops_texts_by_one_press_and_never_by_looking(client, kettle, carrier):
    with working_in(kettle):
        sender = make_text_sender(carrier, adds_stop=True)
        reader = texted("+4915200000001")
        planned(text_campaign(sender))
    send_due(kettle)
    body = carrier.asked[0].fields["Body"]
    page = body.rpartition("Stop: ")[2].partition("//")[2].partition("/")[2].join(["/", ""])

    looked = client.get(page)
    with working_in(kettle):
        assert not Consent.objects.filter(state=Consent.State.WITHDRAWN).exists()
    stopped = client.post(page)

    assert "+49 … 001" in looked.text
    assert "+4915200000001" not in looked.text
    assert "sends you no more texts" in stopped.text
    with working_in(kettle):
        word = Consent.objects.get(state=Consent.State.WITHDRAWN)
        assert (word.contact_id, word.channel, word.topic_id) == (reader.pk, int(Channel.MOBILE), None)
        assert is_suppressed("+4915200000001", channel=Channel.MOBILE)
        assert not is_suppressed(reader.email)


def test_what_the_link_to_stop_adds_is_weighed(inside, carrier):
    texted("+4915200000001")
    body = "x" * 150
    plain, longer = (make_text_sender(carrier, adds_stop=adds) for adds in (False, True))
    workspace = Workspace.objects.get(pk=inside.pk)

    units = [check_campaign(text_campaign(one, body=body), workspace).units for one in (plain, longer)]

    assert units == [1, 2]
