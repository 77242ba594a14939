"""Web push: what leaves for each browser, who gets it, and what the answers of push services mean."""

from collections import Counter
from datetime import timedelta

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from consent.gate import verdict
from contacts.merging import link_all, link_contacts, unlink_contact
from contacts.models import Contact, Identity
from delivery.engine.claiming import ask_of
from delivery.engine.sending import send_due
from delivery.messengers.protocol import Recipient
from delivery.models import Delivery, Message, RecipientChunk, Trial
from delivery.senders import messenger_of, secret_of
from delivery.test_sends import ask_trial, send_trials
from lib.clock import now
from lib.push.endpoints import BadEndpointError, check_endpoint
from lib.push.sealing import Shown, TooLargeError, seal_for
from messengers.models import PushSubscription
from messengers.push.messenger import BrowsersAhead
from messengers.push.showing import shown_in
from messengers.push.subscribing import end_browser, settle_addresses
from tests.closing import with_none_open
from tests.delivery.test_ways_out import Watch
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, make_reader
from tests.messengers.pushing import CURVE, PROOF, PushService, b64, open_sealed, un64
from touchpoints.models import Touchpoint
from workspaces.current import working_in

State = Delivery.State
TEXT = "The [spring box](https://kettle.example/box) is here, {{ contact.first_name | default: 'you' }}."
VECTOR = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
    "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)  # RFC 8291, 5 and appendix A
WORDS = b"When I grow up, I want to be a watermelon"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
BROWSER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"


def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(un64(text)), CURVE)


def push_campaign(sender, **facts):
    return make_campaign(sender, **({"body": TEXT, "preheader": "", "subject": "Spring"} | facts))


def recipient(contact) -> Recipient:
    """Them, as a claim hands them to a run."""
    return Recipient(contact.pk, 0, "x", 1, {"contact": {}, "brand": "K"})


@pytest.fixture
def reader(sender, service):
    """`reader(name, …)`: somebody with a browser of each of these names."""

    def go(*names, **facts):
        contact = make_reader(**facts)
        browsers = [service.browser(name) for name in names]
        for one in browsers:
            one.allows(sender, contact)
        contact.browsers = browsers
        return contact

    return go


