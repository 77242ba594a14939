"""Seven providers tell what became of an email: proven as each documents it, once, late, in any order, never a 500."""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.models import Suppression
from consent.suppressing import is_suppressed
from delivery.models import Delivery, ProviderWebhook, TrackedLink
from delivery.returns.events import Kind, event
from delivery.returns.hooks import BY_KEY, address_of, set_up_webhook
from delivery.returns.taking import take_events
from tests.delivery.returns.calls import CERT_URL, SECRETS, SIGNERS, WEEK, body_of, signed
from tests.factories.campaigns import make_message, make_sender
from tests.factories.contacts import make_reader
from touchpoints.models import Touchpoint
from workspaces.current import working_in

State = Delivery.State
ALL = sorted(SIGNERS)
SENT_AT = timezone.now().replace(microsecond=0) - timedelta(days=8)


@pytest.fixture
def told(kettle, ada, client):
    """`told(provider)`: Greta got an email by it eight days ago; gives (row, call), where call(kind, …) is the provider's."""

    def make(provider):
        with working_in(kettle):
            sender = make_sender(host="smtp.example")
            webhook = set_up_webhook(sender, provider, SECRETS.get(provider, ""), by=ada)
            row = a_delivery(make_message(sender), make_reader("Greta Lind"))
            parts = urlsplit(address_of(webhook))

        def call(kind="", *, body=None, raw=None, headers=None, named=True, at=None, signed_at=None, to=row.address):
            name = f"<{row.message_id}.{row.contact_id}.1@kettle.example>" if named else ""
            given = body if body is not None else body_of(provider, kind, to=to, message_id=name, at=at or moment(5))
            own, proof = signed(provider, given, parts.password or "", at=signed_at)
            headers = proof if headers is None else headers
            return client.post(parts.path, raw or own, content_type="application/json", headers=headers)

        return row, call

    return make


def moment(minutes):
    return SENT_AT + timedelta(minutes=minutes)


def a_delivery(message, reader, **facts):
    given = {"state": State.SENT, "sent_at": SENT_AT, "queued_at": SENT_AT, "address": reader.email, "answer": "250 ok"}
    return Delivery.objects.create(message=message, contact=reader, **(given | facts))


def now_of(row, kettle):
    with working_in(kettle):
        return Delivery.objects.get(pk=row.pk)


def webhook_row(kettle):
    with working_in(kettle):
        return ProviderWebhook.objects.get()


