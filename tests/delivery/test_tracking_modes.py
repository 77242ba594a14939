"""What is written down when a picture or a link is fetched: as far as the person allows at that moment, for every email."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.reporting import figures_of
from consent.tracking import say_tracking, say_tracking_for_all
from contacts.merging import link_contacts
from contacts.models import Contact
from delivery.content.addressing import CLICK, OPEN
from delivery.engine.controlling import approve
from delivery.leaf_types.message import MessageLeaf
from delivery.models import Delivery, LastOpen
from delivery.tracking.measuring import take_reached
from lib.signing import make_numbered_token, make_token
from lib.valkey import valkey
from tests.factories.campaigns import make_campaign, make_message, make_sender
from tests.factories.contacts import make_contact, make_reader
from touchpoints.models import Touchpoint
from touchpoints.stream import STREAM, drain, waiting_count
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.tracking_mode import TrackingMode

NONE, REACH, FULL = TrackingMode
OPENED, CLICKED = 3, 4
SENT_AT = timezone.now() - timedelta(hours=1)
READER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"}


@pytest.fixture(autouse=True)
def empty_stream():
    valkey().delete(STREAM)


@pytest.fixture
def fetch(client, kettle):
    """`fetch()`: Greta opens her email and follows a link; returns what the ledger holds of it then."""
    with working_in(kettle):
        reader = make_reader("Greta Lind")
        message = approve(make_message(), by=None)
        Delivery.objects.create(message=message, contact=reader, state=Delivery.State.SENT, sent_at=SENT_AT)

    def go() -> list[int]:
        before = {row.pk for row in rows()}
        assert client.get(f"/o/{make_token(OPEN, kettle.pk, message.pk, reader.pk)}", headers=READER).status_code == 200
        assert (
            client.get(
                f"/c/{make_numbered_token(CLICK, kettle.pk, message.pk, reader.pk, 2)}", headers=READER
            ).status_code
            == 302
        )
        drain(rest_ms=0)
        return sorted(row.kind for row in rows() if row.pk not in before)

    def rows():
        with working_in(kettle):
            return list(Touchpoint.objects.filter(kind__in=[OPENED, CLICKED]))

    go.reader = reader
    go.kettle = kettle
    return go


def day_kept(kettle) -> date | None:
    with working_in(kettle):
        return LastOpen.objects.values_list("day", flat=True).first()


def say(fetch, mode):
    with working_in(fetch.kettle):
        say_tracking(fetch.reader, mode, page="their page")


def test_as_far_as_they_allow_at_that_moment_and_back_again(fetch, kettle):
    say(fetch, FULL)
    assert fetch() == [OPENED, CLICKED]
    assert day_kept(kettle) is None

    say(fetch, REACH)
    assert fetch() == []
    assert day_kept(kettle) is not None
    with working_in(kettle):
        assert Delivery.objects.get().opened_at is not None  # what was seen while it was allowed stays

    say(fetch, NONE)
    assert day_kept(kettle) is None
    assert fetch() == []
    assert day_kept(kettle) is None
    assert waiting_count() == 0

    say(fetch, None)  # taken back: this workspace measures everybody who does not object
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):  # one fact a minute and link
        assert fetch() == [OPENED, CLICKED]
    assert day_kept(kettle) is None


def test_a_workspace_that_asks_first_keeps_one_day_and_nothing_else(fetch, kettle):
    Workspace.objects.filter(pk=kettle.pk).update(mail_tracking=REACH)

    assert fetch() == []
    assert day_kept(kettle) is not None
    with working_in(kettle):
        row = Delivery.objects.get()
    assert (row.opened_at, row.clicked_at, row.unsure_opened_at, row.machine_opened_at) == (None, None, None, None)


def test_what_rested_in_the_stream_when_they_said_no_is_not_kept(client, fetch, kettle):
    Workspace.objects.filter(pk=kettle.pk).update(mail_tracking=REACH)
    item = {"contact": fetch.reader.pk, "at": timezone.now().isoformat()}
    for mode in (NONE, FULL):
        say(fetch, mode)
        with working_in(kettle):
            take_reached(kettle, [item])
        assert day_kept(kettle) is None


def test_of_several_days_the_last_is_kept_in_any_order(inside):
    inside.mail_tracking = REACH
    greta = make_contact()
    at = timezone.now()
    items = [{"contact": greta.pk, "at": (at - timedelta(days=days)).isoformat()} for days in (3, 1, 9)]

    take_reached(inside, items[2:])
    take_reached(inside, items)
    take_reached(inside, [*items, {"contact": 2**40, "at": "some day"}])
    take_reached(inside, items[:1])

    [row] = LastOpen.objects.all()
    assert (at.date() - row.day).days in {0, 1}


def test_a_no_of_who_was_merged_takes_the_days_of_both(inside):
    inside.mail_tracking = REACH
    greta, short = make_contact(), make_contact()
    take_reached(inside, [{"contact": one.pk, "at": timezone.now().isoformat()} for one in (greta, short)])
    link_contacts(short.pk, greta.pk)
    assert LastOpen.objects.count() == 2

    say_tracking(greta, NONE)

    assert LastOpen.objects.count() == 0


def test_a_report_asks_those_who_may_be_asked(inside, as_ada):
    """Whoever cannot be seen to open is in neither number, and the list says who that is."""
    inside.mail_tracking = REACH
    Workspace.objects.filter(pk=inside.pk).update(mail_tracking=REACH)
    campaign = make_campaign(make_sender())
    people = {name: make_contact(name) for name in ("Ada", "Ben", "Cem", "Dag")}
    for name in ("Ada", "Ben", "Dag"):
        say_tracking(people[name], FULL)
    opened = {"Ada": timezone.now(), "Dag": timezone.now()}
    Delivery.objects.bulk_create(
        [
            Delivery(message=campaign.message, contact=one, state=Delivery.State.SENT, opened_at=opened.get(name))
            for name, one in people.items()
        ]
    )
    say_tracking(people["Dag"], NONE)  # afterwards: what was seen was seen
    figures = figures_of(Campaign.objects.select_related("message").get(pk=campaign.pk))

    assert (figures.arrived, figures.measured, figures.opened, figures.not_opened, figures.unmeasured) == (
        4,
        3,
        2,
        1,
        1,
    )


def test_the_list_behind_the_report_names_them(kettle, as_ada):
    with working_in(kettle):
        campaign = make_campaign(make_sender())
        shy, open_one = make_contact("Shy Person"), make_contact("Open Person")
        say_tracking(shy, NONE)
        for one in (shy, open_one):
            Delivery.objects.create(message=campaign.message, contact=one, state=Delivery.State.SENT)

    found = {
        fate: [name for name in ("Shy Person", "Open Person") if name in page]
        for fate in ("unopened", "unmeasured")
        for page in [as_ada.get(f"/w/kettle/contacts/?email={campaign.pk}-{fate}").text]
    }

    assert found == {"unopened": ["Open Person"], "unmeasured": ["Shy Person"]}


def test_the_contact_page_says_how_far_and_by_whose_word(kettle, as_ada):
    with working_in(kettle):
        greta = make_contact("Greta")
    page = f"/w/kettle/contacts/{greta.pk}/"
    assert "this is the workspace’s usual way" in as_ada.get(page).text

    with working_in(kettle):
        say_tracking(greta, REACH, wording="Only the day, please", page="/p/kettle/me/…/")
        take_reached(kettle, [{"contact": greta.pk, "at": timezone.now().isoformat()}])
    text = as_ada.get(page).text
    assert "Only the day of the last open is kept: " in text
    assert "Only the day, please" in text
    with working_in(kettle):
        Contact.objects.filter(pk=greta.pk).update(is_profiled=False)
    assert "Nothing is written down." in as_ada.get(page).text


def test_who_is_not_measured_did_not_simply_not_open(inside):
    """The segment's explanation says so; what was received is known in any case."""
    greta = make_reader("Greta")
    leaves = {did: MessageLeaf(MessageLeaf.Argument(did=did)) for did in ("received", "opened", "clicked")}

    say_tracking(greta, TrackingMode.FULL)
    assert {str(leaf.evidence([greta.pk]).text) for leaf in leaves.values()} == {"never in this time"}
    say_tracking(greta, TrackingMode.NONE)
    said = {did: str(leaf.evidence([greta.pk]).text) for did, leaf in leaves.items()}
    unknown = "not known: opens and clicks of this person are not measured"
    assert said == {"received": "never in this time", "opened": unknown, "clicked": unknown}


def test_a_report_leaves_out_who_may_not_be_scored_and_who_is_erased(inside):
    campaign = make_campaign(make_sender())
    shy, gone, open_one = make_contact(is_profiled=False), make_contact(erased_at=timezone.now()), make_contact()
    for one in (shy, gone, open_one):
        Delivery.objects.create(message=campaign.message, contact=one, state=Delivery.State.SENT)

    figures = figures_of(Campaign.objects.select_related("message").get(pk=campaign.pk))

    assert (figures.arrived, figures.measured, figures.unmeasured) == (3, 1, 2)


def test_a_file_that_says_no_takes_the_day_that_was_kept(inside):
    inside.mail_tracking = REACH
    known, new = make_contact(), make_contact()
    take_reached(inside, [{"contact": one.pk, "at": timezone.now().isoformat()} for one in (known, new)])

    say_tracking_for_all([known.pk], NONE, source="file.csv")

    assert list(LastOpen.objects.values_list("contact_id", flat=True)) == [new.pk]
