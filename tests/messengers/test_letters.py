"""Printed letters: who gets one, what stands on the sheet, the files, what is refused, what an erasure takes."""

import csv
import io
import re
from collections import Counter
from datetime import timedelta

import pytest

from campaigns.checking.looking import check_campaign
from consent.consenting import give_consent
from contacts.channels import Channel
from contacts.postal import PostalAddress, postal_addresses
from delivery.engine.claiming import claim_chunk
from delivery.engine.reaping import reap_leases
from delivery.engine.sending import send_due
from delivery.messengers.protocol import Recipient
from delivery.models import Delivery, RecipientChunk, Sender
from delivery.pricing import cost_so_far
from delivery.senders import messenger_of
from lib.clock import now
from messengers.letters.keeping import forget_letters
from messengers.letters.printing import AddressList, bundles_of, print_bundle
from messengers.letters.typesetting import Letter, Sheet, TypesettingError, count_pages, picture, typeset
from messengers.models import PrintedLetter
from privacy.erasing import erase_person
from tests.closing import with_none_open
from tests.delivery.test_ways_out import Watch
from tests.factories.campaigns import make_campaign, make_message, planned
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in
from workspaces.models import Workspace

State = Delivery.State
TEXT = "Dear {{ contact.first_name }},\n\nthe [spring box](https://kettle.example/box) is packed.\nCome and see.\n"
HOME = {"Street": "Teeweg 1", "PLZ": "89073"}


def make_letters(**settings) -> Sender:
    given = {
        "return_line": "Kettle & Co · Ulm",
        "block": "Kettle & Co\nUlm",
        "closing": "Yours\nAda",
        "home_country": "DE",
    }
    return Sender.objects.create(
        name="Post", kind="letter", per_second=100_000, settings=given | settings, price_milli=80, postage_milli=950
    )


def written_to(name: str = "Ann Lee", **fields):
    """Somebody with a whole address, who said yes to letters."""
    given = {"city": "Ulm", "country": "DE", "custom": HOME} | fields
    contact = make_contact(name, **given)
    give_consent(
        contact, topic=letter(), channel=Channel.OFFLINE, wording="Write to me", page="https://kettle.example/"
    )
    return contact


def letters(sender: Sender, **facts):
    return make_campaign(
        sender, **({"body": TEXT, "subject": "News for {{ contact.first_name }}", "preheader": ""} | facts)
    )


def pages_in(pdf: bytes) -> int:
    return max(int(one) for one in re.findall(rb"/Count (\d+)", pdf))


@pytest.mark.parametrize(
    "custom",
    [
        {"Street": "Teeweg 1", "PLZ": "89073"},
        {"street_address": "Teeweg  1 ", "Postal Code": "89073"},
        {"STRASSE": "Teeweg 1", "zip": "89073"},
        {"Straße": "Teeweg 1", "post-code": "89073", "address": "elsewhere"},
    ],
)
def test_an_address_is_found_under_every_usual_name(inside, custom):
    ann = make_contact(city="Ulm", country="DE", custom=custom)

    found = postal_addresses([ann.pk])[ann.pk]

    street = "elsewhere" if "address" in custom else "Teeweg 1"
    assert found == PostalAddress(street, "89073", "Ulm", "DE")


def test_a_whole_address_gets_a_letter_and_the_rest_is_told_why(inside, send):
    ann = written_to()
    no_street = written_to("Ben", custom={"PLZ": "1"})
    no_city = written_to("Cyd", city="")
    silent = make_contact("Dan", city="Ulm", custom=HOME)
    campaign = send(letters(make_letters()))

    assert campaign.message.state == "sent"
    rows = {row.contact_id: (row.state, row.reason) for row in Delivery.objects.all()}
    assert rows == {
        ann.pk: (State.SENT, ""), no_street.pk: (State.EXCLUDED, "no_address"),
        no_city.pk: (State.EXCLUDED, "no_address"), silent.pk: (State.EXCLUDED, "no_consent"),
    }  # fmt: skip
    kept = PrintedLetter.objects.get()
    assert kept.address == "Ann Lee\nTeeweg 1\n89073 Ulm"
    assert (kept.subject, kept.pages) == ("News for Ann", 1)
    assert kept.text == "Dear Ann,\n\nthe spring box: https://kettle.example/box is packed. Come and see."
    assert "/c/" in kept.link


