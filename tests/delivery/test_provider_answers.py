"""What a provider's answer, or its silence, means: for one person, for the sender, for everybody. All seven, alike."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from consent.steps.address import LETTERS
from consent.suppressing import is_suppressed
from delivery.engine.sending import send_due
from delivery.messengers.protocol import AskedToWaitError, ConnectionLostError, OutcomeKind, ServerDownError
from delivery.models import Delivery, Message, Trial
from delivery.senders import MOST_FAILURES, messenger_of
from delivery.test_sends import ask_trial, send_trials
from lib.clock import now
from tests.delivery.providers import ALL, DEAD, REFUSED, TAKEN, Provider, make_provider_sender
from tests.delivery.test_ways_out import Watch, to
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.contacts import make_reader

State = Delivery.State
KEYED = {"brevo", "resend"}
each = pytest.mark.parametrize("kind", ALL)


@pytest.fixture
def provider():
    """`provider(kind)`: a server of it."""
    servers = []

    def go(kind):
        servers.append(Provider(kind))
        return servers[-1]

    yield go
    for one in servers:
        one.close()


@pytest.fixture
def sent(inside, provider):
    """`sent(kind, answer)`: (outcome, journal's marks) of one email that is answered so. Errors come through."""

    def go(kind, answer=None, *, seconds=5.0, address="a@x.example", **rules):
        server = provider(kind)
        server.always = answer
        server.__dict__.update({name: {address} for name in rules})
        messenger = messenger_of(make_message(make_provider_sender(kind, server.url)).sender, seconds)
        run = messenger.prepare(inside, Message.objects.latest("pk"))
        go.watch, go.server = Watch(), server
        try:
            ((_one, outcome),) = list(run.send(iter([to(0, address)]), go.watch))
        finally:
            messenger.close()
        return outcome, go.watch.marks

    return go


@each
def test_refusals_and_dead_addresses_are_told_apart(sent, kind):
    dead, marks = sent(kind, DEAD[kind])
    refused, _marks = sent(kind, REFUSED[kind])

    assert (dead.kind, dead.is_dead_address, marks) == (OutcomeKind.REFUSED, True, [(0, "about"), (0, "refused")])
    assert (refused.kind, refused.is_dead_address) == (OutcomeKind.REFUSED, False)
    assert refused.answer.startswith(f"{REFUSED[kind][0]} ")


@each
@pytest.mark.parametrize(
    ("status", "outcome"), [(500, OutcomeKind.LATER), (408, OutcomeKind.LATER), (502, OutcomeKind.UNKNOWN)]
)
def test_trouble_of_theirs(sent, kind, status, outcome):
    found, marks = sent(kind, (status, b"<html>oops</html>"))

    assert found.kind == outcome
    assert marks == [(0, "about")] if outcome == OutcomeKind.UNKNOWN else [(0, "about"), (0, "later")]


@each
@pytest.mark.parametrize("status", [401, 403, 404])
def test_who_does_not_let_us_in_is_down_and_nobody_failed(sent, kind, status):
    with pytest.raises(ServerDownError, match=rf"does not send for this account \({status}\)") as error:
        sent(kind, (status, {"message": "secret of the house", "Message": "secret of the house"}))

    assert "secret" not in str(error.value)
    assert sent.watch.marks == [(0, "about"), (0, "untouched")]


@each
@pytest.mark.parametrize(
    ("given", "seconds"), [("17", 17.0), ("", None), ("soon", None), ("-5", None), ("9" * 40, 999_999_999.0)]
)
def test_who_asks_us_to_wait_is_obeyed(sent, kind, given, seconds):
    with pytest.raises(AskedToWaitError, match="429") as error:
        sent(kind, (429, {}, {"Retry-After": given}))

    assert error.value.wait_seconds == seconds
    assert sent.watch.marks == [(0, "about"), (0, "untouched")]


def test_a_moment_to_come_back_at_is_read_too(sent):
    with pytest.raises(AskedToWaitError) as error:
        sent("postmark", (503, {}, {"Retry-After": format_datetime(now() + timedelta(seconds=90))}))

    assert 60 < error.value.wait_seconds < 91


@each
def test_a_redirect_is_never_followed(sent, provider, kind):
    elsewhere = provider(kind)

    with pytest.raises(ServerDownError, match=r"sends us elsewhere \(307\)"):
        sent(kind, (307, b"", {"Location": elsewhere.url + "/"}))

    assert elsewhere.asked == []


@each
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b'{"errors": 5, "Messages": [7], "ErrorCode": true}']
)
def test_garbage_never_hurts_and_the_status_counts(sent, kind, body):
    taken, _marks = sent(kind, (TAKEN[kind][0], body))
    refused, _marks = sent(kind, (400, body))

    assert (taken.kind, refused.kind) == (OutcomeKind.ACCEPTED, OutcomeKind.REFUSED)
    assert not refused.is_dead_address


