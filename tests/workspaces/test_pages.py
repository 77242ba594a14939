import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from contacts.searching import index_people
from tests.factories.campaigns import everybody, make_campaign, make_programme
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.demo import mark_demo
from workspaces.keys import recognise_key
from workspaces.models import ApiKey, AuditEntry, Invitation, Membership, User, Workspace
from workspaces.permissions import MAY, PERMISSIONS

PAGES = ["settings/", "settings/members/", "settings/keys/", "settings/audit/", "settings/demo/"]


@pytest.mark.parametrize("place", PAGES)
def test_a_page_of_the_settings_opens_for_the_owner_and_nobody_else(as_ada, as_eve, member, place):
    assert as_ada.get(f"/w/kettle/{place}").status_code == 200
    assert as_eve.get(f"/w/kettle/{place}").status_code == 404
    assert member("marketer").get(f"/w/kettle/{place}").status_code == 403
    assert Client().get(f"/w/kettle/{place}").status_code == 302


def test_the_brand_is_saved_and_the_log_says_which_fields(as_ada, kettle):
    form = {
        "name": "Kettle",
        "locale": "de",
        "zone": "Europe/Berlin",
        "currency": "EUR",
        "postal_address": "Lindenallee 8",
    }

    assert as_ada.post("/w/kettle/settings/", form).status_code == 302

    kettle.refresh_from_db()
    assert (kettle.name, kettle.locale) == ("Kettle", "de")
    with working_in(kettle):
        entry = AuditEntry.objects.filter(action="workspace.edited").get()
        assert "postal_address" in entry.details["fields"]
        assert "Lindenallee" not in str(entry.details)


def test_the_settings_pick_zone_and_colour_and_the_logo_shows(as_ada, kettle):
    page = as_ada.get("/w/kettle/settings/").text
    assert ('type="color"' in page, 'value="#0a5c40"' in page, '<option value="Europe/Berlin" selected>' in page) == (
        True,
        True,
        True,
    )
    assert "/logo/" not in page

    Workspace.objects.filter(pk=kettle.pk).update(logo=b"one")
    first = re.search(r'/logo/kettle.png\?v=\w+"', as_ada.get("/w/kettle/settings/").text)[0]
    Workspace.objects.filter(pk=kettle.pk).update(logo=b"two")
    assert first not in as_ada.get("/w/kettle/settings/").text


def test_who_is_taken_out_and_which_role_changes_is_said_before_it_is_done(as_ada, bob):
    page = as_ada.get("/w/kettle/settings/members/").text

    assert "data-autosubmit" not in page
    assert re.search(r"Save role</span>\s*<span class=\"visually-hidden\">: Bob Marsh", page)
    assert "Bob Marsh is signed out everywhere at once." in page


def test_a_wrong_zone_or_picture_keeps_the_old_brand(as_ada, kettle):
    from django.core.files.uploadedfile import SimpleUploadedFile

    bad = {
        "name": "K",
        "locale": "en",
        "currency": "EUR",
        "zone": "Mars/Olympus",
        "logo_file": SimpleUploadedFile("x.png", b"<svg/>"),
    }

    response = as_ada.post("/w/kettle/settings/", bad)

    assert response.status_code == 422
    assert "is not a time zone" in response.text
    assert "no PNG or JPEG" in response.text
    kettle.refresh_from_db()
    assert kettle.name == "Kettle & Co"