def test_abroad_the_country_stands_last(inside, send):
    written_to(country="FR")
    send(letters(make_letters()))

    assert PrintedLetter.objects.get().address.splitlines()[-1] == "FRANCE"


def test_the_code_lands_as_a_click(client, kettle):
    with working_in(kettle):
        written_to()
        planned(letters(make_letters()))
    send_due(kettle)
    with working_in(kettle):
        link = PrintedLetter.objects.get().link

    landed = client.get(
        link.partition("//")[2].partition("/")[2].join(["/", ""]), headers={"user-agent": "Mozilla/5.0"}
    )

    assert (landed.status_code, landed["Location"]) == (302, "https://kettle.example/box")


def test_what_a_person_is_called_is_no_code():
    evil = '#panic("x") #read("/etc/passwd") *b* $x$ \\ ] } " @a <b> #import "@preview/cetz:0.3.0"'
    sheet = Sheet(return_line=evil, block=[evil], dated=evil, closing=[evil], footer=evil, code_says=evil, title=evil)

    assert count_pages(sheet, Letter([evil], evil, evil, "https://kettle.example/c/1")) == 1


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "ä" * 5_000, "🫖 日本 العربية", "\u202e\u0000x", "x" * 20_000])
def test_no_text_breaks_the_sheet(text):
    assert count_pages(Sheet(), Letter(["Ann"], text[:200], text)) >= 1


def test_a_page_bomb_is_refused(inside, send):
    written_to(custom=HOME | {"motto": "x"})
    campaign = send(letters(make_letters(), body="a\n\n" * 400))

    assert Delivery.objects.get().reason == "too_long"
    assert (campaign.message.state, PrintedLetter.objects.count()) == ("sent", 0)
    with pytest.raises(TypesettingError):
        count_pages(Sheet(), Letter([], "", "a" * 20_001))


@pytest.mark.parametrize(("layout", "size"), [("din", (595, 842)), ("us", (612, 792))])
def test_the_sheet_is_as_large_as_its_envelope_wants(layout, size):
    svg = picture(Sheet(layout=layout), Letter(["Ann"], "Hi", "Dear Ann"))[0].decode()

    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    assert (round(float(width)), round(float(height))) == size


def test_every_letter_begins_on_a_page_of_its_own():
    assert pages_in(typeset(Sheet(), [Letter(["Ann"], "Hi", "Dear Ann")] * 3)) == 3


