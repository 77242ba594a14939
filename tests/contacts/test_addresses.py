import pytest

from contacts.addresses import (
    BadAddressError,
    address_hash,
    address_hashes,
    hash_pads,
    normalise_email,
    normalise_phone,
    region_of_zone,
)
from lib.sql import run_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Juergen.Gross@Example.DE", "juergen.gross@example.de"),
        ("asa.lindqvist@example.se\u00a0", "asa.lindqvist@example.se"),
        ("\ufeffada@kettle.example ", "ada@kettle.example"),
        ('"ada"@kettle.example', "ada@kettle.example"),
        ('"ada lovelace"@kettle.example', '"ada lovelace"@kettle.example'),
        ("ada@Müller.example", "ada@xn--mller-kva.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@kettle.example.", "ada@kettle.example"),
        ("priya+news@example.in", "priya+news@example.in"),
        ("JÖRG@example.de", "jörg@example.de"),
    ],
)
def test_one_address_has_one_spelling(typed, kept):
    assert normalise_email(typed) == kept
    assert normalise_email(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "@kettle.example",
        "ada@",
        "tom.nakamura@example",
        "ada@192.0.2.1",
        "a b@kettle.example",
        "ada..b@kettle.example",
        ".ada@kettle.example",
        "ada@kettle.example\nBcc: all@kettle.example",
        "ada@kettle.example\r\n",
        "ada@ket tle.example",
        "ada@-kettle-.example",
        "a" * 65 + "@kettle.example",
        "ada@" + "k" * 250 + ".example",
        "ada,bob@kettle.example",
    ],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(BadAddressError):
        normalise_email(typed)


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    [
        ("+46 70 174 06 05", None, "+46701740605"),
        ("098765 43210", "IN", "+919876543210"),
        ("06-12345678", "NL", "+31612345678"),
        ("0049 30 901820", "DE", "+4930901820"),
        ("'+49 30 901820", None, "+4930901820"),
    ],
)
def test_a_phone_number_becomes_e164(typed, region, kept):
    assert normalise_phone(typed, region) == kept


@pytest.mark.parametrize(("typed", "words"), [("4.91512E+11", "digits are lost"), ("4,91512E+11", "digits are lost")])
def test_a_number_broken_by_a_spreadsheet_is_refused_not_guessed(typed, words):
    with pytest.raises(BadAddressError, match=words):
        normalise_phone(typed, "DE")


def test_a_number_without_country_needs_a_region():
    with pytest.raises(BadAddressError):
        normalise_phone("030 901820")


def test_the_zone_tells_the_region():
    assert (region_of_zone("Europe/Berlin"), region_of_zone("Asia/Kolkata"), region_of_zone("UTC")) == (
        "DE",
        "IN",
        None,
    )


@pytest.mark.django_db
def test_postgresql_computes_the_same_hash():
    sql = """SELECT encode(substr(sha256(%(outer_pad)s::bytea || sha256(%(inner_pad)s::bytea
             || convert_to(%(value)s, 'UTF8'))), 1, 16), 'hex')"""

    ours = [address_hash(one) for one in ("ada@kettle.example", "jörg@example.de")]
    theirs = [run_text(sql, {"value": one, **hash_pads()})[0][0] for one in ("ada@kettle.example", "jörg@example.de")]

    assert ours == theirs


def test_many_addresses_are_hidden_like_each_of_them():
    many = ["ada@kettle.example", "jörg@example.de", "+4915112345678", "a" * 320, ""]

    assert address_hashes(many) == {address_hash(one): one for one in many}
