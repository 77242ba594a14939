"""Amounts, currencies and numbers of orders as shops write them; what is doubtful is refused with its reason, not guessed."""

import re

from django.utils.translation import gettext as _

from contacts.addresses import BROKEN_BY_A_SPREADSHEET
from contacts.reserved_ids import names_nobody
from lib.foreign.cleaning import to_line
from touchpoints.money import read_milli, read_minor

# ISO 4217, without what only banks count in
ISO_4217 = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
"""
CURRENCIES = frozenset(ISO_4217.split())
# What a sign may mean; where it is several, the workspace's own currency decides, if it is one of them
SIGNS = {
    "€": "EUR", "£": "GBP", "$": "USD CAD AUD NZD SGD HKD MXN", "¥": "JPY CNY", "₹": "INR", "₽": "RUB", "₩": "KRW",
    "₺": "TRY", "₫": "VND", "₴": "UAH", "₦": "NGN", "₱": "PHP", "฿": "THB", "kr": "SEK NOK DKK ISK", "fr": "CHF",
    "sfr": "CHF", "zł": "PLN", "kč": "CZK", "ft": "HUF", "lei": "RON", "euro": "EUR", "us$": "USD",
}  # fmt: skip
LONGEST_NUMBER = 80
MOST_QUANTITY = 10**10  # thousandths
PLAIN_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,2})?\Z")
WITHOUT_UNIT = re.compile(r"[\d.,'’\s\u00a0\u202f()+-]+")


class BadCellError(ValueError):
    """A cell that cannot be read as what its column is; the text says why, in a sentence for whoever sent the file."""


def read_amount(text: str, *, decimal_comma: bool, home: str) -> tuple[int, str]:
    """Hundredths, and the currency that stands beside the amount ("" where none does). BadCellError.

    `home` is the currency of whoever has not said another: it tells which dollar a "$" is.
    """
    if PLAIN_AMOUNT.match(text):  # nearly every one
        whole, _point, part = text.partition(".")
        return int(whole + part.ljust(2, "0")), ""
    minor = read_minor(text.removeprefix("'"), decimal_comma=decimal_comma)
    if minor is None:
        raise BadCellError(_("“%(text)s” is no amount.") % {"text": text[:40]})
    unit = WITHOUT_UNIT.sub("", text)
    return minor, read_currency(unit, home=home) if unit else ""


def read_sum(text: str, *, decimal_comma: bool, home: str) -> tuple[int, str]:
    """As `read_amount`, of what cannot be below zero. BadCellError."""
    minor, currency = read_amount(text, decimal_comma=decimal_comma, home=home)
    if minor < 0:
        words = _("“%(text)s” is below zero: say by the status, or in a column of its own, what was paid back.")
        raise BadCellError(words % {"text": text[:40]})
    return minor, currency


def read_currency(text: str, *, home: str) -> str:
    """A currency's code. BadCellError for one that nobody knows, or that may be several."""
    code = text.strip().upper()
    if code in CURRENCIES:
        return code
    meant = SIGNS.get(text.strip().rstrip(".").casefold(), "").split()
    if len(meant) == 1 or home in meant:
        return home if home in meant else meant[0]
    if meant:
        words = _("“%(text)s” may be several currencies: write the code, such as %(code)s.")
        raise BadCellError(words % {"text": text[:10], "code": meant[0]})
    raise BadCellError(_("“%(text)s” is no currency we know. Write its code, such as EUR.") % {"text": text[:20]})


def read_order_number(text: str) -> str:
    """The number of an order as it is shown. BadCellError for one that a spreadsheet broke, and for "undefined"."""
    number = line_of(text.removeprefix("'"), LONGEST_NUMBER + 1)
    if BROKEN_BY_A_SPREADSHEET.match(number):
        words = _("A spreadsheet has broken the order number %(text)s: its digits are lost. Export the file again.")
        raise BadCellError(words % {"text": number[:40]})
    if len(number) > LONGEST_NUMBER:
        raise BadCellError(_("The order number is longer than %(n)d letters.") % {"n": LONGEST_NUMBER})
    if names_nobody(number.lstrip("#")):
        raise BadCellError(_("“%(text)s” is no order number.") % {"text": text[:40]})
    return number


def line_of(text: str, longest: int) -> str:
    """Foreign text on one line; what is plain already stays as it is."""
    if len(text) <= longest and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return to_line(text, longest)


def read_quantity(text: str, *, decimal_comma: bool) -> int:
    """How many, in thousandths. BadCellError."""
    milli = read_milli(text.removeprefix("'"), decimal_comma=decimal_comma)
    if milli is None or WITHOUT_UNIT.sub("", text) or abs(milli) > MOST_QUANTITY:
        raise BadCellError(_("“%(text)s” is no quantity.") % {"text": text[:40]})
    return milli
