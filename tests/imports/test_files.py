"""How a file is written is found, shown, and chosen by hand: encoding, separator, header line; workbooks and vCards."""

import io
from contextlib import suppress
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from contacts.models import Contact, FieldValue, Identity
from imports.models import ImportRun
from imports.reading import UnusableFileError
from imports.sniffing import sniff
from imports.starting import check_file
from workspaces.current import working_in

HERE = "/w/kettle/contacts/imports/"


@pytest.fixture
def sniffed(tmp_path):
    def look(data, **chosen):
        path = tmp_path / "file.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return sniff(path, chosen)

    return look


@pytest.mark.parametrize(
    ("text", "row", "header", "delimiter"),
    [
        ("sep=;\r\nE-Mail;Name\r\na@b.example;A\r\n", 2, ["E-Mail", "Name"], ";"),
        ("Newsletter people 2026,,\n,,\nEmail,Name,City\na@b.example,A,B\n", 3, ["Email", "Name", "City"], ","),
        ("\nEmail,Name\na@b.example,A\n", 2, ["Email", "Name"], ","),
        ("hugo@b.example,Hugo\nida@b.example,Ida\n", 0, ["Column 1", "Column 2"], ","),
        ("Email,,Name\na@b.example,x,A\n", 1, ["Email", "Column 2", "Name"], ","),
        ('Email;"a,b,c";Name\na@b.example;x;A\n', 1, ["Email", "a,b,c", "Name"], ";"),
    ],
)
def test_the_line_that_names_the_columns_is_found(sniffed, text, row, header, delimiter):
    found = sniffed(text)

    assert (found.header_row, found.header, found.delimiter) == (row, header, delimiter)


@pytest.mark.parametrize("line", ['sep="', "sep=\r", "sep=\0"])
def test_a_separator_that_none_can_be_is_refused_or_passed_over(sniffed, line):
    with suppress(UnusableFileError):
        assert sniffed(f"{line}\nEmail,Name\na@b.example,A\n").delimiter == ","


def test_what_is_chosen_stands(sniffed):
    text = "Email;Imię\na@b.example;Łukasz\n".encode("cp1250")

    assert (sniffed(text).encoding, sniffed(text).is_sure) == ("cp1252", False)
    found = sniffed(text, encoding="cp1250", header_row=0, month_first=True, region="PL")
    assert (found.encoding, found.header, found.month_first, found.region) == (
        "cp1250",
        ["Column 1", "Column 2"],
        True,
        "PL",
    )


@pytest.mark.parametrize(
    ("rows", "month_first", "comma"),
    [("4/23/1980,x\n1/2/2000,x", True, False), ("23/4/1980,x", False, False), ("1/2/2000,1.5", False, False)],
)
def test_the_order_of_dates_is_found_over_the_file(sniffed, rows, month_first, comma):
    found = sniffed(f"Day,What\n{rows}\n")

    assert (found.month_first, found.decimal_comma) == (month_first, comma)


def test_a_huge_cell_costs_its_row_and_a_stray_quote_shows_its_text(bring):
    huge = f'b@example.org,"{"y" * 200_000}"\n'
    result = bring(
        "Email,Notes\na@example.org,short\n" + huge + '"d@example.org","Anna "Annie" Berg"\nc@example.org,short\n'
    )

    assert sorted(Contact.objects.values_list("email", flat=True)) == ["a@example.org", "c@example.org"]
    assert result.outcomes == {2: "created", 3: "invalid", 4: "invalid", 5: "created"}
    assert result.run.rows.get(line=4).raw == ['"d@example.org","Anna "Annie" Berg"']


def workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["E-Mail", "Vorname", "Nachname", "Telefon", "Punkte", "Seit", "PLZ", "Code"])
    sheet.append(["xenia@post.example", "Xenia", "Brandt", "+49 341 5550121", 1234567, date(2024, 1, 5), "01067", 12])
    sheet.append(
        [
            "yusuf@post.example",
            "Yusuf",
            "Aydın",
            4934155501220,
            12.5,
            datetime.fromisoformat("2023-12-31 14:30"),
            "04109",
            7,
        ]
    )
    for row in sheet["H2:H3"]:
        row[0].number_format = "00000"
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_with_its_zeros_digits_and_days(bring):
    result = bring(workbook(), "people.xlsx")

    values = {(row.contact.given_name, row.name): row for row in FieldValue.objects.all()}
    assert result.outcomes == {2: "created", 3: "created"}
    assert values["Xenia", "Punkte"].text == "1234567"
    assert (values["Yusuf", "Punkte"].text, values["Yusuf", "Punkte"].number) == ("12.5", 12.5)
    assert values["Xenia", "Seit"].moment.isoformat() == "2024-01-04T23:00:00+00:00"
    assert (values["Xenia", "PLZ"].text, values["Xenia", "Code"].text) == ("01067", "00012")
    assert Identity.objects.filter(value="+4934155501220").exists()


CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
FN:Orvar Strand\r
N:Strand;Orvar;;;\r
item1.EMAIL;TYPE=INTERNET:orvar@example.org\r
EMAIL;TYPE=HOME:orvar.home@example.org\r
TEL;TYPE=CELL:+46705550149\r
ADR;TYPE=HOME:;;Storgatan 1;Umeå;;90325;Sweden\r
CATEGORIES:VIP,Tea\\, green\r
NOTE:first line\\nsecond\r
 line\r
PHOTO;ENCODING=b:AAAA\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=96hman;Moa;;;\r
TEL;CELL:070-555 01 50\r
END:VCARD\r
"""


def test_vcards_are_read(bring):
    bring(CARDS, "contacts.vcf", chosen={"region": "SE"})

    orvar = Contact.objects.get(email="orvar@example.org")
    assert (orvar.name, orvar.city, orvar.country) == ("Orvar Strand", "Umeå", "SE")
    assert set(orvar.tags.values_list("name", flat=True)) == {"VIP", "Tea, green"}
    assert orvar.field_values.get(name="Note").text == "first line\nsecondline"
    assert orvar.identities.filter(value="orvar.home@example.org").exists()
    assert Identity.objects.get(value="+46705550150").contact.name == "Moa Öhman"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel"),
        (b"PK\x03\x04 not a zip", "no text|header"),
        (b"\x89PNG\r\n\x1a\n" + b"\0\1" * 5_000, "no text"),
    ],
)
def test_other_kinds_are_refused_in_words(data, words):
    with pytest.raises(UnusableFileError, match=words):
        check_file(io.BytesIO(data + b"\0" * 20))


class TestThePage:
    @pytest.fixture
    def uploaded(self, as_ada, kettle, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path

        def send(data):
            answer = as_ada.post(HERE, {"file": SimpleUploadedFile("people.csv", data)})
            with working_in(kettle):
                return answer.url, ImportRun.objects.order_by("-pk").first()

        return send

    def test_another_encoding_changes_the_sample(self, uploaded, as_ada):
        url, run = uploaded("Email;Imię\na@example.org;Łukasz\n".encode("cp1250"))
        assert "Łukasz" not in as_ada.get(url).text
        how = {"encoding": "cp1250", "delimiter": ";", "header_row": "1", "region": "PL"}

        page = as_ada.post(f"{HERE}{run.pk}/reading/", how, headers={"HX-Request": "true"})

        assert (page.status_code, "Łukasz" in page.text, "<html" in page.text) == (200, True, False)
        assert as_ada.post(f"{HERE}{run.pk}/reading/", how | {"encoding": "klingon"}).status_code == 422
        assert as_ada.post(f"{HERE}{run.pk}/reading/", how).url == url

    def test_a_status_column_is_asked_for(self, uploaded, as_ada, kettle):
        url, run = uploaded(b"Email,Status\na@example.org,subscribed\nb@example.org,evtl.\nc@example.org,bounced\n")
        basis = {
            "mode": "upsert",
            "basis": "consent",
            "proof": "They signed the list.",
            "topic_key": "letter",
            "column_0": "email",
        }
        assert "This column may say who must not be emailed." in as_ada.get(url).text

        asked = as_ada.post(url, basis | {"column_1": "ask", "start": ""})
        tried = as_ada.post(url, basis | {"column_1": "status", "word_1_1": "yes", "try": ""})

        assert (asked.status_code, "“Status” may say who must not be emailed" in asked.text) == (422, True)
        assert "address does not work" in tried.text
        with working_in(kettle):
            run.refresh_from_db()
        assert run.answers == {"Status": {"evtl.": "yes"}}


def test_a_type_belongs_to_the_field_and_not_to_the_file(bring):
    first = bring("Email,Points,Plan,Since\na@example.org,12,gold,2024-03-01\n")
    second = bring(
        "Email,Points,Plan,Since\nb@example.org,many,7,soon\nc@example.org,8,9,2025-01-02\nd@example.org,some,3,never\n"
    )

    assert [run.run.mapping[name] for run in (first, second) for name in ("Points", "Plan", "Since")] == [
        "field_number", "field", "field_date", "field_number", "field", "field_date",
    ]  # fmt: skip
    assert FieldValue.objects.get(name="Points", contact__email="c@example.org").number == 8
    assert FieldValue.objects.get(name="Points", contact__email="b@example.org").text == "many"
    assert "kept as text" in second.reasons[2]


def test_a_field_of_mixed_values_is_text(bring):
    bring("Email,Points\na@example.org,12\n")
    bring("Email,Points\nb@example.org,many\n")

    assert bring("Email,Points\nc@example.org,9\n").run.mapping["Points"] == "field"
