"""Lists for ad networks: who is on them, how each network wants people spelt, and who comes off them again."""

import csv
import io
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.checking.looking import check_campaign
from consent.asking import Ask
from consent.consenting import give_consent, withdraw_consent
from contacts.channels import Channel
from contacts.editing import add_role, end_role
from contacts.identifying import add_identity
from contacts.merging import link_contacts
from contacts.models import Audience, Identity
from delivery.engine.claiming import claim_chunk
from delivery.engine.reaping import reap_leases
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message, RecipientChunk, Sender, Trial
from delivery.steps.received import received
from delivery.test_sends import ask_trial, send_trials
from lib.clock import now
from messengers.audience.hashing import GOOGLE, META, PLAIN, Person, hashed
from messengers.audience.listing import AudienceFile, page_of_list
from privacy.erasing import erase_person
from tests.factories.campaigns import make_campaign, planned
from tests.factories.contacts import letter, make_contact, make_reader
from tests.machines import machine_of
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import AuditEntry, Workspace

State = Delivery.State
MARY = Person("mary@example.com", "+16505551212", "Mary", "Smith", "US", "94035-1234")
# As Meta publishes them for Mary Smith, whose number is 1 (650) 555-1212.
META_SAYS = {
    "email": "f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79",
    "phone": "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
    "fn": "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec",
    "ln": "6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd",
    "country": "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
}


def make_audience(network: str = "google") -> Sender:
    given = {"network": network, "audience": "Spring"}
    return Sender.objects.create(name="Ads", kind="ad_audience", per_second=100_000, settings=given)


def shown_ads(name: str = "", **fields):
    """Somebody who said yes to ads, and to nothing else."""
    contact = make_contact(name, **fields)
    give_consent(contact, topic=letter(), channel=Channel.ADS, wording="Show me ads", page="https://kettle.example/")
    return contact


def audience_campaign(sender: Sender, **facts):
    return make_campaign(sender, **({"subject": "", "body": "", "preheader": ""} | facts))


def rows_of(workspace, campaign, *, removal: bool = False) -> list[dict[str, str]]:
    text = "".join(AudienceFile(workspace, campaign.message, is_for_removal=removal))
    return list(csv.DictReader(io.StringIO(text)))


def emails(rows: list[dict[str, str]], column: str = "Email") -> list[str]:
    return [row[column] for row in rows]


def test_meta_gets_the_hashes_that_it_publishes():
    row = dict(zip(META.columns, META.row(MARY), strict=True))

    assert row == META_SAYS | {"zip": hashed("94035")}


@pytest.mark.parametrize(
    ("address", "hashed_as"),
    [
        ("jane.doe+shop@gmail.com", "janedoe@gmail.com"),
        (" Jane.Doe@GoogleMail.com ", "janedoe@googlemail.com"),
        ("jane.doe+shop@tea.example", "jane.doe+shop@tea.example"),
    ],
)
def test_dots_and_what_follows_a_plus_go_at_gmail_alone_and_for_google_alone(address, hashed_as):
    person = Person(address)

    assert GOOGLE.row(person)[0] == sha256(hashed_as.encode()).hexdigest()
    assert META.row(person)[0] == PLAIN.row(person)[0] == sha256(address.strip().lower().encode()).hexdigest()


def test_what_the_networks_say_of_an_address_at_gmail():
    assert (
        GOOGLE.row(Person("jane.doe@gmail.com"))[0]
        == (
            "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69"  # as TikTok publishes it for janedoe@gmail.com
        )
    )


def test_google_reads_country_and_postcode_as_they_are_and_numbers_with_their_plus():
    row = dict(zip(GOOGLE.columns, GOOGLE.row(MARY), strict=True))

    assert list(row) == ["Email", "Phone", "First Name", "Last Name", "Country", "Zip"]
    assert (row["Country"], row["Zip"]) == ("US", "94035-1234")
    assert row["Phone"] == hashed("+16505551212")
    assert row["First Name"] == META_SAYS["fn"]


def test_what_is_not_known_stays_empty():
    assert GOOGLE.row(Person("a@b.example"))[1:] == [""] * 5
    assert META.row(Person("a@b.example"))[1:] == [""] * 5


def test_names_lose_signs_for_meta_and_keep_their_letters():
    assert META.row(Person("a@b.example", given_name="Zoë-Änn ", family_name="O’Neil"))[2:4] == [
        hashed("zoëänn"), hashed("oneil"),
    ]  # fmt: skip


