"""How a browser comes to take notifications and how it ends: on any site by its key, on our own page, on their own page."""

import json

import pytest

from consent.consenting import newest_word
from consent.gate import verdict
from consent.models import Consent
from contacts.channels import Channel
from contacts.models import Identity
from delivery.engine.claiming import ask_of
from delivery.forms import form_of
from delivery.models import Sender
from lib.push.browsers import NotTheirsError, family_of, read_browser
from lib.push.endpoints import digest_of
from messengers.models import PushSubscription
from messengers.push.personal_data import gather_browsers
from messengers.push.subscribing import forget_browsers, move_browser, settle_addresses
from portal.access_links import relationship_token
from privacy.erasing import erase_person
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, make_reader
from tests.messengers.pushing import PAGE
from workspaces.keys import make_key
from workspaces.models import ApiKey

SITE = {"Origin": "https://kettle.example", "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"}


@pytest.fixture
def door(client, sender):
    """`door(act, **said)`: what a browser on kettle.example tells us by the key of the site."""
    _key, clear = make_key(ApiKey.Kind.BROWSER, "Site")

    def tell(act="", *, headers=SITE, key=clear, raw=None, **said):
        if not act and raw is None:
            return client.get(f"/v1/push/{key}/", headers=headers)
        body = raw if raw is not None else json.dumps({"act": act, "page": PAGE, **said})
        return client.post(f"/v1/push/{key}/", body, content_type="text/plain", headers=headers)

    return tell


def live() -> set[str]:
    return set(PushSubscription.objects.filter(gone_at=None).values_list("endpoint", flat=True))


def test_a_click_on_a_site_is_a_yes_with_its_proof(inside, door, service, sender):
    browser = service.browser("desk")
    assert door().json() == {"publicKey": sender.settings["public_key"]}

    response = door("on", subscription=browser.json, wording="Show me your news", anonymousId="visitor-1")

    assert response.status_code == 200, response.content
    row = PushSubscription.objects.get()
    assert (row.endpoint, row.browser, row.page) == (browser.endpoint, "Chrome, Windows", PAGE)
    word = newest_word(row.contact, topic=None, channel=Channel.PUSH)
    assert (word.state, word.page, word.wording.text, word.source) == (
        Consent.State.GIVEN, PAGE, "Show me your news", "web push",
    )  # fmt: skip
    device = Identity.objects.get(kind=Identity.Kind.DEVICE, value="visitor-1")
    assert (device.contact_id, row.contact.is_anonymous) == (row.contact_id, True)


def test_a_visitor_who_is_known_later_takes_the_browser_along(inside, door, service, sender):
    from contacts.resolving import Hint, resolve

    door("on", subscription=service.browser("desk").json, wording="x", anonymousId="visitor-1")
    greta = make_reader()
    device = Hint(Identity.Kind.DEVICE.value, "visitor-1")
    resolve([[Hint(Identity.Kind.EMAIL.value, greta.email, True), device]])

    assert PushSubscription.objects.get().contact_id == greta.pk
    assert verdict(ask_of(make_campaign(sender).message), greta).allowed


@pytest.mark.parametrize(
    "changed",
    [
        {"subscription": None},
        {"subscription": "x"},
        {"subscription": {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}},
        {"subscription": {"endpoint": 5, "keys": {"p256dh": [], "auth": {}}}},
        {"subscription": {"endpoint": "http://127.0.0.1:6379/x"}},
        {"act": "other"},
        {"headers": {}},
        {"headers": {"Origin": "null"}},
        {"raw": b"\xff\xfe"},
        {"raw": b"[1]"},
        {"raw": b"{" * 5_000},
    ],
)
def test_what_is_no_browser_is_refused_and_nothing_is_kept(inside, door, service, changed):
    given = {"act": "on", "subscription": service.browser("a").json} | changed

    response = door(given.pop("act"), **given)

    assert (response.status_code, response.json()["success"]) == (400, False)
    assert not PushSubscription.objects.exists()


def test_an_address_of_our_own_network_is_refused(inside, door, service):
    stolen = service.browser("a").json | {"endpoint": "https://10.0.0.1/latest"}

    assert door("on", subscription=stolen).status_code == 400


def test_unknown_keys_large_bodies_and_crowds_are_turned_away(inside, door, service, monkeypatch):
    from messengers.push import doors

    assert door(key="browser_nobody").status_code == 401
    assert door(raw=b'"' + b"x" * 9_000 + b'"').status_code == 413
    monkeypatch.setattr(doors, "MOST_AN_HOUR", 1)
    assert [door("on", subscription=service.browser("a").json).status_code for _ in range(3)][-1] == 429
    assert door("off", subscription=service.browser("a").json).status_code == 200  # a no is never too many