def test_an_invitation_brings_a_colleague_in(as_ada, kettle, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        as_ada.post("/w/kettle/settings/members/", {"email": "Ife@kettle.example", "role": "community"})
    link = re.search(r"http://\S+(/join/\S+)", mail.outbox[0].body)[1]
    stranger = Client()

    assert "invites you as Community manager" in stranger.get(link).text
    form = stranger.post(link, follow=True)
    facts = {"name": "Ife Adeyemi", "zone": "Africa/Lagos", "email": "ife@kettle.example"}
    facts |= dict.fromkeys(("password1", "password2"), "slow water good water")
    assert 'value="ife@kettle.example"' in form.text
    other = stranger.post(form.request["PATH_INFO"], facts | {"email": "other@kettle.example", "next": link})
    assert "The invitation is for ife@kettle.example." in other.text
    page = stranger.post(form.request["PATH_INFO"], facts | {"next": link}, follow=True)

    assert (page.status_code, page.request["PATH_INFO"]) == (200, "/w/kettle/")
    member = Membership.objects.get(user__email="ife@kettle.example")
    assert (member.role, member.user.name, member.user.zone) == ("community", "Ife Adeyemi", "Africa/Lagos")
    assert EmailAddress.objects.get(user=member.user).verified
    assert len(mail.outbox) == 1  # the invitation proved the address: nobody has to confirm it again
    assert stranger.get("/w/kettle/settings/").status_code == 403
    assert stranger.get(link)["Location"] == "/w/kettle/"
    assert Client().get(link).status_code == 404


def test_who_has_an_account_signs_in_and_is_in(as_ada, eve, kettle, rival, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        as_ada.post("/w/kettle/settings/members/", {"email": eve.email, "role": "analyst"})
    link = re.search(r"http://\S+(/join/\S+)", mail.outbox[0].body)[1]
    visitor = Client()

    door = visitor.post(link)
    assert door["Location"] == f"/accounts/login/?next={link}"
    page = visitor.post(door["Location"], {"login": eve.email, "password": "correct horse battery"}, follow=True)

    assert (page.status_code, page.request["PATH_INFO"]) == (200, "/w/kettle/")
    assert Membership.objects.get(user=eve, workspace=kettle).role == "analyst"


def test_nobody_signs_up_without_an_invitation(db, client):
    response = client.post(
        "/accounts/signup/", {"email": "x@y.example", "password1": "slow water good", "password2": "slow water good"}
    )

    assert not User.objects.filter(email="x@y.example").exists()
    assert response.status_code == 200


def test_a_member_cannot_be_asked_twice_and_an_invitation_can_be_taken_back(as_ada, bob, kettle):
    assert as_ada.post("/w/kettle/settings/members/", {"email": bob.email, "role": "admin"}).status_code == 422
    as_ada.post("/w/kettle/settings/members/", {"email": "new@kettle.example", "role": "admin"})
    invitation = Invitation.objects.get()

    as_ada.post(f"/w/kettle/settings/invitations/{invitation.pk}/revoke/")

    assert not Invitation.objects.exists()


def test_a_role_changes_at_once_and_ends_the_sessions(as_ada, bob, kettle):
    membership = Membership.objects.get(user=bob)

    as_ada.post(f"/w/kettle/settings/members/{membership.pk}/role/", {"role": "analyst"})
    assert Membership.objects.get(user=bob).role == "analyst"
    as_ada.post(f"/w/kettle/settings/members/{membership.pk}/role/", {"role": "owner"})
    assert Membership.objects.get(user=bob).role == "analyst"
    as_ada.post(f"/w/kettle/settings/members/{membership.pk}/remove/")
    assert not Membership.objects.filter(user=bob).exists()


def test_nobody_takes_out_the_owner_or_themselves(member, kettle, ada):
    own = Membership.objects.get(user=ada)
    assert member("admin").post(f"/w/kettle/settings/members/{own.pk}/remove/").status_code == 403


def test_a_key_is_shown_once_and_kept_as_a_hash(as_ada, kettle):
    page = as_ada.post("/w/kettle/settings/keys/", {"name": "Shop", "kind": "server"})
    secret = re.search(r"server_[\w-]{20,}", page.text)[0]

    assert secret not in as_ada.get("/w/kettle/settings/keys/").text
    assert recognise_key(secret, "server").workspace == kettle
    as_ada.post(f"/w/kettle/settings/keys/{ApiKey.objects.get().pk}/revoke/")
    assert recognise_key(secret, "server") is None


def test_the_palette_finds_pages_the_role_may_see(as_ada, member):
    def names(client, words: str) -> list[str]:
        return [item["name"] for item in client.get(f"/w/kettle/palette/?q={words}").json()["items"]]

    assert names(as_ada, "mem")[0] == "Members and roles"
    assert "Members and roles" not in names(member("colleague"), "mem")
    assert names(as_ada, "")[0] == "Home"
    assert "Invite a colleague" not in names(as_ada, "")


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("blast", "Campaigns"),
        ("audience", "Segments"),
        ("project", "Programmes"),
        ("smtp", "Add a sender"),
        ("csv", "Import people"),
        ("rows", "Database admin"),
        ("new camp", "New campaign"),
        ("rss", "Connections"),
    ],
)
def test_the_palette_knows_what_others_call_things(as_ada, words, first):
    items = as_ada.get(f"/w/kettle/palette/?q={words}").json()["items"]

    assert items[0]["name"] == first
    assert as_ada.get(items[0]["url"]).status_code == 200


SYNONYMS = """letter, newsletter, broadcast, mailing, blast, initiative, project, smtp, dkim, from address, open rate, hard bounce,
opt-out, spam, control, lift, gdpr, opt-in, blocklist, dnc, cap, fatigue, filter, audience, list, custom field, attribute,
property, note, call log, 2fa, passkey, django"""


@pytest.mark.parametrize("words", [one.strip() for one in SYNONYMS.split(",")])
def test_a_word_of_another_program_leads_somewhere(as_ada, words):
    assert as_ada.get("/w/kettle/palette/", {"q": words}).json()["items"]