def test_whoever_said_yes_to_ads_is_on_the_list_once_and_the_rest_with_its_reason(inside, send):
    yes = [shown_ads() for _ in range(3)]
    only_email, left = make_reader(), shown_ads()
    without = shown_ads(email="")
    withdraw_consent(left, topic=letter(), channel=Channel.ADS, source="test")
    sender = make_audience()

    campaign = send(audience_campaign(sender))
    send_due(inside)

    assert campaign.message.state == "sent"
    assert sorted(emails(rows_of(inside, campaign))) == sorted(hashed(one.email) for one in yes)
    reasons = dict(Delivery.objects.filter(state=State.EXCLUDED).values_list("contact_id", "reason"))
    assert reasons == {only_email.pk: "no_consent", left.pk: "topic_off", without.pk: "no_address"}
    facts = Touchpoint.objects.filter(message_id=campaign.message_id)
    assert set(facts.values_list("channel", flat=True)) == {int(Channel.ADS)}


def test_a_critic_is_told_to_no_network_and_comes_off_a_list(inside, send, ada):
    stays, was, merged, critic, becomes = (shown_ads() for _ in range(5))
    for one in (was, merged, critic):
        add_role(one, Audience.CRITIC, by=ada)
    end_role(was, Audience.CRITIC, by=ada)
    link_contacts(merged.pk, (survivor := shown_ads()).pk)

    campaign = send(audience_campaign(make_audience("meta")))
    add_role(becomes, Audience.CRITIC, by=ada)

    reasons = dict(Delivery.objects.filter(state=State.EXCLUDED).values_list("contact_id", "reason"))
    assert reasons == {survivor.pk: "critic", critic.pk: "critic"}
    assert sorted(emails(rows_of(inside, campaign), "email")) == sorted(hashed(one.email) for one in (stays, was))
    assert emails(rows_of(inside, campaign, removal=True), "email") == [hashed(becomes.email)]


def test_a_list_holds_what_is_known_of_somebody(inside, send):
    ann = shown_ads("Ann Lee", country="DE", city="Ulm", custom={"PLZ": "89073"})
    add_identity(ann, Identity.Kind.PHONE, "+4915200000001", by=None)

    campaign = send(audience_campaign(make_audience()))

    assert rows_of(inside, campaign) == [
        {
            "Email": hashed(ann.email), "Phone": hashed("+4915200000001"), "First Name": hashed("ann"),
            "Last Name": hashed("lee"), "Country": "DE", "Zip": "89073",
        }
    ]  # fmt: skip


def test_who_withdrew_since_stands_in_the_second_file_alone(inside, send):
    stays, goes = shown_ads(), shown_ads()
    campaign = send(audience_campaign(make_audience("meta")))

    withdraw_consent(goes, topic=letter(), channel=Channel.ADS, source="test")

    assert emails(rows_of(inside, campaign), "email") == [hashed(stays.email)]
    assert emails(rows_of(inside, campaign, removal=True), "email") == [hashed(goes.email)]


def test_who_was_erased_is_in_neither_file(kettle, ada, django_capture_on_commit_callbacks):
    with working_in(kettle):
        gone, stays = shown_ads(), shown_ads()
        campaign = planned(audience_campaign(make_audience()))
    send_due(kettle)
    with working_in(kettle), django_capture_on_commit_callbacks(execute=True):
        erase_person(gone.pk, by=ada)

    with working_in(kettle):
        assert emails(rows_of(kettle, campaign)) == [hashed(stays.email)]
        assert rows_of(kettle, campaign, removal=True) == []


def test_a_worker_killed_between_two_people_puts_each_on_the_list_once(inside):
    people = [shown_ads() for _ in range(5)]
    campaign = planned(audience_campaign(make_audience()))
    lease = claim_chunk(inside)
    lease.journal.mark(0, "accepted")
    lease.journal.mark(1, "accepted")
    RecipientChunk.objects.update(leased_until=now() - timedelta(minutes=1))

    assert reap_leases(inside) == 1
    assert Delivery.objects.filter(state=State.SENT).count() == 2
    send_due(inside)

    assert sorted(emails(rows_of(inside, campaign))) == sorted(hashed(one.email) for one in people)
    assert set(Delivery.objects.values_list("state", flat=True)) == {int(State.SENT)}


def test_a_list_wakes_nobody_and_is_no_message(inside, send):
    ann, sender = shown_ads(zone="Pacific/Apia"), make_audience()
    give_consent(ann, topic=None, channel=Channel.ADS, wording="Ads", page="https://kettle.example/")
    for _ in range(3):
        send(audience_campaign(sender, purpose="marketing"))

    assert set(Delivery.objects.values_list("state", flat=True)) == {int(State.SENT)}
    ask = Ask(message_class="marketing", message_id=0)
    assert received(ask, [ann.pk], days=7) == {}


def test_before_it_goes_out_no_word_is_asked_for(inside):
    shown_ads()
    Workspace.objects.filter(pk=inside.pk).update(postal_address="")
    check = check_campaign(audience_campaign(make_audience()), Workspace.objects.get(pk=inside.pk))

    assert (check.blocks, check.at_once) == ([], 1)