def test_only_the_browser_itself_ends_it_and_the_last_one_is_a_no(inside, door, service, sender):
    desk, phone = service.browser("desk"), service.browser("phone")
    for one in (desk, phone):
        door("on", subscription=one.json, wording="x", anonymousId="visitor-1")
    contact = PushSubscription.objects.first().contact
    forged = {**desk.json, "keys": {**desk.json["keys"], "auth": service.browser("other").json["keys"]["auth"]}}

    door("off", subscription=forged)
    assert live() == {desk.endpoint, phone.endpoint}
    door("off", subscription=desk.json)
    assert live() == {phone.endpoint}
    assert newest_word(contact, topic=None, channel=Channel.PUSH).state == Consent.State.GIVEN
    door("off", subscription=phone.json)
    assert newest_word(contact, topic=None, channel=Channel.PUSH).state == Consent.State.WITHDRAWN
    assert not Identity.objects.filter(kind=Identity.Kind.PUSH).exists()

    door("on", subscription=phone.json, wording="again", anonymousId="visitor-1")
    judged = verdict(ask_of(make_campaign(sender).message), contact)
    assert (judged.allowed, newest_word(contact, topic=None, channel=Channel.PUSH).state) == (True, Consent.State.GIVEN)


def test_a_browser_that_gets_another_endpoint_goes_on(inside, door, service):
    old, new = service.browser("old"), service.browser("new")
    door("on", subscription=old.json, wording="x")
    contact_id = PushSubscription.objects.get().contact_id

    door("changed", old=old.json, subscription=new.json)

    assert live() == {new.endpoint}
    assert Identity.objects.get(kind=Identity.Kind.PUSH).contact_id == contact_id
    door("changed", old=new.json, subscription=None)
    assert live() == set()


def test_a_browser_that_changes_hands_is_its_new_owners_alone(inside, sender, service):
    greta, bob, browser = make_reader(), make_reader(), service.browser("handed-on")
    browser.allows(sender, greta)
    browser.allows(sender, bob)

    assert PushSubscription.objects.get().contact_id == bob.pk
    assert Identity.objects.get(kind=Identity.Kind.PUSH).contact_id == bob.pk
    assert verdict(ask_of(make_campaign(sender).message), greta).reason == "no_address"


def test_a_person_keeps_ten_browsers_and_the_oldest_goes(inside, sender, service):
    greta = make_reader()
    for number in range(11):
        service.browser(f"b{number}").allows(sender, greta)

    assert len(live()) == 10
    assert service.browser("b0").endpoint not in live()


def test_forgetting_and_settling_cost_the_same_for_many(inside, sender, service, django_assert_max_num_queries):
    people = [make_reader() for _ in range(12)]
    for number, one in enumerate(people):
        service.browser(f"b{number}").allows(sender, one)
    known = dict(PushSubscription.objects.values_list("digest", "seen_at"))
    first = dict(list(known.items())[:1])
    rest = {one: moment for one, moment in known.items() if one not in first}

    def count(verb, given):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            verb(given)
        return len(queries)

    assert count(settle_addresses, [people[0].pk]) == count(settle_addresses, [one.pk for one in people])
    assert count(forget_browsers, first) == count(forget_browsers, rest)


def test_nobody_takes_a_browser_over_without_its_secret(inside, sender, service):
    greta, bob, browser = make_reader(), make_reader(), service.browser("laptop")
    browser.allows(sender, greta)
    thief, moved = service.browser("laptop"), service.browser("other")
    thief.json["keys"]["auth"] = "A" * 22
    moved.allows(sender, bob)

    with pytest.raises(NotTheirsError):
        thief.allows(sender, bob)
    with pytest.raises(NotTheirsError):
        move_browser(digest_of(moved.endpoint), read_browser(thief.json))

    owners = dict(PushSubscription.objects.filter(gone_at=None).values_list("endpoint", "contact_id"))
    assert owners == {browser.endpoint: greta.pk, moved.endpoint: bob.pk}


def test_a_browser_that_said_yes_anew_before_it_told_of_its_change_keeps_its_new_owner(inside, sender, service):
    nobody, greta = make_contact(), make_reader()
    old, new = service.browser("before"), service.browser("after")
    old.allows(sender, nobody)
    new.allows(sender, greta)

    assert move_browser(digest_of(old.endpoint), read_browser(new.json))

    living = dict(PushSubscription.objects.filter(gone_at=None).values_list("endpoint", "contact_id"))
    assert living == {new.endpoint: greta.pk}
    assert list(Identity.objects.filter(kind=Identity.Kind.PUSH).values_list("contact_id", flat=True)) == [greta.pk]


