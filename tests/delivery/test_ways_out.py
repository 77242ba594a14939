"""What leaves by each messenger, word for word; tries of a sender; what a message may know of its readers."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.channels import Channel
from contacts.merging import link_all
from contacts.models import Contact, FieldValue
from delivery.content.addressing import (
    CLICK,
    OPEN,
    STOP,
    addresses_for,
    page_address,
    plain_addresses,
    read_return_path,
    return_path,
)
from delivery.content.liquid import clean_value
from delivery.content.people import field_names, fields_of, without_names
from delivery.message_ids import MessageIds
from delivery.messengers.protocol import (
    AskedToWaitError,
    ConnectionLostError,
    OutcomeKind,
    Recipient,
    ServerDownError,
)
from delivery.messengers.smtp import SmtpMessenger, SmtpSettings
from delivery.messengers.webhook import WebhookMessenger
from delivery.models import Delivery, Message, Sender, Trial
from delivery.senders import UnknownMessengerError, channel_of, has_sender, messenger_of
from delivery.test_sends import (
    KEPT,
    LEASE,
    ask_trial,
    fields_for,
    last_trial_of,
    last_trials,
    send_trials,
    write_sample,
)
from lib.signing import BadTokenError, make_numbered_token, make_token, read_token
from lib.standard_webhooks import new_secret
from tests.delivery.test_messengers import Listener
from tests.factories.campaigns import make_message, make_sender, make_webhook_sender
from tests.factories.contacts import make_contact

State = Delivery.State


@pytest.fixture
def listener(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    found = Listener()
    yield found
    found.server.shutdown()
    found.server.server_close()


class Watch:
    """Lets go whom it may, and keeps what is marked."""

    def __init__(self, stops_at: int = -1) -> None:
        self.marks, self.stops_at = [], stops_at

    def mark(self, slot, name) -> None:
        self.marks.append((slot, name))

    def may_go(self, one) -> bool:
        return one.slot != self.stops_at

    def beat(self) -> None:
        """Nothing to renew."""

    def free_at(self) -> float:
        return 0.0


def to(slot: int, address: str, **more) -> Recipient:
    fields = {"contact": {"first_name": "Ann"} | more.pop("contact", {}), "brand": "Kettle & Co"}
    return Recipient(100 + slot, slot, address, more.pop("attempt", 1), fields, **more)


@pytest.fixture
def hook(inside, listener):
    return make_webhook_sender(listener.url, new_secret())


@pytest.mark.parametrize(
    ("status", "text", "kind", "is_dead"),
    [
        (200, "{}", OutcomeKind.ACCEPTED, False),
        (299, "{}", OutcomeKind.ACCEPTED, False),
        (304, "{}", OutcomeKind.REFUSED, False),
        (400, '{"recipient": "unknown"}', OutcomeKind.REFUSED, False),
        (404, '{"recipient": "unknown"}', OutcomeKind.REFUSED, True),
        (410, '{"recipient": "unknown"}', OutcomeKind.REFUSED, True),
        (410, '{"recipient": "known"}', OutcomeKind.REFUSED, False),
        (404, '["recipient"]', OutcomeKind.REFUSED, False),
        (404, "not here", OutcomeKind.REFUSED, False),
        (408, "{}", OutcomeKind.LATER, False),
        (409, "{}", OutcomeKind.LATER, False),
        (425, "{}", OutcomeKind.LATER, False),
        (499, "{}", OutcomeKind.REFUSED, False),
        (500, "{}", OutcomeKind.LATER, False),
        (502, "{}", OutcomeKind.LATER, False),
    ],
)
def test_what_a_status_means(hook, listener, status, text, kind, is_dead):
    listener.answers, listener.text = {"a@x.example": status}, text

    found = WebhookMessenger(hook).post("msg_1", {"to": "a@x.example"})

    assert (found.kind, found.answer, found.reason, found.is_dead_address) == (kind, str(status), "", is_dead)


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_us_to_wait_is_left_in_peace(hook, listener, status):
    listener.answers = {"a@x.example": status}
    with pytest.raises(AskedToWaitError, match=str(status)):
        WebhookMessenger(hook).post("msg_1", {"to": "a@x.example"})


def test_a_message_by_webhook_word_for_word(inside, hook, listener):
    message = make_message(hook, body="Hi {{ contact.first_name }}", subject="News", preheader="")
    run = WebhookMessenger(hook).prepare(inside, message)
    watch = Watch()

    found = list(
        run.send(iter([to(0, "a@x.example"), to(1, "b@x.example", occasion=9, contact={"first_name": "Bé"})]), watch)
    )

    assert [(one.slot, outcome.kind) for one, outcome in found] == [(0, "accepted"), (1, "accepted")]
    assert watch.marks == [(0, "about"), (0, "accepted"), (1, "about"), (1, "accepted")]
    first, second = listener.bodies
    assert (second["contact"], second["occasion"], second["to"]) == (101, 9, "b@x.example")
    assert "Bé" in second["text"]
    address = addresses_for(inside, message.pk, 100)
    assert {name: value for name, value in first.items() if name not in {"text", "html"}} == {
        "type": "message", "workspace": "kettle", "message": message.pk, "contact": 100, "occasion": 0, "channel": "email",
        "to": "a@x.example", "subject": "News", "unsubscribe": address("unsubscribe"),
    }  # fmt: skip
    assert "Hi Ann" in first["text"]
    assert "Hi Ann</p>" in first["html"]
    headers, raw = listener.headers[1]
    assert headers["Idempotency-Key"] == headers["webhook-id"] == f"msg_{message.pk}.101.9"
    assert headers["Content-Type"] == "application/json"
    secret = WebhookMessenger(hook)
    assert secret.channel == Channel.EMAIL
    assert "é" in raw.decode()
    message.purpose = "transactional"
    assert run.body(to(0, "a@x.example"), address)["unsubscribe"] == ""


def test_who_cannot_be_written_to_by_webhook_stops_nobody(inside, hook, listener):
    message = make_message(
        hook, body="{{ contact.city }}{% if contact.n %}{{ contact.n | times: 999999999999999 }}{% endif %}"
    )
    run = WebhookMessenger(hook).prepare(inside, message)
    watch = Watch()
    people = [
        to(0, "a@x.example"), to(1, "b@x.example", contact={"city": "Ulm"}),
        to(2, "c@x.example", contact={"city": "Ulm", "n": 999_999_999}), to(3, "d@x.example", contact={"city": "Ulm"}),
    ]  # fmt: skip

    found = [(one.slot, outcome.kind, outcome.reason) for one, outcome in run.send(iter(people), watch)]

    assert found == [
        (0, "unsendable", "missing_field"), (1, "accepted", ""), (2, "unsendable", "render_error"), (3, "accepted", ""),
    ]  # fmt: skip
    assert watch.marks == [(1, "about"), (1, "accepted"), (3, "about"), (3, "accepted")]
    assert [body["to"] for body in listener.bodies] == ["b@x.example", "d@x.example"]


def test_a_webhook_that_is_stopped_or_breaks_leaves_its_slot_untouched(inside, hook, listener):
    run = WebhookMessenger(hook).prepare(inside, make_message(hook))
    watch = Watch(stops_at=1)
    with pytest.raises(ConnectionLostError, match="stopped by us"):
        list(run.send(iter([to(0, "a@x.example"), to(1, "b@x.example")]), watch))
    assert watch.marks == [(0, "about"), (0, "accepted"), (1, "about"), (1, "untouched")]
    assert [body["to"] for body in listener.bodies] == ["a@x.example"]
    listener.answers = {"c@x.example": 503}
    watch = Watch()
    with pytest.raises(AskedToWaitError):
        list(run.send(iter([to(0, "c@x.example")]), watch))
    assert watch.marks == [(0, "about"), (0, "untouched")]
    listener.answers = {"d@x.example": 500, "e@x.example": 400}
    watch = Watch()
    list(run.send(iter([to(0, "d@x.example"), to(1, "e@x.example")]), watch))
    assert watch.marks == [(0, "about"), (0, "later"), (1, "about"), (1, "refused")]


def test_troubles_of_a_webhook_have_their_names(inside, hook, settings):
    with pytest.raises(ConnectionLostError):
        WebhookMessenger(
            Sender(
                kind="webhook",
                settings={"url": "http://127.0.0.1:9/"},
                sealed_secret=hook.sealed_secret,
                pk=hook.pk,
                workspace_id=inside.pk,
            )
        ).post("m", {})
    settings.ECRM_FETCH_LOOPBACK = False
    with pytest.raises(ServerDownError):
        WebhookMessenger(hook).post("m", {})
    hook.sealed_secret = b""
    with pytest.raises(ServerDownError):
        WebhookMessenger(hook).post("m", {})


def test_samples_by_webhook_are_marked_as_tests_and_count_nothing(inside, hook, listener):
    messenger = WebhookMessenger(hook)
    run = messenger.prepare(inside, make_message(hook))

    messenger.send_sample(run, to(0, "a@x.example"))
    messenger.send_words(inside, "Test", "It works", to="b@x.example")

    sample, words = listener.bodies
    assert (sample["test"], sample["type"], sample["to"]) == (True, "message", "a@x.example")
    assert "/c/" not in sample["text"] + sample["html"]
    assert sample["unsubscribe"] == "#"
    assert words == {"test": True, "to": "b@x.example", "subject": "Test", "text": "It works"}
    ids = [headers["webhook-id"] for headers, _raw in listener.headers]
    assert all(one.startswith("test_") and len(one) == 21 for one in ids)
    assert ids[0] != ids[1]


def test_capabilities_are_said_as_they_are(inside, hook):
    assert messenger_of(hook).capabilities().__class__(tracks_clicks=True) == messenger_of(hook).capabilities()
    smtp = messenger_of(make_sender()).capabilities()
    assert (smtp.has_html, smtp.tracks_opens, smtp.tracks_clicks, smtp.hears_bounces, smtp.most_letters) == (
        True, True, True, True, 0,
    )  # fmt: skip
    assert not messenger_of(make_sender(return_path_domain="")).capabilities().hears_bounces
    assert WebhookMessenger(hook, 3).seconds == 3
    assert WebhookMessenger(hook).seconds == 15
    assert channel_of(None) == channel_of(Sender(kind="pigeon")) == channel_of(make_sender()) == Channel.EMAIL
    with pytest.raises(UnknownMessengerError, match="pigeon"):
        messenger_of(Sender(kind="pigeon"))
    assert (SmtpSettings("h", "a@k.example").port, SmtpSettings("h", "a@k.example").security) == (587, "starttls")
    assert SmtpSettings("h", "a@b@k.example").domain == "k.example"


def heads(raw: bytes) -> dict[str, str]:
    head = raw.partition(b"\r\n\r\n")[0].decode()
    return dict(line.split(": ", 1) for line in head.split("\r\n"))


def test_an_email_names_its_reader_its_attempt_and_its_occasion(inside, room):
    sender = make_sender(port=room.port, return_path_domain="", reply_to="desk@kettle.example")
    message = make_message(sender)
    run = SmtpMessenger(sender).prepare(inside, message)
    watch = Watch()

    list(run.send(iter([to(0, "a@x.example", attempt=3), to(1, "b@x.example", attempt=2, occasion=77)]), watch))
    run.messenger.close()

    (sender_1, _to, first), (_sender, _to2, second) = room.letters
    ids = MessageIds("kettle.example", inside.pk, message.pk)
    assert sender_1 == "hello@kettle.example"
    assert heads(first)["Message-ID"] == ids.of(100, 3)
    assert heads(second)["Message-ID"] == ids.of(101, 2, 77)
    assert heads(first)["Reply-To"] == "desk@kettle.example"
    assert heads(first)["List-Id"] == "Kettle & Co <letter.kettle.kettle.example>"
    assert heads(first)["Feedback-ID"] == f"{message.pk}:{inside.pk}:letter:ecrm"
    stop = heads(first)["List-Unsubscribe"].rpartition("/u/")[2].strip(">")
    assert read_token(STOP, stop, count=3) == (inside.pk, message.pk, 100)
    assert heads(first)["To"] == "a@x.example"


def test_a_receipt_has_no_stop_no_list_and_no_topic(inside, room):
    sender = make_sender(port=room.port)
    message = make_message(sender, purpose="transactional", topic=None)
    run = SmtpMessenger(sender).prepare(inside, message)
    list(run.send(iter([to(0, "a@x.example")]), Watch()))
    run.messenger.close()

    head = heads(room.letters[0][2])
    assert "List-Unsubscribe" not in head
    assert "List-Id" not in head
    assert head["Auto-Submitted"] == "auto-generated"
    assert read_return_path(room.letters[0][0]) == (inside.pk, message.pk, 100)


def test_who_cannot_be_written_to_by_email_stops_nobody(inside, room):
    sender = make_sender(port=room.port)
    message = make_message(
        sender, body="{{ contact.city }}{% if contact.n %}{{ contact.n | times: 999999999999999 }}{% endif %}"
    )
    run = SmtpMessenger(sender).prepare(inside, message)
    ulm = {"city": "Ulm"}
    people = [
        to(0, "a b@x.example"), to(1, "a@x.example"), to(2, "b@x.example", contact=ulm),
        to(3, "c@x.example", contact=ulm | {"n": 999_999_999}), to(4, "d@x.example", contact=ulm), to(5, "", contact={}),
    ]  # fmt: skip
    watch = Watch()

    found = list(run.send(iter(people), watch))
    run.messenger.close()

    assert sorted((one.slot, outcome.kind, outcome.reason) for one, outcome in found) == [
        (0, "unsendable", "no_address"), (1, "unsendable", "missing_field"), (2, "accepted", ""),
        (3, "unsendable", "render_error"), (4, "accepted", ""), (5, "unsendable", "missing_field"),
    ]  # fmt: skip
    answers = {one.slot: outcome.answer for one, outcome in found}
    assert (answers[0], answers[1]) == ("unfit for an envelope", "contact.city")
    assert watch.marks == [(2, "about"), (2, "accepted"), (4, "about"), (4, "accepted")]


def test_one_line_serves_every_run_until_it_breaks(inside, room):
    sender = make_sender(port=room.port)
    messenger = SmtpMessenger(sender)
    run = messenger.prepare(inside, make_message(sender))
    list(run.send(iter([to(0, "a@x.example")]), Watch()))
    (line,) = messenger.pool()._lines
    list(run.send(iter([to(1, "b@x.example")]), Watch()))
    assert messenger.pool()._lines == [line]
    assert list(run.send(iter([to(2, "c@x.example")]), Watch(stops_at=2))) == []
    assert messenger.pool()._lines == []
    list(run.send(iter([to(3, "d@x.example")]), Watch()))
    messenger.close()
    messenger.close()
    assert list(room.counts) == ["a@x.example", "b@x.example", "d@x.example"]


def test_a_sample_by_email_is_marked_and_counts_nothing(inside, room):
    sender = make_sender(port=room.port)
    messenger = SmtpMessenger(sender)
    run = messenger.prepare(inside, make_message(sender, subject="News"))

    messenger.send_sample(run, to(0, "a@x.example"))
    messenger.send_words(inside, "Try", "It works: 1", to="b@x.example")
    messenger.close()

    (sender_1, _a, sample), (_s, _b, words) = room.letters
    assert sender_1 == "hello@kettle.example"
    assert heads(sample)["Subject"] == "Test: News"
    assert heads(sample)["Feedback-ID"].startswith(f"{run.message.pk}:")
    assert heads(words)["Feedback-ID"] == f"0:{inside.pk}:email:ecrm"
    for raw in (sample, words):
        assert heads(raw)["Message-ID"].startswith("<test.")
        assert len(heads(raw)["Message-ID"]) == len("<test.0123456789abcdef@kettle.example>")
        assert "List-Unsubscribe" not in heads(raw)
        assert b"/c/" not in raw.replace(b"=\r\n", b"")
    assert b"\r\n\r\nIt works: 1\r\n" in words
    assert b"<p>It works: 1</p>" in words


def test_addresses_name_their_place(inside, settings):
    who = (inside.pk, 7, 12)
    address, base = addresses_for(inside, 7, 12), settings.ECRM_URL

    assert address("pixel") == f"{base}/o/{make_token(OPEN, *who)}"
    assert address("unsubscribe") == f"{base}/u/{make_token(STOP, *who)}"
    assert address("3") == f"{base}/c/{make_numbered_token(CLICK, *who, 3)}"
    assert address("honeypot") == f"{base}/c/{make_numbered_token(CLICK, *who, 999)}"
    assert address("page") == page_address(inside, 7, 12)
    assert page_address(inside, 7, 12).endswith(make_token("relationship", inside.pk, 12) + "/")
    assert "/p/kettle/me/" in page_address(inside, 7, 12)
    plain = plain_addresses([(1, "https://k.example/", "shop")])
    assert [plain(one) for one in ("1", "2", "pixel", "unsubscribe")] == ["https://k.example/", "#", "", "#"]


@pytest.mark.parametrize(
    "change", [lambda one: "x" + one[1:], lambda one: one + "a", lambda one: one[:-1], lambda one: "r-!!"]
)
def test_a_return_path_that_is_none_is_refused(db, change):
    local, _at, domain = return_path("r.example", 1, 2, 3).partition("@")
    assert (local[:2], domain) == ("r-", "r.example")
    assert local == local.lower()
    with pytest.raises(BadTokenError):
        read_return_path(f"{change(local)}@r.example")


def test_a_message_knows_what_was_said_of_a_person_and_of_those_merged(inside):
    person = make_contact(
        "Ada Berg", city="Ulm\r\nBcc", custom={"size": 42.0, "height": 1.5, "zero": 0.0, "motto": "a\tb"}
    )
    twin = make_contact("Ada B.", custom={"size": 7.0, "shoe": "red"})
    plain, empty = make_contact("", email=""), make_contact("Cher", given_name="Cherilyn")
    moment = timezone.now()
    FieldValue.objects.create(contact=person, name="since", moment=moment)
    FieldValue.objects.create(contact=person, name="void", text="")
    link_all([(twin.pk, person.pk)])

    found = fields_of([person.pk, plain.pk, empty.pk], brand="Kettle")

    assert set(found) == {person.pk, plain.pk, empty.pk}
    own = found[person.pk]["contact"]
    assert found[person.pk]["brand"] == "Kettle"
    assert (own["name"], own["first_name"], own["city"]) == ("Ada Berg", "Ada", "Ulm Bcc")
    custom = {name: own.get(name) for name in ("size", "height", "zero", "motto", "shoe", "since", "void")}
    assert custom == {
        "size": 42, "height": 1.5, "zero": 0, "motto": "a b", "shoe": "red", "since": moment, "void": None,
    }  # fmt: skip
    assert isinstance(own["size"], int)
    assert found[empty.pk]["contact"]["first_name"] == "Cherilyn"
    assert fields_of([], brand="x") == {}
    hidden = without_names(found[person.pk])
    assert (hidden["brand"], hidden["contact"]["city"], hidden["contact"]["motto"]) == ("Kettle", "Ulm Bcc", "a b")
    assert "Berg" not in json.dumps(hidden, default=str)
    assert without_names({}) == {"contact": {}}
    assert ("contact.shoe", "") in field_names()
    assert [name for name, _stand_in in field_names()][:1] != ["contact.height"]
    assert clean_value("a\u2028\x00b") == "a b"


# --- tries


def test_a_try_is_asked_once_and_old_ones_go(inside, ada, bob):
    sender, message = make_sender(), make_message(make_sender())
    person = make_contact()
    old, recent = (
        Trial.objects.create(
            sender=sender, by_id=ada.pk, state="sent", asked_at=timezone.now() - KEPT + timedelta(minutes=more)
        )
        for more in (-1, 1)
    )

    trial = ask_trial(sender, by=ada)

    assert (trial.state, trial.message_id, trial.contact_id, trial.by_id) == ("waiting", None, None, ada.pk)
    assert set(Trial.objects.values_list("pk", flat=True)) == {recent.pk, trial.pk}
    assert old.pk not in {recent.pk, trial.pk}
    assert ask_trial(sender, by=ada) == trial
    others = [
        ask_trial(sender, by=bob),
        ask_trial(sender, by=ada, message=message, person=person),
        ask_trial(make_sender(), by=ada),
    ]
    assert len({trial.pk, *(one.pk for one in others)}) == 4
    assert others[1].contact_id == person.pk
    assert last_trial_of(message) == others[1]
    assert last_trials([sender]) == {sender.pk: others[0]}
    assert (timedelta(days=30), timedelta(seconds=60)) == (KEPT, LEASE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "Sent to ada@kettle.example; the server took it (250 2.0.0)."),
        ({"kind": "pigeon"}, "Nobody here can send by “pigeon”."),
        ({"by_id": 999_999}, "Whoever asked is gone."),
    ],
)
def test_a_try_of_a_sender_says_what_came_of_it(inside, ada, room, change, said):
    trial = ask_trial(make_sender(port=room.port), by=ada)
    Sender.objects.filter(pk=trial.sender_id).update(**{name: one for name, one in change.items() if name == "kind"})
    Trial.objects.filter(pk=trial.pk).update(**{name: one for name, one in change.items() if name == "by_id"})

    assert send_trials(inside) is None

    trial.refresh_from_db()
    sender = Sender.objects.get(pk=trial.sender_id)
    worked = said.startswith("Sent")
    assert (trial.said, trial.state, trial.leased_until) == (said, "sent" if worked else "failed", None)
    assert (sender.last_error, sender.tested_at is not None) == ("" if worked else said, worked)
    assert has_sender(inside) == worked


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Sent to ada@kettle.example; the server took it (250 2.0.0)."),
        (
            {"body": "{{ contact.city }}"},
            "{{ contact.city }} is empty for the person we tried it with; give it a stand-in.",
        ),
        ({"body": "{{ contact.name | foo }}"}, "unknown filter 'foo'"),
    ],
)
def test_a_try_of_a_message_says_what_is_wrong_with_it_and_blames_no_sender(inside, ada, room, facts, said):
    message = make_message(make_sender(port=room.port), **facts)
    person = make_contact("Greta Lind")
    ask_trial(message.sender, by=ada, message=message, person=person)

    send_trials(inside)

    assert last_trial_of(message).said == said
    sender = Sender.objects.get(pk=message.sender_id)
    assert (sender.last_error, sender.tested_at is not None) == ("", said.startswith("Sent"))
    if room.letters:
        assert heads(room.letters[0][2])["Subject"] == "Test: News for Greta"
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("550 5.7.1 secret", "The server refused it (550 5.7.1)."),
        ("451 4.7.1 secret", "The server refused it (451 4.7.1)."),
        ("421 4.7.0 secret", "The server asked us to wait: 421 4.7.0"),
    ],
)
def test_a_try_that_is_refused_says_the_code(inside, ada, room, answer, said):
    room.refuse = {ada.email: answer}
    trial = ask_trial(make_sender(port=room.port), by=ada)

    send_trials(inside)

    trial.refresh_from_db()
    assert (trial.said, trial.state) == (said, "failed")


def test_a_sealed_password_that_does_not_open_is_asked_for(inside, ada, room):
    trial = ask_trial(make_sender(port=room.port, username="ann"), by=ada)
    Sender.objects.filter(pk=trial.sender_id).update(sealed_secret=b"\x01broken")

    send_trials(inside)

    trial.refresh_from_db()
    assert trial.said == "The password cannot be opened any more. Enter it again."


def test_tries_go_in_their_order_and_each_once(inside, ada, bob, room):
    sender = make_sender(port=room.port)
    second, first = ask_trial(sender, by=ada), ask_trial(sender, by=bob)
    Trial.objects.filter(pk=first.pk).update(asked_at=timezone.now() - timedelta(minutes=1))

    send_trials(inside)
    send_trials(inside)

    assert [address for _sender, address, _data in room.letters] == [bob.email, ada.email]
    assert second.pk < first.pk


def test_a_sample_shows_names_only_to_those_who_may_see_them(inside):
    message = make_message(body="{{ contact.name }}", subject="{{ brand }}")
    person = make_contact("Greta Lind")

    assert "Greta Lind" in write_sample(message, inside, person).text
    hidden = write_sample(message, inside, person, shows_names=False)
    assert "Greta" not in hidden.text + hidden.html
    assert hidden.subject == "Kettle & Co"
    assert fields_for(None, inside) == {"contact": {}, "brand": "Kettle & Co"}
    assert fields_for(person, inside)["contact"]["name"] == "Greta Lind"
    assert Contact.objects.count() == 1
    assert Message.objects.count() == 1


def test_a_provider_fills_in_its_server_and_says_what_it_wants(as_ada, kettle):
    page = as_ada.get("/w/kettle/campaigns/senders/new/?preset=sendgrid").text
    unknown = as_ada.get("/w/kettle/campaigns/senders/new/?preset=nobody")

    assert 'value="smtp.sendgrid.net"' in page
    assert 'value="apikey"' in page
    assert "the password your API key" in page
    assert unknown.status_code == 200
