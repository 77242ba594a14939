import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consent.consenting import newest_word
from consent.models import Consent
from consent.suppressing import is_suppressed
from contacts.merging import link_all
from contacts.models import Contact
from delivery.bounces.inbound_mail import receive
from delivery.content.addressing import CLICK, OPEN, STOP, return_path
from delivery.engine.controlling import approve
from delivery.models import Delivery
from delivery.tracking.bot_detection import HUMAN, MACHINE, UNSURE, Sign, detect_bots
from delivery.tracking.taking import take_clicks, take_opens
from lib.signing import make_numbered_token, make_token
from lib.valkey import valkey
from portal.preferences import allow_profiling
from tests.delivery.test_bouncing import report
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.contacts import letter, make_reader
from touchpoints.models import Touchpoint
from touchpoints.stream import STREAM, drain, waiting_count
from workspaces.current import working_in
from workspaces.models import Workspace

NOW = timezone.now()
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def sign(seconds=60.0, *, agent=FIREFOX, head=False, link=None, contact=1):
    return Sign(1, contact, NOW + timedelta(seconds=seconds), agent, head, link)


def judge(*signs, links=5):
    return detect_bots(signs, {(1, 1): NOW, (1, 2): NOW}, {1: links})


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (sign(), (HUMAN, "")),
        (sign(link=1), (HUMAN, "")),
        (sign(head=True), (MACHINE, "head")),
        (sign(1), (MACHINE, "too_fast")),
        (sign(agent="Barracuda Sentinel (EE)"), (MACHINE, "scanner")),
        (sign(agent="Mozilla/5.0"), (MACHINE, "privacy_proxy")),
        (sign(agent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)"), (UNSURE, "caching_proxy")),
        (sign(agent=""), (UNSURE, "no_agent")),
    ],
)
def test_one_sign_is_judged(one, verdict):
    assert judge(one) == [verdict]


def test_every_link_within_a_second_is_a_machine_and_two_in_a_minute_a_person():
    assert {one for one, _why in judge(sign(60, link=1), sign(60.2, link=2), sign(60.4, link=3))} == {MACHINE}
    assert {one for one, _why in judge(sign(60, link=1), sign(90, link=2), sign(100, link=3))} == {HUMAN}


def test_who_falls_into_the_trap_is_a_machine_for_a_minute():
    assert [why for _one, why in judge(sign(60, link=1), sign(70, link=999), sign(200, link=2))] == ["trap", "trap", ""]


@pytest.fixture
def sent(inside, sender, send):
    """A message that Greta got."""
    reader = make_reader("Greta Lind")
    message = send(make_campaign(sender)).message
    Delivery.objects.update(sent_at=timezone.now() - timedelta(minutes=5))
    return message, reader


def item(message, reader, **more):
    return {
        "message": message.pk,
        "contact": reader.pk,
        "at": timezone.now().isoformat(),
        "agent": FIREFOX,
        "head": False,
    } | more


def test_opens_and_clicks_become_touchpoints_once(inside, sent):
    message, reader = sent
    opened, clicked = item(message, reader), item(message, reader, link=1)

    for _ in range(3):
        take_opens(inside, [opened])
        take_clicks(inside, [clicked])

    rows = Touchpoint.objects.filter(message_id=message.pk, kind__in=[3, 4]).order_by("kind")
    assert [(row.kind, row.certainty, row.payload.get("link")) for row in rows] == [(3, 0, None), (4, 0, 1)]
    delivery = Delivery.objects.get()
    assert delivery.opened_at is not None
    assert delivery.clicked_at is not None
    assert delivery.machine_opened_at is None


def test_machines_are_kept_apart_and_moments_only_get_earlier(inside, sent):
    message, reader = sent
    early = (timezone.now() - timedelta(minutes=2)).isoformat()

    take_opens(inside, [item(message, reader, head=True), item(message, reader)])
    take_opens(inside, [item(message, reader, at=early)])

    delivery = Delivery.objects.get()
    assert delivery.opened_at.isoformat() == early
    assert delivery.machine_opened_at is not None
    assert delivery.clicked_at is None


def test_an_open_proves_one_in_doubt(inside, sent):
    message, reader = sent
    Delivery.objects.update(state=Delivery.State.IN_DOUBT, sent_at=None)

    take_opens(inside, [item(message, reader)])

    assert Delivery.objects.get().state == Delivery.State.SENT


@pytest.fixture(autouse=True)
def empty_stream():
    valkey().delete(STREAM)


@pytest.fixture
def links(kettle):
    """Links of a letter whose rows are committed to the test's transaction, workspace closed."""
    with working_in(kettle):
        reader = make_reader("Greta Lind")
        message = approve(make_message(), by=None)
        Delivery.objects.create(message=message, contact=reader, state=Delivery.State.SENT, sent_at=timezone.now())
    return message, reader, (kettle.pk, message.pk, reader.pk)


def test_a_click_leads_to_the_target_we_keep(client, links):
    _campaign, _reader, who = links

    answer = client.get(f"/c/{make_numbered_token(CLICK, *who, 2)}")

    assert (answer.status_code, answer["Location"]) == (302, "https://kettle.example/how?a=1&b=2")
    assert client.get(f"/c/{make_numbered_token(CLICK, *who, 7)}").status_code == 404


def brand_measures_nothing(kettle, reader):
    Workspace.objects.filter(pk=kettle.pk).update(mail_tracking=0)


def person_says_no(kettle, reader):
    allow_profiling(reader, False)


def the_person_behind_says_no(kettle, reader):
    other = make_reader("Greta L.")
    link_all([(reader.pk, other.pk)], reason="the same")
    allow_profiling(other, False)