@each
@pytest.mark.parametrize("how", ["cuts", "hangs"])
def test_silence_after_the_whole_email_left_is_unknown(sent, kind, how):
    found, marks = sent(kind, seconds=0.3 if how == "hangs" else 5.0, **{how: True})

    assert found.kind == OutcomeKind.UNKNOWN
    assert marks == [(0, "about")]
    assert len(sent.server.asked) == (3 if kind in KEYED else 1)
    assert len({one.headers.get("Idempotency-Key") for one in sent.server.asked}) == 1
    assert len({one.body for one in sent.server.asked}) == 1


@each
def test_an_answer_cut_in_the_middle_has_said_its_status(sent, kind):
    found, _marks = sent(kind, cuts_answer=True)

    assert found.kind == OutcomeKind.ACCEPTED


@pytest.mark.parametrize(
    ("kind", "answer", "outcome"),
    [
        ("brevo", (400, {"code": "duplicate_parameter", "message": "Idempotency key"}), OutcomeKind.ACCEPTED),
        ("resend", (409, {"name": "invalid_idempotent_request", "message": "x"}), OutcomeKind.ACCEPTED),
        ("resend", (409, {"name": "concurrent_idempotent_requests", "message": "x"}), OutcomeKind.UNKNOWN),
    ],
)
def test_what_a_provider_had_already_is_not_refused(sent, kind, answer, outcome):
    assert sent(kind, answer)[0].kind == outcome


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("postmark", (422, {"ErrorCode": 405, "Message": "Account has run out of credits"})),
        ("brevo", (402, {"code": "not_enough_credits", "message": "x"})),
        ("ses", (400, {"message": "x"}, {"x-amzn-ErrorType": "AccountSuspendedException:http://x/"})),
        ("ses", (400, {"message": "Email address is not verified."}, {"x-amzn-ErrorType": "MessageRejected"})),
        ("resend", (422, {"name": "invalid_from_address", "message": "x"})),
        ("mailjet", (400, {"Messages": [{"Errors": [{"ErrorCode": "send-0008", "ErrorRelatedTo": ["From"]}]}]})),
    ],
)
def test_trouble_with_our_account_is_nobodys_fault_who_was_to_get_it(sent, kind, answer):
    with pytest.raises(ServerDownError):
        sent(kind, answer)


def test_an_address_with_other_letters_is_out_of_reach_before_anything_is_asked(inside, sent):
    found, marks = sent("postmark", address="jörg@x.example")

    assert (found.kind, found.reason, marks, sent.server.asked) == (OutcomeKind.UNSENDABLE, LETTERS, [], [])


def test_nobody_there_is_said_and_nothing_is_lost(inside):
    sender = make_provider_sender("postmark", "http://127.0.0.1:1")
    messenger = messenger_of(sender)
    run, watch = messenger.prepare(inside, make_message(sender)), Watch()

    with pytest.raises(ServerDownError, match="Postmark cannot be reached"):
        list(run.send(iter([to(0, "a@x.example"), to(1, "b@x.example")]), watch))

    assert set(watch.marks) == {(0, "about"), (0, "untouched"), (1, "about"), (1, "untouched")}
    messenger.close()


def test_an_address_we_do_not_go_to_is_refused(inside, settings):
    settings.ECRM_FETCH_LOOPBACK = False
    messenger = messenger_of(make_provider_sender("postmark", "https://127.0.0.1:8443"))

    with pytest.raises(ServerDownError, match="not a public address"):
        messenger.send_words(inside, "Test", "It works", to="a@x.example")
    messenger.close()


def test_whoever_may_not_go_stays_untouched_while_the_others_go(inside, provider):
    server = provider("postmark")
    messenger = messenger_of(make_message(make_provider_sender("postmark", server.url)).sender)
    run, watch = messenger.prepare(inside, Message.objects.latest("pk")), Watch(stops_at=1)

    found = list(run.send(iter([to(slot, f"p{slot}@x.example") for slot in range(9)]), watch))
    messenger.close()

    assert sorted(one.slot for one, _outcome in found) == [0, 2, 3, 4, 5, 6, 7, 8]
    assert {slot for slot, _name in watch.marks} == {0, 2, 3, 4, 5, 6, 7, 8}
    assert server.open_count <= 4


def test_several_are_under_way_at_once_and_the_engine_goes_on_listening(inside, provider):
    server = provider("postmark")
    server.hangs = {f"p{slot}@x.example" for slot in range(4)}
    messenger = messenger_of(make_message(make_provider_sender("postmark", server.url)).sender)
    run, watch = messenger.prepare(inside, Message.objects.latest("pk")), Watch()
    beats = []

    def beat():
        beats.append(len(server.asked))
        if len(server.asked) == 4:
            server.goes_on.set()

    watch.beat = beat
    found = list(run.send(iter([to(slot, f"p{slot}@x.example") for slot in range(6)]), watch))
    messenger.close()

    assert len(found) == 6
    assert 4 in beats


