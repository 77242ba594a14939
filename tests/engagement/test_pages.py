from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from contacts.models import AudienceRole, Contact
from conversations.models import PublicAuthor
from engagement.audience_snapshots import fill_audience_snapshots
from engagement.dashboards import four_over_time, people_to_care_for, who_came_back
from engagement.level_backfill import trace_moves
from engagement.models import Annotation, LevelMove
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import Membership

PAGES = ["", "engagement/", "engagement/model/"]


@pytest.fixture
def greta(kettle):
    """A customer with a lively autumn."""
    with working_in(kettle):
        contact = Contact.objects.create(name="Greta Lindqvist")
        AudienceRole.objects.create(contact=contact, role=1)
        facts = [
            Fact(kind, f"{kind}{day}", timezone.now() - timedelta(days=day), contact_id=contact.pk, value_minor=9000)
            for day in range(3, 80, 4)
            for kind in ("visit", "purchase", "message", "share")
        ]
        record(facts, source=source_for("test", "Test"))
    return contact


@pytest.mark.parametrize("place", PAGES)
def test_a_page_opens_for_members_and_not_for_strangers(as_ada, as_eve, member, greta, place):
    assert as_ada.get(f"/w/kettle/{place}").status_code == 200
    assert as_eve.get(f"/w/kettle/{place}").status_code == 404
    assert member("analyst").get(f"/w/kettle/{place}").status_code == 200


def test_a_colleague_goes_from_home_to_looking_somebody_up(member):
    sara = member("colleague")

    assert sara.get("/w/kettle/")["Location"] == "/w/kettle/contacts/look-up/"
    assert sara.get("/w/kettle/engagement/").status_code == 403


def test_an_empty_workspace_is_taught_what_will_stand_here(as_ada):
    page = as_ada.get("/w/kettle/").text

    assert "Nobody waits for you" in page
    assert "The first line is drawn tonight" in page
    assert "Describe your brand" in page


def test_home_tells_who_needs_care(as_ada, greta, kettle):
    with working_in(kettle):
        greta.complaint_since = timezone.now() - timedelta(days=2)
        greta.save()
        care, count = people_to_care_for()

    page = as_ada.get("/w/kettle/").text

    assert (count, care[0].contact_id) == (1, greta.pk)
    assert "Greta Lindqvist" in page
    assert "Open contact" in page  # nothing of theirs waits in the inbox: the button says what it opens


def test_who_waits_in_the_inbox_is_answered_there(as_ada, greta, kettle, member):
    with working_in(kettle):
        mention = make_mention("The lid cracked again", name="Greta Lindqvist")
        PublicAuthor.objects.update(contact=greta)
        Contact.objects.filter(pk=greta.pk).update(complaint_since=timezone.now())
    door = f'href="/w/kettle/inbox/{mention.conversation_id}/"'

    def button(page: str) -> str:
        return page.split('<table class="table people">')[1].split("</table>")[0]

    assert door in button(as_ada.get("/w/kettle/").text)
    assert "Answer" in button(as_ada.get("/w/kettle/").text)
    assert door not in button(member("analyst").get("/w/kettle/").text)


def test_an_empty_home_opens_the_set_up_first_and_offers_only_what_the_role_may(as_ada, kettle, member):
    opened = '<details class="setup" open>'
    page = as_ada.get("/w/kettle/").text
    assert opened in page
    assert page.index(opened) < page.index('class="panel"')

    analyst, marketer = member("analyst").get("/w/kettle/").text, member("marketer").get("/w/kettle/").text
    assert "/settings/" not in analyst
    assert ("/contacts/imports/" in marketer, "/settings/keys/" in marketer) == (True, False)
    with working_in(kettle):
        make_contact("Greta Lindqvist")
    assert opened not in as_ada.get("/w/kettle/").text


def test_trends_and_moves_are_told_in_hindsight(greta, inside):
    fill_audience_snapshots(days=84)
    Annotation.objects.create(
        name="TV flight",
        starts_on=timezone.now().date() - timedelta(days=30),
        ends_on=timezone.now().date() - timedelta(days=20),
    )
    four = four_over_time(12)

    assert trace_moves(days=90) == LevelMove.objects.count() > 0
    assert [chart["kind"] for chart in four["charts"]] == ["involvement", "interaction", "intimacy", "influence"]
    assert four["charts"][0]["series"][-1][1] > four["charts"][0]["series"][0][1]
    assert four["annotations"][0][0] == "TV flight"


def test_who_came_back_counts_people_of_a_month_once(inside):
    source, start = source_for("shop", "Shop"), timezone.now().replace(day=1) - timedelta(days=62)
    first, second = (start.replace(day=5) + timedelta(days=days) for days in (0, 32))
    people = [Contact.objects.create(name=str(n)) for n in range(4)]
    facts = [Fact("purchase", f"a{p.pk}", first, contact_id=p.pk) for p in people]
    facts += [Fact("purchase", f"b{p.pk}{n}", second, contact_id=p.pk) for p in people[:1] for n in range(3)]
    record(facts, source=source)

    _month, buyers, shares = who_came_back()[0]

    assert (buyers, shares[0]) == (4, 25)


def test_a_word_is_put_on_the_charts_and_taken_off(as_ada, kettle, member):
    good = {"name": "TV flight", "starts_on": "2026-10-01", "ends_on": "2026-10-14"}

    assert as_ada.post("/w/kettle/engagement/annotations/", good | {"ends_on": "2026-09-01"}).status_code == 422
    assert member("community").post("/w/kettle/engagement/annotations/", good).status_code == 403
    assert as_ada.post("/w/kettle/engagement/annotations/", good).status_code == 302
    with working_in(kettle):
        word = Annotation.objects.get()
    as_ada.post(f"/w/kettle/engagement/annotations/{word.pk}/remove/")
    with working_in(kettle):
        assert not Annotation.objects.exists()


def test_the_set_up_names_seven_steps_and_ticks_them_from_data(as_ada, kettle, greta):
    from workspaces.setting_up import checklist

    asked = RequestFactory().get("/")
    asked.workspace, asked.membership = kettle, Membership(role="owner")
    with working_in(kettle):
        steps = {row["name"]: row["done"] for row in checklist(asked)["steps"]}

    assert list(map(str, steps)) == [
        "Describe your brand",
        "Set up your sender",
        "Bring your people in",
        "Put the snippet on your site",
        "Send your first email",
        "Connect a channel",
        "Invite a colleague",
    ]
    assert not any(steps.values())
    with working_in(kettle):
        record([Fact("page", "p", timezone.now(), contact_id=greta.pk)], source=source_for("web", "Web"))
        assert checklist(asked)["done"] == 1