def test_files_begin_behind_a_letter_so_that_an_erasure_moves_nobody(
    kettle, ada, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("messengers.letters.printing.IN_A_FILE", 2)
    with working_in(kettle):
        people = [written_to(f"Ann {number}") for number in range(5)]
        campaign = planned(letters(make_letters()))
    send_due(kettle)
    with working_in(kettle):
        before = bundles_of(campaign.message)
        assert [(one.number, one.count) for one in before] == [(1, 2), (2, 2), (3, 1)]
        second = print_bundle(campaign.message, before[1].after)
        assert pages_in(second) == 2
    with working_in(kettle), django_capture_on_commit_callbacks(execute=True):
        erase_person(people[0].pk, by=ada)
    with working_in(kettle):
        assert PrintedLetter.objects.count() == 4
        assert pages_in(print_bundle(campaign.message, before[1].after)) == 2
        rows = list(csv.DictReader(io.StringIO("".join(AddressList(kettle, campaign.message)))))
    assert [row["line_1"] for row in rows] == [f"Ann {number}" for number in range(1, 5)]
    assert Counter(row["file"] for row in rows) == {"1": 2, "2": 2}


def test_a_worker_killed_behind_a_batch_writes_each_letter_once(inside):
    people = [written_to(f"Ann {number}") for number in range(4)]
    campaign = planned(letters(make_letters()))
    lease = claim_chunk(inside)
    run = messenger_of(lease.message.sender).prepare(inside, lease.message)
    list(run.send(iter(lease.recipients[:2]), Watch()))  # the rows stand, and no journal says so
    RecipientChunk.objects.update(leased_until=now() - timedelta(minutes=1))

    assert reap_leases(inside) == 1
    send_due(inside)

    assert set(Delivery.objects.values_list("state", flat=True)) == {int(State.SENT)}
    assert PrintedLetter.objects.count() == len(people)
    assert sum(one.count for one in bundles_of(campaign.message)) == len(people)


def test_letters_are_written_while_no_workspace_is_open(kettle):
    with working_in(kettle):
        ann = written_to()
        run = messenger_of(make_letters()).prepare(kettle, make_message(Sender.objects.get(), body=TEXT, preheader=""))
    fields = {"contact": {"name": "Ann Lee", "first_name": "Ann"}}
    one = Recipient(ann.pk, 0, "Teeweg 1\n89073\nUlm\nDE", 1, fields)

    outcomes = with_none_open(lambda: [str(said.kind) for _to, said in run.send(iter([one]), Watch())])

    assert outcomes == ["accepted"]


def test_a_letter_costs_its_pages_and_its_postage(inside, send):
    written_to()
    campaign = letters(make_letters())
    check = check_campaign(campaign, Workspace.objects.get(pk=inside.pk))

    campaign = send(campaign)

    assert str(check.cost) == str(cost_so_far(campaign.message, "EUR")) == "1.03 EUR"


def test_members_take_the_files_and_others_do_not(client, kettle, ada, eve, member):
    with working_in(kettle):
        written_to()
        campaign = planned(letters(make_letters()))
    send_due(kettle)
    file = f"/w/kettle/campaigns/handed-over/letters/{campaign.message_id}/0/"
    client.force_login(ada)

    page = client.get(f"/w/kettle/campaigns/{campaign.pk}/").text
    taken = client.get(file)

    assert "File 1: 1 letters" in page
    assert "1 were handed over; 0 people followed a link." in page
    assert "Opens: people or machines" not in page
    assert (taken["Content-Type"], taken.content[:5]) == ("application/pdf", b"%PDF-")
    assert b"Teeweg" in b"".join(client.get(file.replace("/0/", "/addresses/")).streaming_content)
    assert client.get(file.replace("/0/", "/999999/")).status_code == 404
    assert member("analyst").get(file).status_code == 403
    client.force_login(eve)
    assert client.get(file).status_code == 404


def test_the_preview_shows_the_sheet(client, kettle, ada):
    with working_in(kettle):
        written_to()
        campaign = letters(make_letters())
    client.force_login(ada)

    shown = client.get(f"/w/kettle/campaigns/{campaign.pk}/preview/").text

    assert "<svg" in shown
    assert "Test to me" not in client.get(f"/w/kettle/campaigns/{campaign.pk}/").text


def test_after_ninety_days_letters_go(kettle, inside, send):
    written_to()
    send(letters(make_letters()))
    assert forget_letters(kettle) > now() + timedelta(days=80)
    PrintedLetter.objects.update(written_at=now() - timedelta(days=91))

    assert forget_letters(kettle) is None
    assert not PrintedLetter.objects.exists()


def test_the_form_keeps_sheet_and_prices(client, kettle, ada):
    client.force_login(ada)
    told = {
        "name": "Post", "layout": "us", "return_line": "Kettle", "home_country": "US", "has_code": "on",
        "price": "0.08", "postage": "0.95", "per_second": 50,
    }  # fmt: skip

    assert client.post("/w/kettle/campaigns/senders/new/?kind=letter", told).status_code == 302
    with working_in(kettle):
        kept = Sender.objects.get()
        assert (kept.settings["layout"], kept.price_milli, kept.postage_milli) == ("us", 80, 950)
        page = client.get(f"/w/kettle/campaigns/senders/{kept.pk}/").text
    assert 'value="0.95"' in page
