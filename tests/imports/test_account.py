"""Every cell that holds something is stored, or named in its row's note, or its column is left out."""

import csv
import io
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, FieldValue, Identity
from imports.models import ImportRun
from tests.examples import examples
from tests.inputs import INPUTS, needs_inputs

TARGETS = ["", "name", "given_name", "city", "country", "language", "phone", "email_more", "tags", "role", "external_id", "handle",
           "opt_out", "status", "bounced", "opted_in_at", "opted_in_ip", "attributes", "field", "field_number", "field_date"]  # fmt: skip
TEXTS = ["Bern", "Germany", "Elbonia", "de", "030 901820", "030 901820, 030 901821", "12 ext. 7", "x@y.example", "EX:/o=x",
         "VIP, Berlin", '"a, b"', "customer", "wizard", "0012", "40012345678", "1234567", "1.5", "abc", "2024-01-05", "0/0/00",
         "0001-01-01", "203.0.113.7", "1.2.3.999", '{"a": 1, "b": {"c": 2}}', "not json", "yes", "no", "evtl.", "undefined", ",",
         "x" * 700, "[]", "  spaced  out ", "=1+1", "Summe:"]  # fmt: skip
UNDERSTOOD = {"opt_out", "status", "bounced"}  # a word that only says "not unsubscribed" or "yes" is stored as consent


def stored_of(contact):
    """Everything that is stored of a person, as texts."""
    own = [contact.name, contact.given_name, contact.family_name, contact.city, contact.country, contact.language]
    texts = [*own, *FieldValue.objects.filter(contact=contact).values_list("text", flat=True)]
    texts += contact.tags.values_list("name", flat=True)
    texts += [value.rpartition(":")[2] for value in contact.identities.values_list("value", flat=True)]
    for consent in contact.consents.all():
        texts += [str(consent.ip), consent.at.isoformat()]
    return texts


def plain(text):
    return "".join(one for one in text.casefold() if one in string.ascii_lowercase + string.digits)


def is_stored(cell, target, texts):
    parts = (
        [part for part in cell.replace('"', "").split(",") if plain(part)] if target in {"tags", "phone"} else [cell]
    )
    return all(any(tail(part, target) in plain(text) for text in texts if text) for part in parts)


def tail(part, target):
    """What of a cell must be found again: of numbers the end (they get a country code), of moments and countries less."""
    if target == "phone":
        return plain(part)[-6:]
    return plain(part)


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(
    targets=st.lists(st.sampled_from(TARGETS), min_size=1, max_size=6),
    cells=st.lists(st.sampled_from([*TEXTS, ""]), min_size=6, max_size=6),
    again=st.lists(st.sampled_from([*TEXTS, ""]), min_size=6, max_size=6),
    rule=st.sampled_from(["always", "empty", "never"]),
)
def test_no_cell_is_lost(bring, targets, cells, again, rule):
    email = f"p{ImportRun.objects.count()}@example.org"
    header = ["Email", *(f"Col{n}x" for n in range(len(targets)))]
    mapping = dict(zip(header, ["email", *targets], strict=True))
    rules = {} if rule == "always" else dict.fromkeys(header[1:], rule)

    for values in (cells, again):
        out = io.StringIO()
        csv.writer(out).writerows([header, [email, *values[: len(targets)]]])
        result = bring(out.getvalue(), mapping=mapping, rules=rules, chosen={"header": header, "header_row": 1})
        reason = result.reasons[2]
        if result.outcomes[2] == "invalid":
            continue
        texts = stored_of(Contact.objects.get(email=email))
        for column, target, cell in zip(header[1:], targets, values, strict=False):
            clean = cell.strip()
            if not clean or not target or column in reason or (target in UNDERSTOOD and clean in {"yes", "no", "[]"}):
                continue
            country = {"Germany": "DE", "de": "DE"}.get(clean, clean) if target == "country" else clean
            moved = target == "opted_in_at" or (target == "attributes" and '"a": 1' in clean) or target in reason
            label = {"given_name": "first name"}.get(target, target)
            assert moved or label in reason or is_stored(country, target, texts), (column, target, cell, texts, reason)
        cells_of_run = result.run.cells
        assert sum(cells_of_run.values()) == len(header)


def test_text_is_kept_as_it_stood(bring):
    bring(
        "Email,Points,Card,Zip,Small\na@example.org,1234567,40012345678,01067,0.10\nb@example.org,12,0012,10115,2.50\n"
    )

    values = {(row.contact.email[0], row.name): (row.text, row.number) for row in FieldValue.objects.all()}
    assert values["a", "Points"] == ("1234567", 1234567.0)
    assert values["a", "Card"] == ("40012345678", None)
    assert values["b", "Card"] == ("0012", None)
    assert values["a", "Zip"] == ("01067", None)
    assert values["a", "Small"] == ("0.10", 0.1)


def test_equal_headers_are_told_apart_and_an_empty_one_overwrites_nothing(bring):
    result = bring("Email,Phone,Phone,Note,Note\nfrida@example.org,+49 30 901820,,a,b\n")

    assert Identity.objects.filter(kind=Identity.Kind.PHONE).get().value == "+4930901820"
    assert {row.name: row.text for row in FieldValue.objects.all()} == {"Note": "a", "Note (2)": "b"}
    assert result.run.dialect["header"] == ["Email", "Phone", "Phone (2)", "Note", "Note (2)"]


