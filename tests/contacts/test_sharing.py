"""An address that several people use: it merges nobody, is shown as shared on each page, and becomes one's alone again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.duplicates.finding import find_pairs
from contacts.duplicates.gathering import gather
from contacts.editing import AddressTakenError, edit_contact, phone_of
from contacts.identifying import add_identity
from contacts.looking_up import look_up_exactly
from contacts.merging import link_contacts
from contacts.models import AudienceRole, Contact, Identity
from contacts.resolving import Hint, resolve
from contacts.searching import find_people
from contacts.sharing import CannotShareError, keep_alone, mark_shared, share_all, usages_of
from tests.factories.contacts import make_contact
from tests.machines import machine_of
from workspaces.current import working_in

Kind = Identity.Kind
OFFICE = "info@tea.example"


def only(contact, kind=Kind.EMAIL):
    return Identity.objects.get(contact=contact, kind=kind)


def users(value=OFFICE):
    return list(Identity.objects.filter(value=value).order_by("pk").values_list("contact__name", flat=True))


@pytest.fixture
def two(inside, ada):
    """Ann, who had the address first, and Ben, who uses it too."""
    ann, ben = make_contact("Ann Tee", OFFICE), make_contact("Ben Berg", "")
    mark_shared(ann, only(ann).pk, by=ada)
    edit_contact(ben, by=ada, email=OFFICE)
    return ann, ben


def test_what_is_marked_as_shared_may_be_entered_for_others_too(inside, ada):
    ann, ben = make_contact("Ann", OFFICE), make_contact("Ben", "")
    with pytest.raises(AddressTakenError):
        edit_contact(ben, by=ada, email=OFFICE)

    mark_shared(ann, only(ann).pk, by=ada)
    edit_contact(ben, by=ada, email=OFFICE)
    add_identity(ben, Kind.EMAIL, OFFICE, by=ada)

    assert users() == ["Ann", "Ben"]
    ben.refresh_from_db()
    assert ben.email == OFFICE
    assert set(find_people("info@tea")) == {ann.pk, ben.pk}
    assert look_up_exactly(OFFICE) is None
    assert mark_shared(ann, only(ann).pk, by=ada) == only(ann)
    assert mark_shared(ben, only(ann).pk, by=ada) is None


def test_only_emails_and_phones_are_shared(inside, ada):
    ann = make_contact("Ann")
    number = add_identity(ann, Kind.EXTERNAL_ID, "77", by=ada)
    with pytest.raises(CannotShareError):
        mark_shared(ann, number.pk, by=ada)


def test_it_never_says_that_two_are_one(two):
    ann, ben = two
    shared, number = Hint(Kind.EMAIL, OFFICE), Hint(Kind.EXTERNAL_ID, "900")

    [(new, _id)] = resolve([[number, shared]])
    again = resolve([[shared, number], [shared]])

    assert new not in {ann.pk, ben.pk}
    assert [contact for contact, _id in again] == [new, ann.pk]  # alone it is told of who has used it longest
    assert Contact.objects.get(pk=new).email == OFFICE
    assert len(users()) == 3
    assert not Identity.objects.filter(value=OFFICE, shared_key=0).exists()


def test_one_person_who_was_merged_shares_with_nobody(inside, ada):
    ann, twin = make_contact("Ann", "ann@tea.example"), make_contact("Ann", "")
    add_identity(ann, Kind.EXTERNAL_ID, "1", by=ada), add_identity(twin, Kind.EXTERNAL_ID, "2", by=ada)
    link_contacts(twin.pk, ann.pk)

    resolve([[Hint(Kind.EXTERNAL_ID, "2"), Hint(Kind.EMAIL, "ann@tea.example")]])

    assert only(ann).shared_since is None


def test_two_customer_numbers_with_one_phone_make_it_shared_and_say_so(inside, ada):
    mum = make_contact("Mum", "")
    add_identity(mum, Kind.EXTERNAL_ID, "1", by=ada), add_identity(mum, Kind.PHONE, "+4930123450", by=ada)

    [(dad, _id)] = resolve([[Hint(Kind.EXTERNAL_ID, "2"), Hint(Kind.PHONE, "+4930123450")]])

    assert dad != mum.pk
    assert phone_of(Contact.objects.get(pk=dad)) == phone_of(mum) == "+4930123450"
    row = only(mum, Kind.PHONE)
    assert (row.shared_why, row.shared_by) == ("noticed", "told with a customer number")


def test_it_makes_nobody_a_likely_double(inside, ada):
    def likely():
        return list(find_pairs(gather()))

    ann, twin = make_contact("Ann Tee", "", city="Ulm"), make_contact("Anna Tee", "", city="Bonn")
    for one in (ann, twin):
        Contact.objects.filter(pk=one.pk).update(
            email="tee@tea.example", given_name=one.name.split()[0], family_name="Tee"
        )
    assert likely()
    Identity.objects.create(contact=ann, kind=Kind.EMAIL, value="tee@tea.example")

    mark_shared(ann, only(ann).pk, by=ada)

    assert not likely()


def test_it_becomes_ones_alone_and_the_others_use_the_next_they_have(two, ada):
    ann, ben = two
    add_identity(ben, Kind.EMAIL, "ben@tea.example", by=ada)

    assert keep_alone(ann, only(ann).pk, by=ada) == {ben.pk}

    ben.refresh_from_db()
    assert (users(), ben.email) == (["Ann Tee"], "ben@tea.example")
    assert only(ann).shared_since is None
    [(found, _id)] = resolve([[Hint(Kind.EMAIL, OFFICE)]])
    assert found == ann.pk
    assert keep_alone(ann, only(ann).pk, by=ada) == set()
    assert keep_alone(ben, only(ann).pk, by=ada) is None
    assert find_people("info@tea") == [ann.pk]


def test_whoever_was_merged_uses_it_once(two, ada):
    ann, ben = two
    twin = make_contact("Ann", "")
    edit_contact(twin, by=ada, email=OFFICE)
    link_contacts(twin.pk, ann.pk)

    [used] = usages_of([(Kind.EMAIL, OFFICE)]).values()

    assert [(one.contact_id, one.is_shared) for one in used] == [(ann.pk, True), (ben.pk, True)]


def test_alone_it_is_told_of_who_has_used_it_longest_not_of_whom_we_know_longest(inside, ada):
    older, first = make_contact("Ann Tee", ""), make_contact("Ben Berg", OFFICE)
    mark_shared(first, only(first).pk, by=ada)
    edit_contact(older, by=ada, email=OFFICE)

    assert [found for found, _id in resolve([[Hint(Kind.EMAIL, OFFICE)]])] == [first.pk]
    assert usages_of([(Kind.EMAIL, OFFICE)])[Kind.EMAIL, OFFICE][0].contact_id == first.pk


def test_many_share_in_as_few_statements_as_one(inside):
    people = [make_contact(f"P{n}", "").pk for n in range(51)]

    def asked(some):
        with CaptureQueriesContext(connection) as queries:
            share_all([(pk, Kind.PHONE, f"+4930{pk:07}") for pk in some], why="role", evidence="a file")
        return len(queries)

    assert asked(people[:1]) == asked(people[1:])
    assert share_all([(people[0], Kind.PHONE, f"+4930{people[0]:07}")], why="role", evidence="a file") == set()
    assert len(usages_of([(Kind.PHONE, f"+4930{people[0]:07}")])) == 1


def test_both_pages_say_with_whom_and_why(as_ada, kettle, ada):
    with working_in(kettle):
        ann, ben = make_contact("Ann Tee", OFFICE), make_contact("Ben Berg", "")
        pk = only(ann).pk
    page = f"/w/kettle/contacts/{ann.pk}/"
    assert "Others use it too" in as_ada.get(page).text

    said = as_ada.post(f"{page}addresses/{pk}/shared/", follow=True).text
    assert "no longer tells people apart" in said
    assert "people we do not know yet" in said
    as_ada.post(
        f"/w/kettle/contacts/{ben.pk}/edit/",
        {"name": "Ben Berg", "email": OFFICE, "contact_frequency": 2, "dialogue_mode": 1},
    )

    for one, other in ((ann, "Ben Berg"), (ben, "Ann Tee")):
        text = " ".join(as_ada.get(f"/w/kettle/contacts/{one.pk}/").text.split())
        assert f">{other}</a>" in text.partition("Shared with")[2][:200]
        assert "a colleague said so, by hand" in text
    said = as_ada.post(f"{page}addresses/{pk}/alone/", follow=True).text
    assert "1 other contact has it no longer" in said
    assert "Shared with" not in as_ada.get(f"/w/kettle/contacts/{ben.pk}/").text


def test_strangers_and_analysts_share_nothing(as_ada, as_eve, member, kettle, two):
    ann, ben = two
    for what in ("shared/", "alone/"):
        path = f"/w/kettle/contacts/{ann.pk}/addresses/{only(ann).pk}/{what}"
        assert as_eve.post(path).status_code == 404
        assert member("analyst" if what == "shared/" else "viewer").post(path).status_code in {403, 404}
        assert as_ada.post(path.replace(f"/{ann.pk}/", f"/{ben.pk}/", 1)).status_code == 404
        assert as_ada.get(path).status_code == 405


def test_a_machine_shares_an_address_and_keeps_it_alone(kettle, inside):
    ann, ben = make_contact("Ann", OFFICE), make_contact("Ben", "")
    machine, path = (
        machine_of(kettle, ["contacts:read", "contacts:write"]),
        f"/contacts/{ann.pk}/identities/{only(ann).pk}/shared",
    )
    new = {"kind": "email", "value": OFFICE}

    assert machine.post(f"/contacts/{ben.pk}/identities", new).status_code == 409
    assert machine.call("PUT", path).json()["is_shared"] is True
    assert machine.post(f"/contacts/{ben.pk}/identities", new).json()["is_shared"] is True
    assert users() == ["Ann", "Ben"]
    assert machine.call("DELETE", path).status_code == 204
    assert users() == ["Ann"]
    assert machine.call("DELETE", path.replace(str(ann.pk), str(ben.pk), 1)).status_code == 404
    assert not AudienceRole.objects.exists()


def test_a_machine_changes_nobody_by_what_may_be_several_peoples(kettle, inside, ada):
    ann, ben = make_contact("Ann", OFFICE), make_contact("Ben", "")
    machine, said = (
        machine_of(kettle, ["contacts:read", "contacts:write"]),
        {"by": {"kind": "email", "value": OFFICE}, "name": "X"},
    )
    assert machine.post("/contacts/upsert", said).status_code == 200

    mark_shared(ann, only(ann).pk, by=ada)
    with_one = machine.post("/contacts/upsert", said | {"name": "Y"})
    edit_contact(ben, by=ada, email=OFFICE)
    with_two = machine.post("/contacts/upsert", said | {"name": "Y"})

    assert [(one.status_code, one.json()["code"]) for one in (with_one, with_two)] == [(409, "address_shared")] * 2
    assert users() == ["X", "Ben"]