def test_our_own_page_asks_nothing_by_itself_and_runs_only_our_scripts(inside, client, sender):
    page = client.get(f"/p/{inside.slug}/push/")
    worker = client.get(f"/p/{inside.slug}/push/worker.js")

    assert page.status_code == 200
    assert '<script type="module"' in page.text
    assert "onclick" not in page.text
    assert "unsafe" not in page["Content-Security-Policy"]
    assert worker["Content-Type"].startswith("text/javascript")
    lines = worker.text.splitlines()
    assert (len(lines), f"/p/{inside.slug}/push/door/" in lines[0], "/t/push-worker.js" in lines[1]) == (2, True, True)


def test_the_scripts_are_small_and_any_site_may_load_them(client):
    for name in ("ecrm.js", "push.js", "push-worker.js"):
        response = client.get(f"/t/{name}", headers={"Accept-Encoding": ""})
        assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, "*")
        assert "max-age" in response["Cache-Control"]
        assert len(response.content) < 8_000


def test_on_our_own_page_the_browser_belongs_to_whose_page_it_is(inside, client, sender, service, settings):
    greta, browser = make_reader(), service.browser("desk")
    me = relationship_token(greta.pk)
    said = {"act": "on", "subscription": browser.json, "wording": "Yes", "me": me, "page": f"{settings.ECRM_URL}/p/x"}

    def tell(origin, **more):
        body = json.dumps(said | more)
        return client.post(f"/p/{inside.slug}/push/door/", body, content_type="text/plain", headers={"Origin": origin})

    assert tell("https://evil.example").status_code == 400
    assert tell(settings.ECRM_URL, me="forged").status_code == 404
    assert tell(settings.ECRM_URL).status_code == 200
    assert PushSubscription.objects.get().contact_id == greta.pk
    assert client.get(f"/p/{inside.slug}/push/?me=forged").status_code == 404
    assert client.get(f"/p/{inside.slug}/push/?me={me}").status_code == 200


def test_there_is_no_page_while_nobody_sends_notifications(inside, client):
    assert client.get(f"/p/{inside.slug}/push/").status_code == 404
    assert client.get(f"/p/{inside.slug}/push/door/").status_code == 404


def test_people_see_their_browsers_on_their_own_page_and_end_each(inside, client, sender, service):
    greta, eve = make_reader(), make_reader()
    service.browser("desk").allows(sender, greta)
    service.browser("hers").allows(sender, eve)
    row, hers = PushSubscription.objects.get(contact=greta), PushSubscription.objects.get(contact=eve)
    path = f"/p/{inside.slug}/me/{relationship_token(greta.pk)}/"
    assert "Firefox, Android" in client.get(path).text

    assert client.post(path, {"do": "browser", "browser": str(hers.pk)}).status_code == 422
    response = client.post(path, {"do": "browser", "browser": str(row.pk)})

    assert "no more notifications on this browser" in client.get(response["Location"]).text
    assert live() == {hers.endpoint}
    assert newest_word(greta, topic=None, channel=Channel.PUSH).state == Consent.State.WITHDRAWN


def test_it_is_told_and_it_goes_with_the_person(inside, sender, service):
    greta = make_reader()
    service.browser("desk").allows(sender, greta)
    assert [one["endpoint"] for one in gather_browsers([greta.pk])] == [f"{service.url}/push/desk"]

    erase_person(greta.pk, by=None)

    assert not PushSubscription.objects.exists()
    assert not Identity.objects.filter(kind=Identity.Kind.PUSH).exists()


def test_a_workspace_has_one_sender_of_notifications(inside, sender):
    data = {"name": "Other", "subject": "web@kettle.example", "hours": "1", "urgency": "low", "per_second": "5"}

    form = form_of("push")(data, instance=Sender(kind="push"))

    assert not form.is_valid()
    assert "Bell" in str(form.errors)


@pytest.mark.parametrize("subject", ["", "mailto:", "http://kettle.example", "javascript:x", "mailto:a@b.c?x=1"])
def test_push_services_want_somebody_to_write_to(inside, subject):
    data = {"name": "Bell", "subject": subject, "hours": "1", "urgency": "low", "per_second": "5"}

    assert "subject" in form_of("push")(data, instance=Sender(kind="push")).errors


def test_the_page_of_the_sender_says_what_to_put_on_the_website(as_ada, kettle, sender):
    page = as_ada.get(f"/w/{kettle.slug}/campaigns/senders/{sender.pk}/")

    assert page.status_code == 200
    for what in (sender.settings["public_key"], f"/p/{kettle.slug}/push/", "importScripts", "data-ecrm-push"):
        assert what in page.text


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("", ""),
    ],
)
def test_browsers_are_named_in_two_words(agent, family):
    assert family_of(agent) == family