@pytest.mark.parametrize("provider", ALL)
class TestProvider:
    def test_a_hard_bounce_is_never_written_to_again(self, told, kettle, provider):
        row, call = told(provider)

        assert (call("hard").status_code, call("hard", named=False).json()) == (200, {"taken": 1, "unknown": 0})

        found = now_of(row, kettle)
        assert (found.bounced_at, found.state) == (moment(5), State.SENT)
        assert "5.1.1" in found.answer
        with working_in(kettle):
            assert is_suppressed(row.address)
            assert Touchpoint.objects.filter(kind=5).count() == 1

    def test_a_soft_bounce_a_delivery_and_a_complaint_are_noted_apart(self, told, kettle, provider):
        row, call = told(provider)
        call("delivered", at=moment(1))
        call("soft", at=moment(2))
        found = now_of(row, kettle)
        with working_in(kettle):
            assert Suppression.objects.count() == 0
        call("complaint", at=moment(3))

        assert (found.delivered_at, found.soft_bounced_at, found.bounced_at) == (moment(1), moment(2), None)
        assert now_of(row, kettle).complained_at == moment(3)
        with working_in(kettle):
            assert set(Suppression.objects.values_list("reason", flat=True)) == {"complaint", "objection"}

    def test_what_we_know_nothing_of_is_counted_and_no_error(self, told, kettle, provider):
        _row, call = told(provider)
        answers = [call("whatever"), call("delivered", to="stranger@x.example", named=False)]
        for odd in (
            [], {}, [[]], [None], {"event": []}, {"event": {}}, {"type": []}, {"RecordType": {}}, {"Type": "Notification"},
            {"event-data": {"event": [1]}}, {"data": {"to": [1, {}]}}, [{"event": "bounce", "timestamp": "x" * 99}] * 3, 7,
        ):  # fmt: skip
            if provider not in {"ses", "mailgun"} or isinstance(odd, dict):
                answers.append(call(body=odd) if provider != "ses" else call(raw=json.dumps(odd).encode()))

        assert {one.status_code for one in answers} <= {200, 400, 401}
        assert [one.json()["taken"] for one in answers[:2]] == [0, 0]
        assert webhook_row(kettle).unknown_count >= 2

    def test_a_call_that_is_not_proven_changes_nothing_and_is_shown(self, told, kettle, provider):
        row, call = told(provider)
        _raw, other = signed(provider, body_of(provider, "delivered", to=row.address), "another password")
        if provider != "mailgun":
            assert call("hard", headers={}).status_code == (401 if provider != "ses" else 200)
        if provider == "mailgun":
            other, forged = (
                {},
                body_of(provider, "hard", to=row.address)
                | {"signature": {"timestamp": "1", "token": "t", "signature": "00"}},
            )
            assert call(raw=json.dumps(forged).encode()).status_code == 401
        elif provider != "ses":
            assert call("hard", headers=other).status_code == 401
            assert webhook_row(kettle).refused_count >= 1
        with working_in(kettle):
            assert is_suppressed(row.address) is (provider == "ses")

    def test_opens_and_clicks_are_those_of_people_who_may_be_measured(self, told, kettle, provider):
        row, call = told(provider)
        with working_in(kettle):
            TrackedLink.objects.create(message_id=row.message_id, number=7, url="https://kettle.example/box")
        call("open", at=moment(4))
        call("click", at=moment(6))
        found = now_of(row, kettle)

        assert (found.opened_at, found.clicked_at) == (moment(4), moment(6))
        kettle.mail_tracking = 0
        kettle.save()
        with working_in(kettle):
            Delivery.objects.update(opened_at=None, clicked_at=None)
        call("open", at=moment(8))
        call("click", at=moment(9))
        assert (now_of(row, kettle).opened_at, now_of(row, kettle).clicked_at) == (None, None)

    def test_a_week_late_and_a_hundred_times_is_once(self, told, kettle, provider):
        row, call = told(provider)
        call("complaint", at=moment(1))
        call("hard", at=moment(2))
        first = now_of(row, kettle)
        with working_in(kettle):
            before = set(Suppression.objects.values_list("address_hash", "reason", "at", "lifted_at"))
            facts = Touchpoint.objects.count()
        for _ in range(3):
            call("complaint", at=moment(1))
            call("hard", at=moment(2), named=False)

        again = now_of(row, kettle)
        assert (again.complained_at, again.bounced_at, again.answer) == (
            first.complained_at,
            first.bounced_at,
            first.answer,
        )
        with working_in(kettle):
            assert set(Suppression.objects.values_list("address_hash", "reason", "at", "lifted_at")) == before
            assert Touchpoint.objects.count() == facts

    def test_what_is_played_again_after_a_new_yes_brings_no_block_back(self, told, kettle, provider):
        row, call = told(provider)
        call("hard")
        with working_in(kettle):
            Suppression.objects.update(lifted_at=timezone.now())
        call("hard")
        with working_in(kettle):
            assert not is_suppressed(row.address)


@pytest.mark.parametrize("provider", ["mailgun", "resend", "sendgrid", "ses"])
def test_a_signature_of_long_ago_or_of_a_time_to_come_is_refused(told, kettle, provider):
    row, call = told(provider)
    ages = [timedelta(days=40), -timedelta(hours=1)]
    if provider == "ses":
        ages = ages[:1]  # its time is believed no further than now
    for age in ages:
        assert call("hard", signed_at=timezone.now() - age).status_code == 401
    if provider != "resend":
        assert call("delivered", signed_at=timezone.now() - WEEK).status_code == 200
    with working_in(kettle):
        assert not is_suppressed(row.address)