def test_the_rfcs_own_example_opens_and_is_made():
    assert open_sealed(un64(VECTOR), key_of("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), un64(AUTH)) == WORDS
    made = http_ece.encrypt(
        WORDS,
        salt=un64("DGv6ra1nlYgDCS1FRnbzlw"),
        private_key=key_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        dh=un64(BROWSER_PUBLIC),
        auth_secret=un64(AUTH),
        version="aes128gcm",
    )
    assert b64(made) == VECTOR
    sealed = [seal_for(WORDS, BROWSER_PUBLIC, AUTH) for _ in range(2)]
    private = key_of("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
    assert [open_sealed(one, private, un64(AUTH)) for one in sealed] == [WORDS, WORDS]
    assert sealed[0] != sealed[1]


def test_a_notification_reaches_every_browser_of_a_person_and_counts_once(sender, service, send, reader):
    greta = reader("laptop", "phone", given_name="Greta")
    reader("other")

    campaign = send(push_campaign(sender))

    assert service.counts == Counter({"laptop": 1, "phone": 1, "other": 1})
    assert Delivery.objects.filter(state=State.SENT).count() == 2
    assert Delivery.objects.get(contact=greta).answer == "201 201"
    assert Touchpoint.objects.filter(contact_id=greta.pk, message_id=campaign.message.pk).count() == 1
    asked = {one.name: one for one in service.asked}
    shown = greta.browsers[0].read(asked["laptop"].body)
    assert (shown["title"], shown["text"]) == ("Spring", "The spring box is here, Greta.")
    assert shown["link"].partition("/c/")[1] == "/c/"
    assert shown["tag"] == asked["laptop"].headers["Topic"] == f"m{campaign.message.pk}-0"


def test_a_click_on_it_is_counted_as_one_of_the_message(inside, sender, service, send, reader, client):
    greta = reader("laptop")
    send(push_campaign(sender))

    link = greta.browsers[0].read(service.asked[0].body)["link"]
    response = client.get("/c/" + link.rpartition("/c/")[2], headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"})

    assert (response.status_code, response["Location"].partition("?")[0]) == (302, "https://kettle.example/box")


def test_the_headers_say_who_sends_for_how_long_and_how_urgent(sender, service, send, reader):
    reader("laptop")
    send(push_campaign(sender))

    (asked,) = service.asked
    scheme, _blank, rest = asked.headers["Authorization"].partition(" ")
    token, key = (part.strip().partition("=")[2] for part in rest.split(","))
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, un64(key))
    claims = jwt.decode(token, public, algorithms=["ES256"], audience=service.url)
    assert (scheme, key, claims["sub"]) == ("vapid", sender.settings["public_key"], "mailto:web@kettle.example")
    given = [asked.headers[name] for name in ("Content-Encoding", "TTL", "Urgency")]
    assert given == ["aes128gcm", "86400", "normal"]


def test_who_allowed_no_browser_is_left_out_with_the_reason(sender, service, send, reader):
    reader("laptop")
    make_reader()

    send(push_campaign(sender))

    states = Counter(Delivery.objects.values_list("state", "reason"))
    assert states == Counter({(State.SENT, ""): 1, (State.EXCLUDED, "no_address"): 1})


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten_and_asked_no_more(sender, service, send, reader, status):
    greta, bob = reader("laptop", "phone"), reader("old")
    service.answers = {"phone": (status, {}), "old": (status, {})}

    send(push_campaign(sender))

    assert Delivery.objects.get(contact=greta).state == State.SENT
    gone = Delivery.objects.get(contact=bob)
    assert (gone.state, gone.reason, gone.answer) == (State.FAILED, "refused", str(status))
    assert set(PushSubscription.objects.filter(gone_at=None).values_list("contact_id", flat=True)) == {greta.pk}
    assert list(Identity.objects.filter(kind=Identity.Kind.PUSH).values_list("contact_id", flat=True)) == [greta.pk]
    service.asked.clear()
    send(push_campaign(sender))
    assert service.counts == Counter({"laptop": 1})
    assert verdict(ask_of(push_campaign(sender).message), bob).reason == "no_address"


def test_an_answer_that_never_came_leaves_a_doubt_unless_another_browser_has_it(inside, sender, service, send, reader):
    greta, bob = reader("laptop", "phone"), reader("only")
    service.cuts = {"phone", "only"}

    send(push_campaign(sender))
    service.cuts = set()
    send_due(inside)

    states = dict(Delivery.objects.values_list("contact_id", "state"))
    assert states == {greta.pk: State.SENT, bob.pk: State.IN_DOUBT}
    assert service.counts["only"] == 1


def test_a_service_that_wants_us_to_wait_is_left_alone_for_as_long_as_it_says(sender, service, send, reader):
    reader("laptop")
    service.always = (429, {"Retry-After": "120"})

    campaign = send(push_campaign(sender), slices=1)

    assert campaign.message.state == Message.State.SENDING
    assert Delivery.objects.get().state == State.QUEUED
    chunk = RecipientChunk.objects.get(is_done=False)
    assert timedelta(seconds=110) < chunk.not_before - now() <= timedelta(seconds=120)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [(413, State.EXCLUDED, "render_error"), (500, State.DEFERRED, "asked_to_wait"), (502, State.IN_DOUBT, "in_flight"),
     (403, State.FAILED, "refused")],
)  # fmt: skip
def test_what_each_answer_means_for_the_person(sender, service, send, reader, status, state, reason):
    reader("laptop")
    service.answers = {"laptop": (status, {})}

    send(push_campaign(sender))

    row = Delivery.objects.get()
    assert (row.state, row.reason) == (state, reason)


def test_a_browser_of_another_key_is_gone_once_ours_has_proved_good(sender, service, send, reader):
    reader("a")
    stranger = reader("b")
    service.answers = {"b": (403, {})}
    sender.settings["connections"] = 1
    sender.save()

    send(push_campaign(sender))

    assert not PushSubscription.objects.filter(contact=stranger, gone_at=None).exists()


def test_a_service_that_refuses_our_key_loses_nobody_because_another_takes_it(sender, service, settings, send, reader):
    other = PushService()
    settings.ECRM_PUSH_SERVICES = [*settings.ECRM_PUSH_SERVICES, other.url]
    other.always = (403, {})
    reader("a")
    for number in range(25):
        other.browser(f"b{number}").allows(sender, make_reader())

    send(push_campaign(sender))
    other.close()

    assert PushSubscription.objects.filter(gone_at=None).count() == 26
    assert Delivery.objects.filter(state=State.SENT).count() == 1


def test_who_became_one_person_meanwhile_keeps_their_browser(inside, sender, service, reader):
    """The survivor's browser lives on though none was found under the one it was claimed for."""
    loser, survivor = reader("laptop"), make_reader()
    run = messenger_of(sender).prepare(inside, push_campaign(sender).message)
    link_all([(loser.pk, survivor.pk)])
    settle_addresses([survivor.pk])

    (said,) = [one for _to, one in run.send(iter([recipient(loser)]), Watch())]
    run.messenger.close()

    assert (said.kind, said.reason) == ("unsendable", "no_address")
    assert PushSubscription.objects.get(gone_at=None).contact_id == survivor.pk


def test_who_allowed_it_again_before_the_word_came_that_it_was_gone_keeps_it(inside, sender, service, reader):
    greta = reader("laptop")
    service.answers = {"laptop": (410, {})}
    run = messenger_of(sender).prepare(inside, push_campaign(sender).message)

    for _to, _said in run.send(iter([recipient(greta)]), Watch()):
        end_browser(PushSubscription.objects.get(), proof=PROOF)
        greta.browsers[0].allows(sender, greta)
    run.messenger.close()

    assert PushSubscription.objects.filter(gone_at=None).count() == 1


def test_a_second_browser_is_not_asked_when_the_first_took_all_the_time(inside, sender, reader):
    greta = reader("laptop", "phone")
    messenger = messenger_of(sender)
    messenger.seconds = 0.0

    answers = messenger.asking(b"{}", [*PushSubscription.objects.filter(contact=greta)], "")()
    messenger.close()

    assert [(one.status, one.why) for one in answers] == [(0, "no time was left for it")] * 2


def test_two_who_share_an_email_address_have_their_own_browsers(sender, service, send, reader):
    greta, bob = reader("hers"), reader("his")
    Contact.objects.filter(pk__in=[greta.pk, bob.pk]).update(email="both@home.example")

    send(push_campaign(sender))

    assert service.counts == Counter({"hers": 1, "his": 1})


def test_a_service_that_is_away_delays_its_own_people_alone(sender, service, settings, send, reader):
    away = "http://127.0.0.1:1"
    settings.ECRM_PUSH_SERVICES = [*settings.ECRM_PUSH_SERVICES, away]
    lost = make_reader()
    other = service.browser("x")
    other.json["endpoint"] = f"{away}/push/x"
    other.allows(sender, lost)
    reader("laptop")

    send(push_campaign(sender))

    states = dict(Delivery.objects.values_list("contact_id", "state"))
    assert (states.pop(lost.pk), list(states.values())) == (State.DEFERRED, [State.SENT])


def test_whoever_ends_it_while_others_are_sent_to_gets_nothing(inside, sender, reader):
    clock = [0.0]
    greta = reader("laptop", "phone")
    ahead = BrowsersAhead(inside, sender, clock=lambda: clock[0])

    assert len(ahead.of(greta.pk)) == 2
    end_browser(PushSubscription.objects.get(endpoint=greta.browsers[0].endpoint), proof=PROOF)
    clock[0] = 1.1
    assert [one.endpoint for one in ahead.of(greta.pk)] == [greta.browsers[1].endpoint]


def test_browsers_are_read_ahead_for_many(inside, sender, reader, django_assert_num_queries):
    people = [reader(f"b{number}") for number in range(8)]
    ahead = BrowsersAhead(inside, sender, clock=lambda: 0.0)
    ahead.of(people[0].pk)

    with django_assert_num_queries(0):
        found = [len(ahead.of(one.pk)) for one in people]
    assert found == [1] * 8


def test_two_who_are_one_get_it_on_the_browsers_of_both_and_part_with_their_own(sender, service, send, reader):
    greta, twin = reader("laptop"), reader("phone")
    link_contacts(twin.pk, greta.pk)

    send(push_campaign(sender))

    assert service.counts == Counter({"laptop": 1, "phone": 1})
    assert Delivery.objects.filter(state=State.SENT).count() == 1
    assert set(Identity.objects.filter(kind=Identity.Kind.PUSH).values_list("contact_id", flat=True)) == {greta.pk}
    unlink_contact(twin.pk)
    whose = set(Identity.objects.filter(kind=Identity.Kind.PUSH).values_list("contact_id", flat=True))
    assert whose == {greta.pk, twin.pk}


def test_a_test_goes_to_the_browsers_of_whoever_asks(inside, sender, service, ada, reader):
    trial = ask_trial(sender, by=ada)
    send_trials(inside)
    trial.refresh_from_db()
    assert (trial.state, "allows notifications yet" in trial.said) == (Trial.State.FAILED, True)

    own = make_contact("Ada", email=ada.email)
    browser = service.browser("desk")
    browser.allows(sender, own)
    trial = ask_trial(sender, by=ada)
    send_trials(inside)

    trial.refresh_from_db()
    assert (trial.state, browser.read(service.asked[0].body)["title"]) == (Trial.State.SENT, "Test of your sender")


@pytest.mark.parametrize(
    ("subject", "text", "shown"),
    [
        ("", "Tea is here\r\n\r\nCome: https://x.example/c/1", ("Tea is here", "Come", "https://x.example/c/1")),
        ("Tea", "One\r\n\r\nTwo", ("Tea", "One\nTwo", "")),
        ("Tea", "box: https://a.example/ and https://b.example/.", ("Tea", "box and.", "https://a.example/")),
    ],
)
def test_the_first_line_or_the_subject_is_the_title_and_the_first_link_is_the_click(subject, text, shown):
    from delivery.content.compiling import Written

    found = shown_in(Written(subject, '<p>x</p><img alt="" src="https://a.example/p.png?a=1&amp;b=2">', text))

    assert (found.title, found.text, found.link) == shown
    assert found.picture == "https://a.example/p.png?a=1&b=2"


def test_what_no_service_would_take_is_not_sent():
    with pytest.raises(TooLargeError):
        Shown("T", "ü" * 3_000).pack()


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc:123", True),
        ("https://web.push.apple.com/QAbc", True),
        ("https://push.apple.com/QAbc", False),
        ("https://evilpush.apple.com.example/x", False),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/fcm/send/abc", False),
        ("https://user@fcm.googleapis.com/x", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://fcm.googleapis.com\\@127.0.0.1/x", False),
        ("https://[::1", False),
        ("https://fcm.googleapis.com/" + "a" * 1_000, False),
    ],
)
def test_only_push_services_that_the_operator_names_are_asked(url, is_good):
    if is_good:
        assert check_endpoint(url) == url
    else:
        with pytest.raises(BadEndpointError):
            check_endpoint(url)


def test_the_private_key_is_sealed_and_stays_when_the_sender_is_changed(sender):
    from delivery.forms import form_of

    secret, public = secret_of(sender), sender.settings["public_key"]
    data = {
        "name": "Bell 2",
        "subject": "https://kettle.example/contact",
        "hours": "1",
        "urgency": "high",
        "per_second": "5",
    }
    form = form_of("push")(data, instance=sender)
    assert form.is_valid(), form.errors
    kept = form.save()

    assert (secret_of(kept), kept.settings["public_key"], kept.settings["urgency"]) == (secret, public, "high")
    assert secret.encode() not in bytes(kept.sealed_secret)
    messenger_of(kept).close()


def test_it_leaves_while_no_workspace_is_open(inside, sender, service, reader):
    """As every messenger does; it opens the workspace for the moment in which it looks for browsers."""
    from tests.delivery.test_ways_out import Watch, to

    greta = reader("laptop")
    one = to(0, "x")
    one = type(one)(greta.pk, 0, "x", 1, {"contact": {}, "brand": "K"})
    run = messenger_of(sender).prepare(inside, push_campaign(sender).message)
    with working_in(inside):
        pass
    outcomes = with_none_open(lambda: [f"{said.kind}{said.answer}" for _to, said in run.send(iter([one]), Watch())])
    with_none_open(run.messenger.close)

    assert [one[:8] for one in outcomes] == ["accepted"], outcomes


def test_the_preview_shows_the_notification_as_it_will_be(as_ada, kettle, sender):
    campaign = push_campaign(sender, body="Tea is [here](https://kettle.example/tea).", subject="")

    page = as_ada.get(f"/w/{kettle.slug}/campaigns/{campaign.pk}/preview/")

    assert page.status_code == 200
    assert "<h1>Tea is here.</h1>" in page.text
    assert "A click opens https://kettle.example/tea" in page.text