def test_a_test_says_that_there_is_nothing_to_send(kettle, ada):
    with working_in(kettle):
        sender = make_audience()
        ask_trial(sender, by=ada)
    send_trials(kettle)

    with working_in(kettle):
        trial = Trial.objects.get()
        assert (trial.state, trial.said) == (
            "sent",
            "There is nothing to send: what it makes lies here, to be downloaded.",
        )


@pytest.fixture
def listed(kettle):
    """A list of one person that went through, and that person."""
    with working_in(kettle):
        ann = shown_ads("Ann Lee", country="DE")
        campaign = planned(audience_campaign(make_audience()))
    send_due(kettle)
    return campaign, ann


def address_of(campaign, which: str = "list") -> str:
    return f"/w/kettle/campaigns/handed-over/audiences/{campaign.message_id}/{which}/"


def test_a_member_takes_the_files_and_that_is_written_down(client, kettle, ada, listed):
    campaign, ann = listed
    client.force_login(ada)

    page = client.get(f"/w/kettle/campaigns/{campaign.pk}/").text
    taken = client.get(address_of(campaign))
    text = b"".join(taken.streaming_content).decode()

    assert "1 person is on the list." in page
    assert address_of(campaign, "to-remove") in page
    assert taken["Content-Disposition"] == 'attachment; filename="spring-letter-list.csv"'
    assert text.splitlines()[0] == '"Email","Phone","First Name","Last Name","Country","Zip"'
    assert hashed(ann.email) in text
    assert ann.email not in text
    with working_in(kettle):
        entry = AuditEntry.objects.get(action="audience.downloaded")
        assert entry.details["file"] == "list"


def test_who_sees_no_names_and_strangers_take_nothing(client, kettle, listed, member, eve):
    campaign, _ann = listed
    analyst = member("analyst")
    assert analyst.get(address_of(campaign)).status_code == 403
    assert "A colleague who sees names can take the files." in analyst.get(f"/w/kettle/campaigns/{campaign.pk}/").text
    client.force_login(eve)
    assert client.get(address_of(campaign)).status_code == 404


def test_after_thirty_days_nobody_takes_it_any_more(client, kettle, ada, listed):
    campaign, _ann = listed
    with working_in(kettle):
        Message.objects.filter(pk=campaign.message_id).update(finished_at=now() - timedelta(days=31))
    client.force_login(ada)

    assert client.get(address_of(campaign)).status_code == 404
    assert "can be taken for 30 days" in client.get(f"/w/kettle/campaigns/{campaign.pk}/").text


@pytest.mark.parametrize("which", ["nothing", "list.csv"])
def test_there_are_two_files_and_no_others(client, ada, listed, which):
    client.force_login(ada)
    assert client.get(address_of(listed[0], which)).status_code == 404


def test_no_cell_runs_in_a_spreadsheet(inside, send):
    shown_ads("Ann Lee", country="DE", custom={"zip": "=1+1"})

    campaign = send(audience_campaign(make_audience("file")))

    assert rows_of(inside, campaign)[0]["postcode"] == "'=1+1"


def test_a_machine_reads_the_same_in_pages(kettle, listed):
    campaign, ann = listed
    with working_in(kettle):
        second = shown_ads()
        Delivery.objects.create(message=campaign.message, contact=second, address=second.email, state=State.SENT)
    machine = machine_of(kettle)

    first = machine.get(f"/audiences/{campaign.message_id}/people?limit=1").json()
    rest = machine.get(f"/audiences/{campaign.message_id}/people?limit=1&after={first['next']}").json()
    removal = machine.get(f"/audiences/{campaign.message_id}/removals").json()

    assert [one["Email"] for one in first["items"] + rest["items"]] == [hashed(ann.email), hashed(second.email)]
    assert (rest["next"], removal) == (None, {"items": [], "next": None})
    assert machine.get("/audiences/999/people").status_code == 404


def test_a_page_of_the_list_asks_as_much_for_fifty_as_for_one(inside):
    sender = make_audience()
    message = Message.objects.select_related("sender").get(pk=audience_campaign(sender).message_id)
    counts: list[int] = []
    for number in (2, 48):
        for _ in range(number):
            one = shown_ads(custom={"zip": "1"})
            Delivery.objects.create(message=message, contact=one, address=one.email, state=State.SENT)
        with CaptureQueriesContext(connection) as asked:
            page_of_list(message, after=0, limit=1_000)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_the_form_keeps_network_and_name(client, kettle, ada):
    client.force_login(ada)
    page = client.get("/w/kettle/campaigns/senders/new/?kind=ad_audience").text
    kept = client.post(
        "/w/kettle/campaigns/senders/new/?kind=ad_audience",
        {"name": "Ads", "network": "meta", "audience": "Spring", "per_second": 50},
    )

    assert "Meta (custom audience)" in page
    assert kept.status_code == 302
    with working_in(kettle):
        settings = Sender.objects.get(kind="ad_audience").settings
        assert (settings["network"], settings["audience"]) == ("meta", "Spring")
