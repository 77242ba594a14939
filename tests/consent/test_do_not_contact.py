"""The suppression list on a page: what stands and why, is one address among them, adding and taking off."""

import pytest

from consent.consenting import give_consent
from consent.listed import lift_by_hand, list_entries
from consent.models import Suppression
from consent.suppressing import is_suppressed, suppress_all
from contacts.channels import Channel
from segments.models import SegmentRecheck
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in
from workspaces.models import AuditEntry

PAGE = "/w/kettle/contacts/do-not-contact/"
Reason = Suppression.Reason


def listed(page: str) -> list[str]:
    """The sources of the entries, as the page lists them."""
    return [line.strip() for line in page.split('<td class="quiet">')[1:] for line in [line.split("<")[0]] if line]


def test_an_empty_list_says_what_comes(as_ada, kettle):
    assert "Nobody is on this list" in as_ada.get(PAGE).content.decode()


def test_entries_stand_newest_first_by_reason_and_go_on(as_ada, kettle):
    with working_in(kettle):
        for number in range(60):
            suppress_all([f"b{number}@x.example"], reason=Reason.BOUNCE, source=f"bounce {number}")
        suppress_all(["c@x.example"], reason=Reason.COMPLAINT, source="complaint")

    first = as_ada.get(PAGE).content.decode()
    bounces = as_ada.get(PAGE, {"reason": "bounce"}).content.decode()

    assert listed(first)[:3] == ["complaint", "bounce 59", "bounce 58"]
    assert listed(bounces)[0] == "bounce 59"
    assert "60" in bounces
    with working_in(kettle):
        page, seen = list_entries([Reason.BOUNCE]), []
        while True:
            seen += [row.source for row in page.rows]
            if not page.cursor:
                break
            page = list_entries([Reason.BOUNCE], cursor=page.cursor)
    assert seen == [f"bounce {number}" for number in reversed(range(60))]


@pytest.mark.parametrize("cursor", ["x", "W10", "WyIyMDI2LTEzLTQ1IiwgMV0", "9" * 400])
def test_a_strange_cursor_is_the_start(as_ada, kettle, cursor):
    with working_in(kettle):
        suppress_all(["a@x.example"], source="only one")

    assert listed(as_ada.get(PAGE, {"after": cursor, "reason": "²"}).content.decode()) == ["only one"]


def test_one_address_is_found_with_why_and_whose_it_is(as_ada, kettle):
    with working_in(kettle):
        make_contact("Greta Lindqvist", "greta@slowwater.example")
        suppress_all(["greta@slowwater.example"], reason=Reason.OBJECTION, source="One click")

    page = as_ada.get(PAGE, {"address": "Greta@SlowWater.example "}).content.decode()

    assert "never written to" in page
    assert "One click" in page
    assert "Greta Lindqvist" in page
    assert "Take off" not in page
    assert "is not on the list, and nobody has it" in as_ada.get(PAGE, {"address": "nobody@x.example"}).content.decode()
    assert as_ada.get(PAGE, {"address": "no address \u202e"}).status_code == 200


def test_addresses_are_added_and_what_is_none_is_told_back(as_ada, kettle):
    form = {
        "addresses": "a@x.example, B@X.example;c@x.example\nno-address",
        "channel": Channel.EMAIL,
        "why": "By phone",
    }

    page = as_ada.post(f"{PAGE}add/", form, follow=True).content.decode()

    assert "3 addresses are never written to again" in page
    assert "left out: no-address" in page
    with working_in(kettle):
        assert all(is_suppressed(one) for one in ("a@x.example", "b@x.example", "c@x.example"))
        assert AuditEntry.objects.get(action="suppression.added").details == {"channel": 1, "count": 3}


def test_too_many_or_none_keep_what_was_written(as_ada, kettle):
    many = as_ada.post(
        f"{PAGE}add/", {"addresses": "x " + " ".join(f"a{n}@x.example" for n in range(1_001)), "channel": 1}
    )
    none = as_ada.post(f"{PAGE}add/", {"addresses": "", "channel": 1})

    assert (many.status_code, none.status_code) == (422, 422)
    assert "a1000@x.example" in many.content.decode()
    with working_in(kettle):
        assert not Suppression.objects.exists()


def test_a_block_of_ours_is_taken_off_and_can_come_back(as_ada, kettle):
    with working_in(kettle):
        suppress_all(["greta@slowwater.example"], source="By phone")
        entry = Suppression.objects.get()

    wrong = as_ada.post(f"{PAGE}{entry.pk}/lift/", {"address": "other@x.example"}, follow=True).content.decode()
    right = as_ada.post(f"{PAGE}{entry.pk}/lift/", {"address": "greta@slowwater.example"}, follow=True).content.decode()
    again = as_ada.post(f"{PAGE}{entry.pk}/lift/", {"address": "greta@slowwater.example"}, follow=True).content.decode()

    assert "Nothing was changed" in wrong
    assert "Taken off the list" in right
    assert "Nothing was changed" in again
    with working_in(kettle):
        assert not is_suppressed("greta@slowwater.example")
        suppress_all(["greta@slowwater.example"])
        assert is_suppressed("greta@slowwater.example")


@pytest.mark.parametrize("reason", [Reason.COMPLAINT, Reason.BOUNCE, Reason.OBJECTION, Reason.ERASED])
def test_a_persons_own_word_is_lifted_by_their_proof_alone(as_ada, kettle, reason):
    with working_in(kettle):
        greta = make_contact("Greta", "greta@slowwater.example")
        suppress_all(["greta@slowwater.example"], reason=reason)
        entry = Suppression.objects.get()

    page = as_ada.post(f"{PAGE}{entry.pk}/lift/", {"address": "greta@slowwater.example"}, follow=True).content.decode()

    assert "only a new consent" in page
    with working_in(kettle):
        assert is_suppressed("greta@slowwater.example")
        give_consent(greta, topic=letter(), wording="Yes", page="https://kettle.example/")
        assert not is_suppressed("greta@slowwater.example")


def test_analysts_see_counts_but_ask_for_nobody_and_change_nothing(kettle, member):
    with working_in(kettle):
        suppress_all(["greta@slowwater.example"], source="By phone")
        entry = Suppression.objects.get()
    analyst = member("analyst")

    page = analyst.get(PAGE, {"address": "greta@slowwater.example"}).content.decode()

    assert "By phone" in page
    assert "greta@slowwater.example" not in page
    assert analyst.post(f"{PAGE}add/", {"addresses": "a@x.example", "channel": 1}).status_code == 403
    assert analyst.post(f"{PAGE}{entry.pk}/lift/", {"address": "greta@slowwater.example"}).status_code == 403


def test_what_is_lifted_is_listed_no_more_and_segments_look_again(kettle, ada):
    with working_in(kettle):
        greta = make_contact("Greta", "greta@tea.example")
        suppress_all([greta.email], reason=Reason.MANUAL)
        [entry] = Suppression.objects.all()
        SegmentRecheck.objects.all().delete()

        assert lift_by_hand(entry.pk, greta.email, by=ada)

        assert [one.contact_ids for one in SegmentRecheck.objects.all()] == [[greta.pk]]
        assert list_entries([Reason.MANUAL]).rows == []
        assert not lift_by_hand(entry.pk, greta.email, by=ada)