def person_is_gone(kettle, reader):
    Contact.objects.filter(pk=reader.pk).update(erased_at=timezone.now())


@pytest.mark.parametrize("refuse", [brand_measures_nothing, person_says_no, the_person_behind_says_no, person_is_gone])
def test_a_no_holds_for_emails_sent_before(client, kettle, links, refuse):
    """The switch acts when the picture or the link is fetched; and once more when the worker writes it down."""
    message, reader, who = links
    with working_in(kettle):
        refuse(kettle, reader)
        before = Touchpoint.objects.count()
    workspace = Workspace.objects.get(pk=kettle.pk)

    picture = client.get(f"/o/{make_token(OPEN, *who)}")
    target = client.get(f"/c/{make_numbered_token(CLICK, *who, 2)}")
    with working_in(workspace):
        take_opens(workspace, [item(message, reader)])
        take_clicks(workspace, [item(message, reader, link=1)])

    assert (picture.status_code, target["Location"]) == (200, "https://kettle.example/how?a=1&b=2")
    assert waiting_count() == 0
    with working_in(kettle):
        assert Touchpoint.objects.count() == before
        assert Delivery.objects.filter(opened_at=None, clicked_at=None, machine_opened_at=None).count() == 1


def test_a_yes_is_written_down_again(client, kettle, links):
    _message, reader, who = links
    with working_in(kettle):
        allow_profiling(reader, False)
        allow_profiling(reader, True)
        before = Touchpoint.objects.count()

    client.get(f"/o/{make_token(OPEN, *who)}")
    client.get(f"/c/{make_numbered_token(CLICK, *who, 2)}")
    drain(rest_ms=0)

    with working_in(kettle):
        assert Touchpoint.objects.count() == before + 2


def test_the_pixel_is_a_picture(client, links):
    answer = client.get(f"/o/{make_token(OPEN, *links[2])}")

    assert (answer.status_code, answer["Content-Type"], answer.content[:3]) == (200, "image/gif", b"GIF")


def test_every_changed_letter_of_a_token_is_refused(client, links):
    token = make_token(STOP, *links[2])

    for at, one in enumerate(token):
        changed = token[:at] + ("A" if one != "A" else "B") + token[at + 1 :]
        assert client.get(f"/u/{changed}").status_code == 404
    for door in "oc":
        assert client.get(f"/{door}/{token}").status_code == 404


def test_looking_at_the_stop_page_stops_nothing_and_posting_does(kettle, links):
    message, reader, who = links
    stranger = Client(enforce_csrf_checks=True)
    address = f"/u/{make_token(STOP, *who)}"

    assert "Stop “Newsletter”" in stranger.get(address).text
    with working_in(kettle):
        assert newest_word(reader, topic=letter()).state == Consent.State.GIVEN

    for _ in range(2):
        answer = stranger.post(address, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200

    assert "You will not get “Newsletter” any more" in answer.text
    with working_in(kettle):
        assert newest_word(reader, topic=letter()).state == Consent.State.WITHDRAWN
        assert not is_suppressed(reader.email)
        assert Touchpoint.objects.filter(kind=6, message_id=message.pk).count() == 1
        assert Delivery.objects.get().unsubscribed_at is not None


def test_everything_can_be_stopped_at_once(client, kettle, links):
    _campaign, reader, who = links

    client.post(f"/u/{make_token(STOP, *who)}", {"scope": "everything"})

    with working_in(kettle):
        assert is_suppressed(reader.email)


def returned(message, reader, status="5.1.1"):
    to = return_path("returns.kettle.example", message.workspace_id, message.pk, reader.pk)
    return report(status).replace(b"To: back@k.example", f"To: {to.upper()}".encode())


def test_a_hard_bounce_stops_the_address_once(kettle, links):
    message, reader, _who = links

    for _ in range(2):
        effect = receive(returned(message, reader))

    assert effect.contact_id == reader.pk
    with working_in(kettle):
        assert is_suppressed(reader.email)
        assert Touchpoint.objects.filter(kind=5).count() == 1
        assert Delivery.objects.get().bounced_at is not None


def test_a_soft_bounce_and_an_auto_reply_stop_nobody(kettle, links):
    message, reader, _who = links
    away = b"From: greta@people.example\nSubject: Out of office\nAuto-Submitted: auto-replied\nTo: X\n\nBack on Monday"
    to = return_path("returns.kettle.example", message.workspace_id, message.pk, reader.pk).encode()

    receive(returned(message, reader, "5.2.2"))
    assert receive(away.replace(b"X", to)).returned.kind == "autoreply"

    with working_in(kettle):
        assert not is_suppressed(reader.email)


def test_a_complaint_ends_it_for_good(kettle, links):
    message, reader, _who = links
    to = return_path("r.example", message.workspace_id, message.pk, reader.pk)
    raw = f"""From: fbl@big.example
To: {to}
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: x/1

--b--
""".encode()

    receive(raw)
    receive(raw)

    with working_in(kettle):
        assert is_suppressed(reader.email)
        assert newest_word(reader, topic=letter()).state == Consent.State.WITHDRAWN
        assert Touchpoint.objects.filter(kind=7).count() == 1


def test_a_message_without_a_reader_does_nothing(kettle):
    assert receive(report("5.1.1")).contact_id is None


def test_the_links_in_a_real_letter_open_their_doors(inside, sender, room, send, client):
    make_reader("Greta Lind")
    send(make_campaign(sender))

    import quopri

    text = quopri.decodestring(room.letters[0][2]).decode()

    assert len(set(re.findall(r"/c/([\w-]+)", text))) == 3
    assert len(set(re.findall(r"/o/([\w-]+)", text))) == 1
    assert re.search(r"/p/kettle/me/[\w-]+", text)