def test_the_palette_finds_what_the_rooms_hold(as_ada, kettle, member):
    with working_in(kettle):
        greta = make_contact("Greta Lindqvist")
        make_programme(name="Second pot")
        make_campaign(name="Spring box")
        everybody("Loyal drinkers")
        index_people([greta.pk])

    def hints(client, words: str) -> set[tuple[str, str]]:
        return {(item["hint"], item["name"]) for item in client.get(f"/w/kettle/palette/?q={words}").json()["items"]}

    assert (greta.email, "Greta Lindqvist") in hints(as_ada, "lindq")
    assert ("Programme", "Second pot") in hints(as_ada, "second")
    assert ("Campaign", "Spring box") in hints(as_ada, "spring")
    assert ("Segment", "Loyal drinkers") in hints(as_ada, "loyal")
    assert ("Help", "Privacy") in hints(as_ada, "gdpr")
    assert not {name for _hint, name in hints(member("analyst"), "lindq")} & {"Greta Lindqvist"}
    assert hints(member("colleague"), "spring+box") == set()


def test_an_only_workspace_opens_by_itself_and_a_first_one_can_be_founded(as_ada, client, eve):
    assert as_ada.get("/")["Location"] == "/w/kettle/"
    nobody = User.objects.create_user("new@example.org", "x")
    client.force_login(nobody)
    assert "in no workspace yet" in client.get("/").text

    blank = client.get("/workspaces/new/").text
    for filled in (
        'value="Example"',
        'value="example"',
        'type="color"',
        "data-browser-zone",
        'data-short-of="id_name"',
    ):
        assert filled in blank
    facts = {"name": "Tea Ltd", "slug": "tea", "zone": "Asia/Tokyo", "locale": "de", "colour": "#334455"}
    assert client.post("/workspaces/new/", facts | {"zone": "Mars/Olympus"}).status_code == 422
    assert client.post("/workspaces/new/", facts)["Location"] == "/w/tea/"
    made = Workspace.objects.get(slug="tea")
    assert (made.zone, made.locale, made.colour) == ("Asia/Tokyo", "de", "#334455")
    assert client.post("/workspaces/new/", {"name": "Bare", "slug": "bare"})["Location"] == "/w/bare/"
    assert client.post("/workspaces/new/", {"name": "Tea Ltd", "slug": "tea"}).status_code == 422


def test_founding_can_be_kept_to_superusers(client, kettle, settings):
    settings.ONLY_SUPERUSERS_FOUND = True
    facts = {"name": "Tea Ltd", "slug": "tea"}
    client.force_login(User.objects.create_user("new@example.org", "x"))

    assert "/workspaces/new/" not in client.get("/").text
    assert [client.get("/workspaces/new/").status_code, client.post("/workspaces/new/", facts).status_code] == [
        403,
        403,
    ]
    assert not Workspace.objects.filter(slug="tea").exists()

    client.force_login(User.objects.create_superuser("root@example.org", "x"))
    assert "/workspaces/new/" in client.get("/").text
    assert client.post("/workspaces/new/", facts)["Location"] == "/w/tea/"


def test_the_demos_door_exists_in_demo_mode_only(client, kettle, settings):
    with working_in(kettle):
        mark_demo()
    assert client.post("/demo/enter/").status_code == 404
    settings.DEMO = True
    assert client.post("/demo/enter/")["Location"] == "/w/kettle/"


def test_a_failing_page_leaves_no_row(as_ada, kettle, monkeypatch):
    from workspaces.auditing import audit
    from workspaces.views import inside

    def fail(request, words):
        audit("doomed", by=request.user)
        raise ZeroDivisionError

    monkeypatch.setattr(inside, "find", fail)
    as_ada.raise_request_exception = False

    assert as_ada.get("/w/kettle/palette/").status_code == 500
    with working_in(kettle):
        assert not AuditEntry.objects.filter(action="doomed").exists()


def test_the_table_of_roles_grows_upwards():
    assert MAY["colleague"] < MAY["community"] < MAY["admin"] < MAY["owner"] == PERMISSIONS
    assert MAY["marketer"] < MAY["admin"]
    assert not {p for p in MAY["analyst"] if p.endswith((".edit", ".launch", ".import", ".answer"))}


def test_an_invitation_can_be_handed_over_where_no_mail_arrives(as_ada, kettle):
    invited = {"email": "lea@kettle.example", "role": "analyst"}
    page = as_ada.post("/w/kettle/settings/members/", invited, follow=True).text
    link = re.search(r'id="secret">([^<]+)<', page)[1]

    assert "No mail server is set" in page
    assert "invites you as Analyst" in Client().get(urlsplit(link).path).text
    assert link not in as_ada.get("/w/kettle/settings/members/").text


def test_where_mail_arrives_the_link_is_in_the_mail_alone(as_ada, kettle, settings):
    """Whoever uses it has proved the address: the one who invites must not."""
    settings.MAILER_URL = "smtp://mail.kettle.example"

    page = as_ada.post(
        "/w/kettle/settings/members/", {"email": "lea@kettle.example", "role": "analyst"}, follow=True
    ).text

    assert "The invitation is on its way." in page
    assert "/join/" not in page
