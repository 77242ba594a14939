"""Companies are found by the beginning of any word of their name or domain, by an index, as they are called today."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.companies.keeping import create_company, edit_company, find_company, merge_companies, remove_company
from contacts.companies.knowing import list_companies
from contacts.companies.loading import name_companies
from contacts.companies.searching import index_companies
from contacts.models import Company, CompanyTerm
from tests.conftest import as_owner_sql
from tests.plans import explained
from workspaces.current import current_workspace_id, working_in

MANY = 20_000


def found(text):
    return [row["name"] for row in list_companies(text).rows]


def terms():
    return set(CompanyTerm.objects.values_list("company", "term"))


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("müller", True), ("MULLER", True), ("mull", True), ("sohn", True), ("müller&s", True), ("teehaus", True),
        ("haus", True), ("sohn müll", True), ("acme.example", True), ("eu.acme", True), ("acm", True),
        ("www", False), ("example", False), ("ller", False), ("müller nord", False), ("%", False), ("_", False),
        ("@acme.example", True),
    ],
)  # fmt: skip
def test_any_word_of_the_name_or_the_domain_finds_it_by_its_beginning(inside, text, is_found):
    create_company("Müller&Sohn Teehaus-Haus (Köln)", domains=["eu.acme.example"], by=None)

    assert bool(found(text)) is is_found


def test_what_it_is_called_today_finds_it_and_nothing_else(inside):
    acme = create_company("Acme Tea", domains=["acme.example", "tea.example"], by=None)
    other = create_company("Brew Works", domains=["brew.example"], by=None)

    edit_company(acme, name="Acme Coffee", domains=["acme.example"], by=None)
    assert (found("tea"), found("coffee"), found("acme.ex")) == ([], ["Acme Coffee"], ["Acme Coffee"])
    merge_companies(acme, other, by=None)
    assert (found("works"), found("brew.example")) == ([], ["Acme Coffee"])
    named = name_companies(["Brew Works", "Chai Hall", "ACME coffee"])
    assert (named["Brew Works"], found("hall")) == (acme.pk, ["Chai Hall"])
    remove_company(find_company("Chai Hall"), by=None)
    assert found("hall") == []
    before = terms()
    index_companies(Company.objects.values_list("pk", flat=True))
    assert terms() == before
    assert {company for company, _term in before} == {acme.pk}


def test_a_file_with_fifty_companies_asks_no_more_than_one_with_one(inside):
    def asked(names):
        with CaptureQueriesContext(connection) as queries:
            name_companies(names)
        return len(queries)

    assert asked(["One"]) == asked([f"Firm {n}" for n in range(50)])
    assert len(found("firm")) == 50


ROWS = (
    "INSERT INTO contacts_company (workspace_id, name, folded, country, created_at) SELECT %(w)s, t.name, t.name, '', now()"
    " FROM generate_series(1, %(many)s) n CROSS JOIN LATERAL (SELECT CASE WHEN n %% 3 > 0 THEN 'nord' ELSE 'west' END"
    " || ' firma' || n AS name) t",
    "INSERT INTO contacts_companydomain (workspace_id, company_id, domain)"
    " SELECT %(w)s, id, 'f' || id || '.example' FROM contacts_company",
    "INSERT INTO contacts_companyterm (workspace_id, company_id, term)"
    " SELECT %(w)s, c.id, t.term FROM contacts_company c CROSS JOIN LATERAL (VALUES"
    " (split_part(c.folded, ' ', 1)), (split_part(c.folded, ' ', 2)), ('f' || c.id || '.example')) AS t (term)",
)


@pytest.fixture
def many(inside):
    for sql in ROWS:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"w": current_workspace_id(), "many": MANY})
        as_owner_sql("ANALYZE contacts_company")  # the plan of a key's check may be of an earlier test's few rows
    as_owner_sql("ANALYZE contacts_company, contacts_companydomain, contacts_companyterm")


def test_no_search_reads_the_companies_whole(many):
    for text in ("firma777", "nord", "nord firma12", "west firma", "zzz", f"f{Company.objects.first().pk}.example"):
        with explained(analyze=True) as plans:
            rows = list_companies(text).rows
        assert bool(rows) is (text != "zzz"), text
        assert set().union(*(plan.walked(1_000) for plan in plans)) == set(), text
        assert max(plan.looked_at_in_vain for plan in plans) < 1_000, text


def test_the_palette_and_the_list_find_them_and_a_stranger_does_not(as_ada, as_eve, kettle, rival):
    with working_in(kettle):
        create_company("Acme Tea", by=None)

    items = as_ada.get("/w/kettle/palette/", {"q": "tea"}).json()["items"]
    assert "Acme Tea" in {one["name"] for one in items}
    assert "Acme Tea" in as_ada.get("/w/kettle/contacts/companies/", {"q": "tea acme"}).text
    assert as_eve.get("/w/kettle/palette/", {"q": "tea"}).status_code == 404
    assert "Acme Tea" not in as_eve.get("/w/rival/palette/", {"q": "tea"}).text
