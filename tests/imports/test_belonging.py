"""Columns of a file for what the workspace declared, for companies and for owners: read, reported, written as sets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.custom_fields.defining import archive_choice, define_field
from contacts.models import Company, Contact, FieldValue, Position
from contacts.searching import find_people
from imports.mapping import guess_mapping, preset_for
from imports.reading import Dialect
from tests.factories.contacts import make_contact


@pytest.fixture
def declared(inside):
    define_field("cups", type="number", by=None)
    define_field("since", type="date", by=None)
    define_field("vip", type="yes_no", by=None)
    archive_choice(define_field("Plan", type="choice", choices=["Gold", "Silver", "Old"], by=None), "Old", by=None)


def values(email="a@tea.example"):
    return dict(FieldValue.objects.filter(contact__email=email).values_list("name", "text"))


FILE = """Email,CUPS,Since,VIP,plan
a@tea.example,"1,5",31.12.2024,Ja,gold
b@tea.example,viele,31.13.2024,vielleicht,Bronze
c@tea.example,1e400,0000-01-01,nein,Old
"""


def test_a_column_of_a_declared_field_is_read_by_its_type_and_a_bad_cell_is_reported(bring, declared):
    result = bring(FILE)

    assert values() == {"cups": "1.5", "since": "2024-12-31", "vip": "yes", "Plan": "Gold"}
    assert values("b@tea.example") == {}
    assert values("c@tea.example") == {"vip": "no"}
    assert Contact.objects.count() == 3
    reasons = " ".join(result.reasons.values())
    for said in (
        "CUPS",
        "is no number",
        "Since",
        "is no date",
        "neither yes nor no",
        "none of the choices",
        "archived",
    ):
        assert said in reasons
    assert result.run.cells["noted"] == 7


def test_any_column_may_become_a_declared_field(bring, declared):
    bring("Email,Tassen\na@tea.example,7\n", mapping={"Tassen": "declared:cups"})

    assert FieldValue.objects.get().name == "cups"
    assert FieldValue.objects.get().number == 7


def test_a_field_that_is_gone_or_archived_meanwhile_stops_nothing(bring, declared):
    result = bring("Email,Tassen\na@tea.example,7\n", mapping={"Tassen": "declared:spoons"})

    assert Contact.objects.count() == 1
    assert "nobody knows" in " ".join(result.reasons.values())


def test_the_rule_of_a_column_holds_for_a_declared_field(bring, declared):
    bring("Email,cups\na@tea.example,1\n")
    bring("Email,Tassen\na@tea.example,2\n", mapping={"Tassen": "declared:cups"}, rules={"Tassen": "never"})
    assert values() == {"cups": "1"}
    bring("Email,Tassen\na@tea.example,2\n", mapping={"Tassen": "declared:cups"})
    assert values() == {"cups": "2"}


def test_companies_are_made_joined_and_named_first(bring, inside):
    known = make_contact("Known", "k@tea.example")
    Company.objects.create(name="ACME")
    first = "Email,Company,Job title\na@tea.example,Acme,CEO\nb@tea.example,acme ,\nk@tea.example,Brew,Taster\n"

    bring(first), bring(first)

    assert sorted(Company.objects.values_list("name", flat=True)) == ["ACME", "Brew"]
    rows = Position.objects.values_list("contact__email", "company__name", "role_there")
    assert sorted(rows) == [
        ("a@tea.example", "ACME", "CEO"), ("b@tea.example", "ACME", ""), ("k@tea.example", "Brew", "Taster"),
    ]  # fmt: skip
    assert find_people("brew") == [known.pk]
    assert len(find_people("acme")) == 2
    result = bring("Email,Company,Job title\nk@tea.example,Acme,\na@tea.example,Acme,CTO\nc@tea.example,,CFO\n")
    assert Position.objects.filter(contact=known, until=None).count() == 2
    assert Position.objects.get(contact__email="a@tea.example").role_there == "CTO"
    assert "without a company" in " ".join(result.reasons.values())
    bring("Email,Company\nk@tea.example,Third\n", rules={"Company": "empty"})
    assert Position.objects.filter(contact=known).count() == 2


def test_an_owner_is_found_by_the_address_of_a_member(bring, ada, bob, eve):
    result = bring(
        "Email,Owner\na@tea.example,ADA@kettle.example\nb@tea.example,eve@rival.example\nc@tea.example,bob@kettle.example\n"
    )

    owners = dict(Contact.objects.values_list("email", "owner_id"))
    assert owners == {"a@tea.example": ada.pk, "b@tea.example": None, "c@tea.example": bob.pk}
    assert "no member has this address" in " ".join(result.reasons.values())
    bring("Email,Owner\na@tea.example,bob@kettle.example\n", rules={"Owner": "empty"})
    assert Contact.objects.get(email="a@tea.example").owner_id == ada.pk
    bring("Email,Owner\na@tea.example,bob@kettle.example\n")
    assert Contact.objects.get(email="a@tea.example").owner_id == bob.pk


@pytest.mark.parametrize(
    ("header", "company", "role"),
    [
        (["Record ID", "Lifecycle Stage", "Company name", "Job title"], "Company name", "Job title"),
        (
            ["First Name", "E-mail 1 - Value", "Organization Name", "Organization Title"],
            "Organization Name",
            "Organization Title",
        ),
        (["E-mail Address", "Business Phone", "Company", "Job Title"], "Company", "Job Title"),
        (["Full name", "Organisation", "Job title"], "Organisation", "Job title"),
        (["Name", "Firma", "Funktion"], "Firma", "Funktion"),
    ],
)
def test_presets_know_where_somebody_works(inside, header, company, role):
    mapping = guess_mapping(preset_for("x.csv", header), header, [["1"] * len(header)], Dialect("utf-8", ",", header))

    assert (mapping[company], mapping[role]) == ("company", "role_there")


def test_a_card_says_company_and_unit(bring):
    bring(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEMAIL:a@tea.example\nORG:Acme\\, Inc.;Sales;North\nTITLE:CEO\nEND:VCARD\n",
        "people.vcf",
    )

    assert str(Position.objects.get().company) == "Acme, Inc."
    assert Position.objects.get().role_there == "CEO"
    assert values() == {"Department": "Sales, North"}


def test_a_file_costs_the_same_statements_for_one_and_for_fifty_and_none_without_such_columns(bring, declared, bob):
    def statements(count, head, cells, start):
        rows = "".join(f"p{start + number}@tea.example{cells.format(n=number)}\n" for number in range(count))
        with CaptureQueriesContext(connection) as asked:
            bring(f"Email{head}\n{rows}")
        return asked.captured_queries

    head, cells = ",Company,Job title,Owner,cups", ",Firm {n},CEO,bob@kettle.example,{n}"
    few, many = statements(2, head, cells, 0), statements(50, head, cells, 100)
    plain = statements(2, "", "", 200)

    assert len(many) == len(few)
    for word in ("contacts_position", "contacts_company", "owner_id = n.owner_id"):
        assert any(word in one["sql"] for one in few)
        assert not any(word in one["sql"] for one in plain)