class TestSns:
    def test_needs_our_topic_amazons_certificate_and_its_own_text(self, told, kettle):
        row, call = told("ses")
        good = body_of("ses", "hard", to=row.address)
        own, _ = signed("ses", good)
        for name, text in [
            ("TopicArn", "arn:aws:sns:eu-central-1:666:evil"),
            ("SigningCertURL", "https://sns.eu-central-1.amazonaws.com.evil.example/a.pem"),
            ("SigningCertURL", "https://evil.example/sns.eu-central-1.amazonaws.com/a.pem"),
            ("SigningCertURL", "http://sns.eu-central-1.amazonaws.com/a.pem"),
            ("SigningCertURL", CERT_URL.replace("SimpleNotificationService", "SomebodysFile")),
            ("SigningCertURL", CERT_URL.replace(".pem", ".pem?a=.pem")),
            ("SigningCertURL", None),
            ("Message", good["Message"].replace("Permanent", "Transient")),
            ("SignatureVersion", "3"),
            ("Signature", "AAAA"),
            ("Signature", []),
            ("SignatureVersion", []),
            ("Type", {}),
            ("Type", "Gossip"),
        ]:
            assert call(raw=json.dumps(json.loads(own) | {name: text}).encode()).status_code == 401, name
        assert webhook_row(kettle).refused_count == 14
        with working_in(kettle):
            assert not is_suppressed(row.address)

    def test_takes_its_older_signature_and_the_older_name_of_an_event(self, told, kettle):
        row, call = told("ses")
        body = body_of("ses", "hard", to=row.address) | {"SignatureVersion": "1", "Subject": "Amazon SES"}
        body["Message"] = body["Message"].replace("eventType", "notificationType")

        assert call(body=body).json() == {"taken": 1, "unknown": 0}

    def test_a_subscription_is_confirmed_only_at_amazon(self, told, monkeypatch):
        _row, call = told("ses")
        asked = []
        monkeypatch.setattr("delivery.returns.ses.safe_fetch", lambda url, **_: asked.append(url))
        base = {"Type": "SubscriptionConfirmation", "MessageId": "a", "Token": "t", "Message": "You have chosen",
                "TopicArn": SECRETS["ses"], "SignatureVersion": "1",
                "SigningCertURL": body_of("ses", "hard", to="a@x.example")["SigningCertURL"]}  # fmt: skip
        good = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
        for url in (good, "https://evil.example/?x=sns.eu-central-1.amazonaws.com"):
            assert call(body=base | {"SubscribeURL": url}).status_code == 200

        assert asked == [good]

    def test_not_spam_is_no_complaint(self, told, kettle):
        row, call = told("ses")
        body = body_of("ses", "complaint", to=row.address)
        body["Message"] = body["Message"].replace("abuse", "not-spam")

        assert call(body=body).json()["taken"] == 0
        assert now_of(row, kettle).complained_at is None


@pytest.mark.parametrize("provider", [one for one in ALL if one != "resend"])  # Resend tells of none
def test_who_unsubscribes_at_the_provider_has_said_no_to_us(told, kettle, provider):
    row, call = told(provider)
    call("unsubscribe")

    found = now_of(row, kettle)
    assert found.unsubscribed_at == moment(5)
    with working_in(kettle):
        assert Touchpoint.objects.filter(kind=6).count() == 1


@pytest.mark.parametrize(
    ("provider", "change"),
    [
        ("mailgun", lambda body: body["event-data"].update(severity="temporary")),
        ("sendgrid", lambda body: body[0].update(event="deferred")),
        ("brevo", lambda body: body.update(event="deferred")),
        ("postmark", lambda body: body.update(Type="AutoResponder")),
        ("postmark", lambda body: body.update(Type="Transient")),
        ("sendgrid", lambda body: body[0].update(event="dropped", reason="Unsubscribed Address")),
    ],
)
def test_a_delay_or_an_auto_reply_says_nothing_of_the_address(told, kettle, provider, change):
    row, call = told(provider)
    body = body_of(provider, "hard", to=row.address)
    change(body)

    assert call(body=body).json() == {"taken": 0, "unknown": 1}
    assert now_of(row, kettle).bounced_at is None


@pytest.mark.parametrize("provider", ["brevo", "sendgrid", "postmark"])
def test_what_a_provider_calls_hard_but_was_said_of_us_kills_no_address(told, kettle, provider):
    row, call = told(provider)
    body = json.loads(
        json.dumps(body_of(provider, "hard", to=row.address))
        .replace("5.1.1 user unknown", "5.7.1 blocked as spam")
        .replace("5.1.1", "5.7.1")
    )
    call(body=body)

    found = now_of(row, kettle)
    assert (found.bounced_at, found.soft_bounced_at) == (None, found.soft_bounced_at)
    assert found.soft_bounced_at is not None
    with working_in(kettle):
        assert not is_suppressed(row.address)