def test_a_line_of_totals_makes_nobody(bring):
    result = bring("Kundennummer;E-Mail;Umsatz\n1;a@example.org;5\nSumme:;;5\n;;\n")

    assert (Contact.objects.count(), result.outcomes) == (1, {2: "created", 3: "invalid"})


def test_countries_are_understood_in_several_tongues_or_kept_as_written(bring):
    rows = ["Germany", "DE", "Deutschland", "österreich", "USA", "UK", "Elbonia"]
    result = bring("Email,Country\n" + "".join(f"p{n}@example.org,{one}\n" for n, one in enumerate(rows)))

    assert list(Contact.objects.order_by("pk").values_list("country", flat=True)) == [
        "DE",
        "DE",
        "DE",
        "AT",
        "US",
        "GB",
        "",
    ]
    assert FieldValue.objects.get(name="country as written").text == "Elbonia"
    assert "Elbonia" in result.reasons[8]


@pytest.mark.parametrize(
    ("cell", "numbers", "noted"),
    [
        ("0151 23456789", ["+4915123456789"], False),
        ("4915123456780", ["+4915123456780"], False),
        ("0049 151 23456781", ["+4915123456781"], False),
        ("030/901820-12", ["+493090182012"], False),
        ("030 901821, 030 901822", ["+4930901821", "+4930901822"], False),
        ("030 901821 ext. 12", ["+4930901821"], True),
        ("46705550144", ["+4946705550144"], True),
        ("4.9E+11", [], True),
        ("call me", [], True),
        ("+46 70-555 01 46 ::: +46 70-555 01 47", ["+46705550146", "+46705550147"], False),
    ],
)
def test_phones_are_right_or_noted(bring, cell, numbers, noted):
    result = bring(f'Email,Phone\na@example.org,"{cell}"\n')

    held = Identity.objects.filter(kind=Identity.Kind.PHONE).order_by("pk")
    assert list(held.values_list("value", flat=True)) == numbers
    assert ("Phone:" in result.reasons[2]) == noted


def test_a_phone_is_dialled_where_its_owner_lives_or_where_the_page_says(bring):
    bring("Email,Phone,Country\na@example.org,070-555 01 48,Sweden\n")
    bring("Email,Phone\nb@example.org,070-555 01 49\n", chosen={"region": "SE"})

    assert set(Identity.objects.filter(kind=Identity.Kind.PHONE).values_list("value", flat=True)) == {
        "+46705550148",
        "+46705550149",
    }


def test_a_bad_address_costs_the_address_and_not_the_person(bring):
    result = bring("E-mail Address,First Name,Business Phone\nEX:/o=ExchangeLabs,Jule,030 901841\nEX:/o=x,Nobody,\n")

    assert Contact.objects.get().given_name == "Jule"
    assert "EX:/o=ExchangeLabs" in result.reasons[2]
    assert result.outcomes == {2: "created", 3: "invalid"}


class TestWaysToReach:
    FIRST = "Customer number,Email,Phone,City\nK-1,rosa@example.org,+4930901820,Bern\n"
    THEN = "Customer number,Email,Phone,City\nK-1,rosa.neu@example.org,+4930901821,Basel\n"

    def test_a_new_address_is_used_and_the_report_says_old_and_new(self, bring):
        bring(self.FIRST)

        result = bring(self.THEN)

        rosa = Contact.objects.get()
        assert (rosa.email, rosa.city) == ("rosa.neu@example.org", "Basel")
        assert result.reasons[2] == (
            "email: rosa@example.org → rosa.neu@example.org. phone: +4930901820 → +4930901821. city: Bern → Basel."
        )
        assert set(rosa.identities.exclude(former_since=None).values_list("value", flat=True)) == {
            "rosa@example.org",
            "+4930901820",
        }

    def test_only_if_empty_stands_beside_and_keeps(self, bring):
        bring(self.FIRST)

        result = bring(self.THEN, rules={"Email": "empty", "Phone": "empty", "City": "empty"})

        rosa = Contact.objects.get()
        assert (rosa.email, rosa.city, rosa.identities.filter(former_since=None).count()) == (
            "rosa@example.org",
            "Bern",
            5,
        )
        assert "“Basel” is not taken over" in result.reasons[2]

    def test_never_only_recognises(self, bring):
        bring(self.FIRST)

        result = bring(self.THEN, rules={"Email": "never", "Phone": "never", "City": "never"})

        rosa = Contact.objects.get()
        assert (rosa.email, rosa.city, rosa.identities.count()) == ("rosa@example.org", "Bern", 3)
        assert "rosa.neu@example.org is not taken over" in result.reasons[2]
        assert result.outcomes == {2: "same"}

    def test_the_same_file_again_changes_nothing(self, bring):
        bring(self.FIRST)

        assert bring(self.FIRST).reasons == {2: ""}


@needs_inputs("reports/marketing")
def test_the_reported_files_come_in(bring):
    folder = INPUTS / "reports" / "marketing"
    for path in sorted(folder.glob("*.csv")):
        result = bring(path.read_bytes(), path.name, mapping={"Status": "status"} if "status" in path.name else {})
        assert sum(result.run.cells.values()) > 0
        assert "cannot be stored" not in " ".join(result.reasons.values())
