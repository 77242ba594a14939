"""Files with mailboxes of functions: nobody becomes somebody else by info@, and a second look changes nothing."""

import pytest

from contacts.models import Contact, Identity
from contacts.sharing import Why, keep_alone, share_all
from imports.drafts import Draft
from imports.judging import Word
from imports.models import ImportRun
from imports.running import run_slice
from imports.starting import begin_import, keep_file
from imports.twins import Twins
from tests.factories.contacts import make_contact
from tests.imports.test_undoing import undo, world
from tests.workspaces.test_singles import while_another
from workspaces.current import working_in

FILE = """Email,First name,Last name
info@tea.example,Ann,Tee
info@tea.example,Ben,Berg
sales@tea.example,,
cyd@tea.example,Cyd,Doe
"""
OFFICE = "info@tea.example"


def names():
    return sorted(Contact.objects.values_list("name", "email"))


def shared():
    rows = Identity.objects.filter(shared_key__gt=0).order_by("pk")
    return [(row.contact.name, row.value, row.shared_why) for row in rows.select_related("contact")]


def test_a_functions_mailbox_with_several_names_is_of_several_people(inside, bring):
    result = bring(FILE)

    everybody = [("", "sales@tea.example"), ("Ann Tee", OFFICE), ("Ben Berg", OFFICE), ("Cyd Doe", "cyd@tea.example")]
    assert names() == everybody
    assert sorted(shared()) == [("Ann Tee", OFFICE, "role"), ("Ben Berg", OFFICE, "role")]
    assert result.agreed() == {OFFICE, "sales@tea.example", "cyd@tea.example"}
    again = bring(FILE)
    assert set(again.outcomes.values()) == {"same"}
    assert names() == everybody


def test_a_row_with_an_address_that_several_share_is_about_whom_it_names(inside, bring):
    both = "family@tea.example"
    ann, ben = (make_contact(name, email="") for name in ("Ann Tee", "Ben Berg"))
    share_all([(one.pk, int(Identity.Kind.EMAIL), both) for one in (ann, ben)], why=Why.BY_HAND, evidence="said so")

    for row in ("Ben,Berg,Bern", "Cyd,Doe,Basel"):
        bring(f"Email,First name,Last name,City\n{both},{row}\n")

    found = {one.name: one.pk for one in Contact.objects.all()}
    assert set(found) == {"Ann Tee", "Ben Berg", "Cyd Doe"}
    assert {name for name, value, _why in shared() if value == both} == set(found)
    assert [Contact.objects.get(pk=found[name]).city for name in ("Ann Tee", "Ben Berg", "Cyd Doe")] == [
        "",
        "Bern",
        "Basel",
    ]


@pytest.mark.parametrize("rows", [("Ann,yes", ",no"), (",no", "Ann,yes"), ("Ann,no", ",yes"), (",yes", "Ann,no")])
def test_a_no_with_a_name_and_a_yes_without_one_may_be_of_one_person(inside, bring, rows):
    text = "Email,First name,Subscribed\n" + "".join(f"{OFFICE},{row}\n" for row in rows)

    result = bring(text, mapping={"Subscribed": "consent"})

    assert result.agreed() == set()


def test_the_no_of_a_colleague_is_not_another_ones_of_the_office(inside):
    twins = Twins()
    twins.hear(Draft(1, emails=[OFFICE], fields={"name": "Ben"}, word=Word.NO))
    ann, ben = (
        Draft(line, emails=[OFFICE], fields={"name": name}, word=Word.YES) for line, name in ((2, "Ann"), (3, "Ben"))
    )

    for one in (ann, ben):
        twins.temper(one)

    assert (ann.word, ben.word) == (Word.YES, Word.NO)


def test_undone_nothing_is_left_of_it(inside, bring):
    before = world()

    undo(bring(FILE).run)

    assert world() == before


@pytest.mark.parametrize("name", ["Ann Tee", "ann  TEE", ""])
def test_whoever_has_the_mailbox_alone_and_is_named_so_is_meant(inside, bring, name):
    ann = make_contact("Ann Tee", OFFICE)

    bring(f"Email,Name,City\n{OFFICE},{name},Ulm\n")

    ann.refresh_from_db()
    assert (ann.city, shared(), Contact.objects.count()) == ("Ulm", [], 1)


def test_somebody_else_of_the_office_is_new_and_the_mailbox_is_shared_until_it_is_undone(inside, bring):
    make_contact("Ann Tee", OFFICE)
    before = world()

    run = bring(f"Email,Name\n{OFFICE},Ben Berg\n").run

    assert [name for name, _value, _why in shared()] == ["Ann Tee", "Ben Berg"]
    undo(run)
    assert (world(), shared()) == (before, [])


def test_everybody_hears_whose_alone_it_is_again(inside, bring, monkeypatch):
    ann, told = make_contact("Ann Tee", OFFICE), []
    run = bring(f"Email,Name\n{OFFICE},Ben Berg\n").run
    monkeypatch.setattr("contacts.sharing.contacts_changed.tell", lambda contact_ids: told.extend(contact_ids))

    undo(run)

    assert ann.pk in told


def test_a_number_finds_who_is_meant_and_a_shared_phone_does_not(inside, bring):
    result = bring("Email,Customer ID,First name\ninfo@tea.example,1,Ann\ninfo@tea.example,2,Ben\n")
    assert set(result.outcomes.values()) == {"created"}
    again = bring("Email,Customer ID,First name\ninfo@tea.example,2,Benno\n")
    assert set(again.outcomes.values()) == {"updated"}
    assert sorted(Contact.objects.values_list("given_name", flat=True)) == ["Ann", "Benno"]


def test_theirs_alone_again_finds_them_again(inside, bring, ada):
    bring(FILE)
    ann = Contact.objects.get(name="Ann Tee")
    keep_alone(ann, Identity.objects.get(contact=ann).pk, by=ada)

    bring(f"Email,City\n{OFFICE},Ulm\n")

    ann.refresh_from_db()
    assert (ann.city, Contact.objects.get(name="Ben Berg").email) == ("Ulm", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", [OFFICE, "family@tea.example"])
def test_two_files_at_once_make_one_person_of_a_shared_address(kettle, settings, tmp_path, address):
    settings.MEDIA_ROOT = tmp_path
    with working_in(kettle):
        users = [make_contact(name, email="") for name in ("Ann Tee", "Ben Berg")]
        share_all([(one.pk, int(Identity.Kind.EMAIL), address) for one in users], why=Why.BY_HAND, evidence="said so")
        rows = f"Email,First name,Last name\n{address},Cyd,Doe\n".encode()
        runs = [begin_import(keep_file([rows], "p.csv"), "p.csv") for _ in range(2)]
        ImportRun.objects.update(state="waiting")

    while_another(kettle, lambda: run_slice(runs[0]), lambda: run_slice(runs[1]))

    with working_in(kettle):
        assert [name for name, _email in names()] == ["Ann Tee", "Ben Berg", "Cyd Doe"]
        assert sorted(tuple(run.counts) for run in ImportRun.objects.all()) == [("created",), ("same",)]


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_make_one_person_of_an_offices_first_address(kettle, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with working_in(kettle):
        office = "".join(FILE.splitlines(keepends=True)[:3]).encode()
        runs = [begin_import(keep_file([office], "p.csv"), "p.csv") for _ in range(2)]
        ImportRun.objects.update(state="waiting")

    while_another(kettle, lambda: run_slice(runs[0]), lambda: run_slice(runs[1]))

    with working_in(kettle):
        assert names() == [("Ann Tee", OFFICE), ("Ben Berg", OFFICE)]
