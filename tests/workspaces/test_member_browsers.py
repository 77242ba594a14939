"""Browsers of members: allowed by their own secret, tried, ended, moved; gone with the membership and with the account."""

import json

import pytest

from lib.push.browsers import NotTheirsError, read_browser
from tests.conftest import join, make_user
from workspaces.current import working_in
from workspaces.models import MemberBrowser, Membership, PushKeys, Role
from workspaces.notices.browsers import allow_browser, forget_browsers, move_browser

pytestmark = pytest.mark.django_db
NOTICES = "/w/kettle/notices/"
DOOR = f"{NOTICES}browsers/"
AGENT = {"User-Agent": "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Firefox/140.0"}


def allow(workspace, user, browser):
    with working_in(workspace):
        membership = Membership.objects.get(workspace=workspace, user=user)
        return allow_browser(membership, read_browser(browser.json), agent="")


def rows(workspace) -> dict[str, int]:
    """Name of the browser → whose it is."""
    with working_in(workspace):
        return {one.rpartition("/")[2]: user for one, user in MemberBrowser.objects.values_list("endpoint", "user_id")}


def say(client, path=DOOR, **said):
    return client.post(path, json.dumps(said), content_type="application/json", headers=AGENT)


def test_a_member_allows_a_browser_and_sees_it_on_the_page(kettle, ada, as_ada, service):
    key = say(as_ada, act="key").json()["publicKey"]
    assert say(as_ada, act="key").json() == {"publicKey": key}
    assert len(key) == 87
    desk = service.browser("desk")

    assert say(as_ada, act="on", subscription=desk.json).json() == {"success": True}
    assert say(as_ada, act="on", subscription=desk.json).json() == {"success": True}

    assert rows(kettle) == {"desk": ada.pk}
    page = as_ada.get(NOTICES).text
    assert page.count("Firefox, Android") == 1
    with working_in(kettle):
        row = MemberBrowser.objects.get()
        assert f'data-digest="{row.digest}"' in page
        assert key.encode() not in bytes(PushKeys.objects.get().private)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b'{"act": "on"}', b'{"act": "other"}', b'{"act": "on", "subscription": {"endpoint": 5}}', b"\xff",
     b'{"act": "on", "subscription": "' + b"x" * 9_000 + b'"}'],
)  # fmt: skip
def test_what_is_no_browser_is_refused(kettle, as_ada, raw):
    response = as_ada.post(DOOR, raw, content_type="application/json")

    assert (response.status_code, response.json()["success"]) == (400, False)


def test_only_known_push_services_are_taken(kettle, as_ada, service):
    inner = service.browser("desk").json | {"endpoint": "https://10.0.0.1/latest"}

    assert say(as_ada, act="on", subscription=inner).status_code == 400
    assert rows(kettle) == {}


def test_a_page_of_somebody_elses_cannot_ask(kettle, ada, service):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)

    assert say(strict, act="on", subscription=service.browser("desk").json).status_code == 403


def test_strangers_and_other_members_reach_nobody_elses_browser(kettle, ada, as_ada, bob, as_eve, service):
    hers, his = allow(kettle, ada, service.browser("hers")), allow(kettle, bob, service.browser("his"))

    assert say(as_eve, act="key").status_code == 404
    for act in ("try", "end"):
        assert as_ada.post(f"{DOOR}{his.pk}/{act}/").status_code == 404
        assert as_eve.post(f"{DOOR}{hers.pk}/{act}/").status_code == 404
    assert as_eve.get(f"{NOTICES}worker.js").status_code == 404
    assert rows(kettle) == {"hers": ada.pk, "his": bob.pk}
    assert his.digest not in as_ada.get(NOTICES).text


def test_one_browser_serves_two_workspaces_each_by_itself(kettle, rival, ada, service):
    join(rival, ada, Role.MARKETER)
    desk = service.browser("desk")
    allow(kettle, ada, desk)
    allow(rival, ada, desk)

    with working_in(rival):
        MemberBrowser.objects.all().delete()
    assert (rows(kettle), rows(rival)) == ({"desk": ada.pk}, {})


def test_whoever_sits_at_the_same_machine_next_takes_it_over(kettle, ada, bob, service):
    desk = service.browser("desk")
    allow(kettle, ada, desk)
    allow(kettle, bob, desk)
    assert rows(kettle) == {"desk": bob.pk}

    thief = service.browser("desk")
    thief.json["keys"]["auth"] = "A" * 22
    with pytest.raises(NotTheirsError):
        allow(kettle, ada, thief)
    assert rows(kettle) == {"desk": bob.pk}


def test_a_member_has_ten_and_the_oldest_goes(kettle, ada, bob, service):
    allow(kettle, bob, service.browser("his"))
    for number in range(11):
        allow(kettle, ada, service.browser(f"b{number}"))

    assert rows(kettle) == {"his": bob.pk} | {f"b{number}": ada.pk for number in range(1, 11)}