def test_an_address_that_is_not_ours_any_more_or_never_was_opens_nothing(told, kettle, ada, client):
    _row, call = told("postmark")
    with working_in(kettle):
        path = urlsplit(address_of(ProviderWebhook.objects.get())).path
    assert client.get(path).status_code == 405
    assert client.post("/returns/nonsense/", b"{}", content_type="application/json").status_code == 404
    assert client.post(path[:-3] + "AA/", b"{}", content_type="application/json").status_code == 404
    with working_in(kettle):
        ProviderWebhook.objects.all().delete()
    assert call("hard").status_code == 404


def test_what_is_too_large_or_no_json_is_refused_and_shown(told, kettle):
    _row, call = told("postmark")

    assert call("hard", raw=b"x" * 5_000_001).status_code == 413
    assert (call("hard", raw=b"{").status_code, call("hard", raw=b"[" * 5_000).status_code) == (400, 400)
    found = webhook_row(kettle)
    assert (found.refused_count, found.taken_count, found.heard_at) == (3, 0, None)
    assert found.refusal.startswith("no JSON")


def test_an_email_of_another_sender_is_nobodys_here(told, kettle):
    row, call = told("postmark")
    with working_in(kettle):
        other = a_delivery(make_message(make_sender()), make_reader())
    body = body_of(
        "postmark", "hard", to=other.address, message_id=f"<{other.message_id}.{other.contact_id}.1@kettle.example>"
    )

    assert call(body=body).json() == {"taken": 0, "unknown": 1}
    assert now_of(row, kettle).bounced_at is None


def test_without_our_id_the_last_email_to_the_address_before_the_moment_is_meant(inside, kettle):
    sender, reader = make_sender(), make_reader()
    rows = [
        a_delivery(make_message(sender), reader, queued_at=moment(60 * hours), sent_at=moment(60 * hours))
        for hours in (0, 24, 48)
    ]
    take_events([event(Kind.DELIVERED, at=moment(60 * 25).isoformat(), address=reader.email)], sender=sender)

    assert [Delivery.objects.get(pk=row.pk).delivered_at is not None for row in rows] == [False, True, False]


def test_many_events_cost_as_many_statements_as_few(inside):
    sender = make_sender()
    message = make_message(sender)

    def cost(number, kind):
        rows = [a_delivery(message, make_reader()) for _ in range(number)]
        events = [event(kind, at=moment(9).isoformat(), address=row.address, words="552 5.2.2 full") for row in rows]
        with CaptureQueriesContext(connection) as captured:
            assert take_events(events, sender=sender) == number
        asked = [one["sql"] for one in captured.captured_queries]
        return sum("survey_tables" not in one for one in asked)  # the planner is told of growth, not for each row

    for kind in (Kind.DELIVERED, Kind.SOFT, Kind.HARD):
        cost(1, kind)
        assert cost(1, kind) == cost(50, kind), kind


def test_a_bounce_faster_than_our_own_servers_answer_stays(inside, room, sender, send):
    """The webhook comes while the row is still being sent: finishing takes nothing of it away."""
    from delivery.engine.finishing import Result, _write

    row = a_delivery(make_message(sender), make_reader(), state=State.SENDING, sent_at=None, answer="", epoch=3)
    take_events(
        [event(Kind.HARD, at=timezone.now().isoformat(), address=row.address, words="550 5.1.1 x")], sender=sender
    )
    chunk = type("Chunk", (), {"message_id": row.message_id, "occasion": 0})()
    _write(chunk, 3, {row.contact_id: Result(State.SENT, answer="250 ok", sent_at=timezone.now())})

    found = Delivery.objects.get(pk=row.pk)
    assert (found.state, found.bounced_at is not None, found.answer) == (State.SENT, True, "5.1.1 550 5.1.1 x")


def test_every_provider_says_where_to_enter_the_address_and_what_to_tick():
    for one in BY_KEY.values():
        assert all(str(text) for text in (one.name, one.enter_at, one.tick))