def test_a_campaign_whose_key_is_refused_pauses_with_nobody_failed_and_the_sender_rests(inside, provider, send):
    server, readers = provider("sendgrid"), [make_reader() for _ in range(3)]
    server.always = (401, {"errors": [{"message": "The provided authorization grant is invalid"}]})
    sender = make_provider_sender("sendgrid", server.url)
    sender.failures = MOST_FAILURES - 1
    sender.save()

    campaign = send(make_campaign(sender))
    sender.refresh_from_db()

    assert campaign.message.state == Message.State.PAUSED
    assert "(401)" in campaign.message.state_reason
    assert list(Delivery.objects.values_list("state", flat=True)) == [State.QUEUED] * len(readers)
    assert sender.rests_until is not None


def test_everybody_waits_as_long_as_was_asked_for(inside, provider, send):
    server = provider("brevo")
    make_reader()
    server.always = (429, {}, {"Retry-After": "600"})

    campaign = send(make_campaign(make_provider_sender("brevo", server.url)))
    (chunk,) = campaign.message.chunks.all()

    assert timedelta(minutes=9) < chunk.not_before - now() <= timedelta(minutes=10)
    assert Delivery.objects.get().state == State.QUEUED
    server.always = None
    campaign.message.chunks.update(not_before=None)
    send_due(inside)
    assert (Delivery.objects.get().state, len(server.asked)) == (State.SENT, 2)


def test_an_address_that_the_provider_calls_dead_is_not_written_to_again(inside, provider, send):
    server, reader, other = provider("postmark"), make_reader(), make_reader()
    server.answers = {reader.email: DEAD["postmark"]}

    send(make_campaign(make_provider_sender("postmark", server.url)))

    assert Delivery.objects.get(contact=reader).state == State.FAILED
    assert is_suppressed(reader.email)
    assert Delivery.objects.get(contact=other).state == State.SENT
    assert not is_suppressed(other.email)


@each
def test_send_me_a_test_works_and_says_the_code_alone(inside, ada, provider, kind):
    server = provider(kind)
    sender = make_provider_sender(kind, server.url)
    ask_trial(sender, by=ada)

    send_trials(inside)

    assert Trial.objects.get().said == f"Sent to ada@kettle.example; the server took it ({TAKEN[kind][0]})."
    assert [one.to for one in server.asked] == ["ada@kettle.example"]
    server.always = (401, {"message": "secret of the house"})
    ask_trial(sender, by=ada)
    send_trials(inside)
    sender.refresh_from_db()
    assert sender.last_error.endswith("Check the key and the domain in the sender.")


def test_a_sample_is_marked_as_a_test_and_counts_nothing(inside, provider):
    server = provider("resend")
    message = make_message(make_provider_sender("resend", server.url))
    messenger = messenger_of(message.sender)

    outcome = messenger.send_sample(messenger.prepare(inside, message), to(0, "ada@kettle.example"))
    messenger.close()

    assert outcome.kind == OutcomeKind.ACCEPTED
    assert b'"subject":"Test: News for Ann"' in server.asked[0].body
    assert b"/c/" not in server.asked[0].body


def test_a_line_that_breaks_before_the_email_left_is_a_lost_line(inside, provider, monkeypatch):
    server = provider("postmark")
    messenger = messenger_of(make_message(make_provider_sender("postmark", server.url)).sender)
    run, watch = messenger.prepare(inside, Message.objects.latest("pk")), Watch()
    server.server.RequestHandlerClass.do_POST = lambda handler: handler.connection.close()
    run.files = [type("Big", (), {"name": "x", "content_type": "text/plain", "data": b"x" * 20_000_000})]
    server.server.RequestHandlerClass.handle = lambda handler: handler.connection.close()

    with pytest.raises(ConnectionLostError):
        list(run.send(iter([to(0, "a@x.example")]), watch))
    messenger.close()

    assert watch.marks == [(0, "about"), (0, "untouched")]


@pytest.mark.parametrize("kind", sorted(KEYED))
@pytest.mark.parametrize("status", [500, 429, 401, 400, 408])
def test_after_a_doubt_only_a_yes_is_a_word(sent, kind, status):
    """It may have been taken the first time: what is said of the second try is no reason to send a third under another key."""
    outcome, _marks = sent(kind, (status, {}), cuts_once=True)

    assert outcome.kind == OutcomeKind.UNKNOWN


@pytest.mark.parametrize("kind", sorted(KEYED))
def test_a_yes_after_a_doubt_is_a_yes(sent, kind):
    outcome, _marks = sent(kind, cuts_once=True)

    assert outcome.kind == OutcomeKind.ACCEPTED
