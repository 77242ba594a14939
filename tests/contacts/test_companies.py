"""Companies and who is there: verbs, the pages, the search, merges of people and of companies, files, the API."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.companies.keeping import (
    BadCompanyError,
    create_company,
    edit_company,
    find_company,
    merge_companies,
    remove_company,
)
from contacts.companies.knowing import list_companies, people_of, suggest_company
from contacts.companies.positions import add_position, edit_position, end_position, places_of, positions_of, put_first
from contacts.duplicates.deciding import merge_contacts, undo_merge
from contacts.models import Company, CompanyDomain, Contact, Position
from contacts.searching import find_people, index_people
from lib.sql import run_text
from segments.leaf_types.company import CompanyLeaf
from segments.members.membership import refresh
from segments.models import Segment, SegmentMember
from segments.rules.compiler import compile_rule
from tests.factories.contacts import make_contact
from workspaces.current import working_in

COMPANIES = "/w/kettle/contacts/companies/"


def company(name="Acme", **facts) -> Company:
    return create_company(name, **facts, by=None)


def at(contact, name="Acme", **facts) -> Position:
    return add_position(contact, find_company(name) or company(name), **facts, by=None)


def who(rule) -> set[str]:
    compiled = compile_rule({"all": [rule]})
    ids = [row[0] for row in run_text(compiled.sql, compiled.params)]
    return set(Contact.objects.filter(pk__in=ids).values_list("name", flat=True))


def test_names_are_one_whatever_their_case_and_domains_belong_to_one(inside):
    acme = company("Acme GmbH", domains=["https://www.acme.example/shop", "ACME.de"], country="Germany")

    assert sorted(CompanyDomain.objects.values_list("domain", flat=True)) == ["acme.de", "acme.example"]
    assert acme.country == "DE"
    for name, facts, field in [
        ("ACME gmbh", {}, "name"),
        ("", {}, "name"),
        ("x" * 201, {}, "name"),
        ("Other", {"domains": ["acme.de"]}, "domains"),
        ("Other", {"domains": ["gmail.com"]}, "domains"),
        ("Other", {"domains": ["yahoo.co.uk"]}, "domains"),
        ("Other", {"domains": ["no domain"]}, "domains"),
        ("Other", {"domains": [f"d{n}.example" for n in range(21)]}, "domains"),
        ("Other", {"country": "Atlantis"}, "country"),
    ]:
        with pytest.raises(BadCompanyError) as refused:
            company(name, **facts)
        assert refused.value.field == field


def test_several_places_at_once_one_first(inside):
    ann = make_contact("Ann")
    at(ann, "Acme", role_there="CEO", since=date(2020, 1, 1))
    brew = at(ann, "Brew")
    assert [(one.company.name, one.role_there) for one in positions_of(ann)] == [("Brew", ""), ("Acme", "CEO")]

    put_first(Position.objects.get(company__name="Acme"), by=None)
    end_position(brew, on=date(2026, 1, 5), by=None)

    assert str(places_of([ann.pk])[ann.pk]) == "Acme, CEO"
    assert [(one.company.name, one.until) for one in positions_of(ann)] == [("Acme", None), ("Brew", date(2026, 1, 5))]
    at(ann, "Brew")
    assert Position.objects.filter(company=brew.company).count() == 2
    assert at(ann, "Brew", role_there="Taster").role_there == "Taster"
    assert Position.objects.count() == 3


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 2, 1), date(2026, 1, 1)), (date(1, 1, 1), None), (None, date(9999, 1, 1))],
)
def test_days_that_cannot_be_are_refused(inside, since, until):
    row = at(make_contact("Ann"))

    with pytest.raises(BadCompanyError):
        edit_position(row, role_there="", since=since, until=until, by=None)


def test_people_and_companies_are_found_by_the_companys_name(as_ada, kettle):
    with working_in(kettle):
        ann = make_contact("Ann")
        index_people([ann.pk])
        row = at(ann, "Rösterei Nord")
        assert find_people("roster") == [ann.pk]
        edit_company(row.company, name="Kontor", by=None)
        assert (find_people("roster"), find_people("kontor")) == ([], [ann.pk])

    items = as_ada.get("/w/kettle/palette/", {"q": "konto"}).json()["items"]
    assert {one["name"] for one in items} >= {"Ann", "Kontor"}
    with working_in(kettle):
        end_position(row, by=None)
        assert find_people("kontor") == []


def test_two_that_are_one_keep_everybody_and_every_rule(inside):
    acme, other = company("Acme", domains=["acme.example"]), company("Acme Inc", domains=["acme.test"], country="US")
    ann, ben = make_contact("Ann"), make_contact("Ben")
    at(ann, "Acme"), at(ann, "Acme Inc", role_there="CEO"), at(ben, "Acme Inc")
    segment = Segment.objects.create(name="Inc", rule={"all": [{"company": {"in": [other.pk]}}]})
    refresh(segment)

    moved = merge_companies(acme, other, by=None)

    assert moved == 2
    assert [(one.name, one.role_there) for one in people_of(acme)] == [("Ann", "CEO"), ("Ben", "")]
    assert find_company("acme INC") == acme
    assert sorted(acme.domains.values_list("domain", flat=True)) == ["acme.example", "acme.test"]
    assert who({"company": {"in": [other.pk]}}) == {"Ann", "Ben"}
    refresh(segment)
    assert SegmentMember.objects.count() == 2
    assert [row["name"] for row in list_companies().rows] == ["Acme"]
    company("Acme Inc")
    with pytest.raises(BadCompanyError):
        merge_companies(acme, acme, by=None)
    with pytest.raises(BadCompanyError):
        merge_companies(acme, Company.objects.get(pk=other.pk), by=None)
    with pytest.raises(BadCompanyError, match="first"):
        remove_company(acme, by=None)


def test_a_merge_of_people_and_its_undo_keep_companies_and_owner(inside, ada, bob):
    ann, ben = make_contact("Ann", owner_id=ada.pk), make_contact("Ben", owner_id=bob.pk)
    cid, dan = make_contact("Cid"), make_contact("Dan", owner_id=bob.pk)
    at(ann, "Acme"), at(ben, "Acme", role_there="CEO"), at(ben, "Brew"), at(dan, "Brew")

    one, two = merge_contacts(ann.pk, ben.pk, by=ada), merge_contacts(cid.pk, dan.pk, by=ada)

    assert [row.company.name for row in positions_of(ann)] == ["Brew", "Acme"]
    assert places_of([ann.pk, cid.pk])[ann.pk].others == 1
    owners = dict(Contact.objects.values_list("name", "owner_id"))
    assert (owners["Ann"], owners["Cid"]) == (ada.pk, bob.pk)
    assert who({"company": {"in": [find_company("Brew").pk]}}) == {"Ann", "Cid"}
    assert [person.name for person in people_of(find_company("Brew"))] == ["Ann", "Cid"]
    assert {row["name"]: row["people"] for row in list_companies().rows} == {"Acme": 1, "Brew": 2}
    undo_merge(one, by=ada), undo_merge(two, by=ada)
    owners = dict(Contact.objects.values_list("name", "owner_id"))
    assert owners == {"Ann": ada.pk, "Ben": bob.pk, "Cid": None, "Dan": bob.pk}
    assert [row.company.name for row in positions_of(ann)] == ["Acme"]
    assert who({"company": {"in": [find_company("Brew").pk]}}) == {"Ben", "Dan"}


def test_the_line_of_a_rule_says_what_decides_it(inside):
    acme, ann, ben = company("Acme"), make_contact("Ann"), make_contact("Ben")
    at(ann), end_position(at(ben), by=None)
    leaf = CompanyLeaf.open({"in": [acme.pk]})

    assert who({"company": {"in": [acme.pk]}}) == {"Ann"}
    assert who({"not": {"company": {"in": [acme.pk]}}}) == {"Ben"}
    assert (leaf.evidence([ann.pk]).holds, leaf.evidence([ben.pk]).holds) == (True, False)
    assert "Acme" in str(leaf.phrase())
    assert "gone" in str(CompanyLeaf.open({"in": [10**12]}).phrase())
    assert who({"company": {"in": [10**12]}}) == set()


@pytest.mark.parametrize(
    ("email", "suggested"),
    [
        ("a@gmail.com", None), ("a@mail.gmx.net", None), ("a@yahoo.co.uk", None), ("a@web.de", None), ("", None),
        ("a@acme.example", "Acme GmbH"), ("a@eu.acme.example", "Acme GmbH"), ("a@slow-water.example", "Slow Water"),
    ],
)  # fmt: skip
def test_an_address_suggests_a_company_but_never_a_providers(inside, email, suggested):
    company("Acme GmbH", domains=["acme.example"])
    found = suggest_company(make_contact("Ann", email))

    assert (found.name if found else None) == suggested
    assert Position.objects.count() == 0


def test_the_list_searches_counts_and_has_pages(as_ada, kettle):
    assert "No company yet" in as_ada.get(COMPANIES).content.decode()
    with working_in(kettle):
        for number in range(60):
            company(f"Firm {number:02}")
        company("Acme", domains=["teapot.example"])
        at(make_contact("Ann"))

    first = as_ada.get(COMPANIES).content.decode()
    assert "Firm 48" in first
    assert "Firm 49" not in first
    assert "Show more" in first
    found = as_ada.get(COMPANIES, {"q": "TEAPOT"}).content.decode()
    assert "Acme" in found
    assert "Firm" not in found.split("<tbody", 1)[1].split("</tbody>", 1)[0]
    assert "is called like this" in as_ada.get(COMPANIES, {"q": "%_\\"}).content.decode()
    assert as_ada.get(COMPANIES, {"after": "nonsense"}).status_code == 200
    made = as_ada.post(COMPANIES, {"name": "Neu", "domains": "neu.example, neu.de"})
    assert made.status_code == 302
    assert as_ada.post(COMPANIES, {"name": "neu"}).status_code == 422
    assert as_ada.post(COMPANIES, {"name": "x", "domains": "gmail.com"}).status_code == 422


def test_more_people_cost_no_more_questions(as_ada, kettle):
    def asked(path):
        with CaptureQueriesContext(connection) as queries:
            assert as_ada.get(path).status_code == 200
        return len(queries)

    with working_in(kettle):
        at(make_contact("Ann"))
        pk = company("Brew").pk
        acme = find_company("Acme").pk
    asked(COMPANIES)  # the session is read for the first time
    one = asked(f"{COMPANIES}{acme}/"), asked(COMPANIES)
    with working_in(kettle):
        for number in range(30):
            at(make_contact(f"P{number}"))
            company(f"C{number}")
    many = asked(f"{COMPANIES}{acme}/"), asked(COMPANIES)

    assert one == many
    assert asked(f"{COMPANIES}{pk}/") > 0


def test_one_company_is_renamed_merged_and_removed(as_ada, kettle):
    with working_in(kettle):
        acme, brew = company("Acme"), company("Brew")
        at(make_contact("Ann"), "Brew", role_there="CEO")
    page = f"{COMPANIES}{acme.pk}/"

    assert "Nobody is at this company" in as_ada.get(page).content.decode()
    twin = as_ada.post(f"{page}edit/", {"name": "brew"})
    assert (twin.status_code, "merge the two below" in twin.content.decode()) == (422, True)
    assert as_ada.post(f"{page}edit/", {"name": "Acme 2", "country": "se"}).status_code == 302
    assert "There is no company" in as_ada.post(f"{page}merge/", {"other": "nobody"}, follow=True).content.decode()
    assert "One company now" in as_ada.post(f"{page}merge/", {"other": "BREW"}, follow=True).content.decode()
    assert as_ada.get(f"{COMPANIES}{brew.pk}/").url == page
    assert "CEO" in as_ada.get(page).content.decode()
    assert "take them out first" in as_ada.post(f"{page}remove/", follow=True).content.decode()
    with working_in(kettle):
        spare = company("Spare").pk
    assert "is gone" in as_ada.post(f"{COMPANIES}{spare}/remove/", follow=True).content.decode()


def test_the_page_of_a_person_adds_ends_and_changes_places(as_ada, kettle):
    with working_in(kettle):
        ann = make_contact("Ann", "ann@slow-water.example")
    page = f"/w/kettle/contacts/{ann.pk}/"

    assert "slow-water.example suggests Slow Water" in as_ada.get(page).content.decode()
    added = as_ada.post(f"{page}companies/", {"company": "Acme", "role_there": "CEO"}, headers={"HX-Request": "true"})
    assert (added.status_code, "CEO" in added.content.decode()) == (200, True)
    bad = as_ada.post(f"{page}companies/", {"company": "Brew", "since": "0001-01-01"}, headers={"HX-Request": "true"})
    assert bad.status_code == 422
    with working_in(kettle):
        assert list(Company.objects.values_list("name", flat=True)) == ["Acme"]
        row = Position.objects.get()
    place = f"{page}companies/{row.pk}/"
    assert as_ada.post(f"{place}edit/", {"role_there": "CTO", "since": "2020-05-01"}).status_code == 302
    assert (
        "cannot end before"
        in as_ada.post(
            f"{place}edit/", {"role_there": "x", "since": "2020-05-01", "until": "2019-01-01"}, follow=True
        ).content.decode()
    )
    assert as_ada.post(f"{place}first/").status_code == 302
    assert as_ada.post(f"{place}end/").status_code == 302
    assert "Was at" in as_ada.get(page).content.decode()
    assert as_ada.post(f"{place}nonsense/").status_code == 404
    assert as_ada.post(f"{place}remove/").status_code == 302
    with working_in(kettle):
        assert Position.objects.count() == 0


def test_an_analyst_sees_companies_and_no_names_and_changes_nothing(member, kettle):
    with working_in(kettle):
        ann = make_contact("Ann Secret", "ann@people.example")
        acme = company("Acme")
        at(ann, role_there="Chief Secret")
    analyst = member("analyst")

    page = analyst.get(f"{COMPANIES}{acme.pk}/").content.decode()
    contact = analyst.get(f"/w/kettle/contacts/{ann.pk}/").content.decode()

    assert "Acme" in page
    assert "Secret" not in page
    assert "Secret" not in contact
    assert analyst.post(COMPANIES, {"name": "x"}).status_code == 403
    assert analyst.post(f"{COMPANIES}{acme.pk}/edit/", {"name": "x"}).status_code == 403
    assert member("colleague").get(COMPANIES).status_code == 403


def test_a_stranger_sees_no_company(as_eve, as_ada, kettle):
    with working_in(kettle):
        acme = company("Acme")

    assert as_eve.get(f"/w/rival/contacts/companies/{acme.pk}/").status_code == 404
    assert "Acme" not in as_eve.get("/w/rival/contacts/companies/").content.decode()


def test_the_list_of_people_has_the_column_and_the_filter(as_ada, kettle):
    with working_in(kettle):
        at(make_contact("Ann"), role_there="CEO")
        make_contact("Ben")
        pk = find_company("Acme").pk
    as_ada.post("/w/kettle/contacts/columns/", {"c": ["company", "owner"]})
    line = json.dumps({"company": {"in": [pk]}})

    page = as_ada.get("/w/kettle/contacts/", {"f": line}).content.decode()
    file = b"".join(as_ada.get("/w/kettle/contacts/export.csv").streaming_content).decode()

    assert "Ann" in page
    assert "Ben" not in page
    assert "Acme, CEO" in file


def test_an_edit_that_began_before_a_merge_parts_nothing(inside, ada):
    first, second = company("Acme"), company("Acme Ltd")
    stale = Company.objects.get(pk=second.pk)
    merge_companies(first, second, by=ada)

    edit_company(stale, name="Acme Limited", domains=[], country="", by=ada)

    assert Company.objects.get(pk=second.pk).merged_into_id == first.pk