def test_try_and_end_are_forms_that_need_no_script(kettle, ada, as_ada, service):
    desk = service.browser("desk")
    say(as_ada, act="key")
    row = allow(kettle, ada, desk)

    page = as_ada.post(f"{DOOR}{row.pk}/try/", follow=True)
    assert "A notification is on its way" in page.text
    with working_in(kettle):
        assert MemberBrowser.objects.get().test_asked_at is not None
    page = as_ada.post(f"{DOOR}{row.pk}/end/", follow=True)
    assert "shows no more notifications" in page.text
    assert rows(kettle) == {}
    assert as_ada.post(f"{DOOR}{row.pk}/end/").status_code == 404


def test_who_is_taken_out_keeps_no_browser_and_others_keep_theirs(kettle, ada, as_ada, bob, service):
    allow(kettle, bob, service.browser("his"))
    allow(kettle, ada, service.browser("hers"))
    membership = Membership.objects.get(user=bob)

    as_ada.post(f"/w/kettle/settings/members/{membership.pk}/remove/")

    assert rows(kettle) == {"hers": ada.pk}


def test_who_was_taken_out_a_moment_ago_allows_nothing(kettle, bob, service):
    membership = Membership.objects.get(user=bob)
    Membership.objects.filter(pk=membership.pk).delete()

    with working_in(kettle), pytest.raises(NotTheirsError):
        allow_browser(membership, read_browser(service.browser("his").json), agent="")


def test_a_deleted_account_keeps_no_browser_in_any_workspace(kettle, rival, service):
    cyd = join(kettle, make_user("cyd@kettle.example", "Cyd"), Role.MARKETER)
    join(rival, cyd, Role.MARKETER)
    allow(kettle, cyd, service.browser("one"))
    allow(rival, cyd, service.browser("two"))

    cyd.delete()

    assert (rows(kettle), rows(rival)) == ({}, {})


def test_nobody_outside_has_a_browser_here(kettle, eve, rival, service):
    from django.db import IntegrityError, transaction

    with working_in(kettle), pytest.raises(IntegrityError), transaction.atomic():
        MemberBrowser.objects.create(user_id=eve.pk, digest="x")
        transaction.get_connection().check_constraints()


def test_a_browser_that_moves_tells_so_without_a_session(kettle, ada, client, service):
    old, new = service.browser("old"), service.browser("new")
    allow(kettle, ada, old)
    forged = {**old.json, "keys": {**old.json["keys"], "auth": new.json["keys"]["auth"]}}
    path = "/notices/kettle/moved/"

    assert say(client, path, act="changed", old=forged, subscription=new.json).status_code == 200
    assert rows(kettle) == {"old": ada.pk}
    assert say(client, path, act="changed", old=old.json, subscription=new.json).status_code == 200
    assert rows(kettle) == {"new": ada.pk}
    assert say(client, path, act="changed", old=new.json, subscription=None).status_code == 200
    assert rows(kettle) == {}
    assert say(client, "/notices/nobody/moved/", old=old.json).status_code == 404
    assert say(client, path, old="x").status_code == 400


def test_a_move_takes_nobody_elses_place(kettle, ada, bob, service):
    old, theirs = service.browser("old"), service.browser("theirs")
    allow(kettle, ada, old)
    allow(kettle, bob, theirs)
    forged = service.browser("theirs")
    forged.json["keys"]["auth"] = "A" * 22

    with working_in(kettle), pytest.raises(NotTheirsError):
        move_browser(read_browser(old.json), read_browser(forged.json))
    assert rows(kettle) == {"old": ada.pk, "theirs": bob.pk}
    with working_in(kettle):
        assert move_browser(read_browser(old.json), read_browser(theirs.json))
    assert rows(kettle) == {"theirs": bob.pk}


def test_forgetting_costs_the_same_for_many(kettle, ada, service, django_assert_num_queries):
    for number in range(8):
        allow(kettle, ada, service.browser(f"b{number}"))
    with working_in(kettle):
        known = dict(MemberBrowser.objects.values_list("digest", "seen_at"))
        first = dict(list(known.items())[:1])
        with django_assert_num_queries(4):  # with its savepoint
            assert forget_browsers(first) == 1
        with django_assert_num_queries(4):
            assert forget_browsers(known) == 7


def test_the_worker_is_of_this_workspace_and_loads_only_ours(kettle, as_ada):
    worker = as_ada.get(f"{NOTICES}worker.js")

    assert worker["Content-Type"].startswith("text/javascript")
    assert worker.text.splitlines() == [
        'self.ecrm = { door: "/notices/kettle/moved/" };',
        'importScripts("/static/js/push_worker.js");',
    ]


def test_the_page_has_no_script_of_its_own_and_says_why_without(kettle, as_ada):
    page = as_ada.get(NOTICES)

    assert "Notifications need JavaScript." in page.text
    assert "onclick" not in page.text
    assert "unsafe" not in page["Content-Security-Policy"]
