"""Addresses in one spelling: what was typed, exported or sent becomes one normal form, or nothing.

The normal form is what identities hold and what the suppression list hides, so two spellings of one address are
one address everywhere.
"""

import hmac
import re
import unicodedata
from functools import cache, lru_cache
from hashlib import blake2b, sha256
from importlib.resources import files

import idna
import phonenumbers
from django.conf import settings
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberFormat

from contacts.channels import Channel
from contacts.reserved_ids import names_nobody

INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])
DOT_ATOM = re.compile(r"[^\s\"(),:;<>@\[\\\].\x00-\x1f]+(\.[^\s\"(),:;<>@\[\\\].\x00-\x1f]+)*\Z")
BROKEN_BY_A_SPREADSHEET = re.compile(r"[+']?\d+([.,]\d+)?E[+-]?\d+\Z", re.IGNORECASE)
LONGEST_ADDRESS, LONGEST_LOCAL = 254, 64


class BadAddressError(ValueError):
    """An address that nobody can be reached at; the text says why."""


def normalise_email(text: str) -> str:
    """The one spelling of an email address: lower case, domain as the DNS knows it, no needless quotes.

    Line breaks and control characters are refused wherever they stand (they would write mail headers), other
    white space only inside.
    """
    if any(unicodedata.category(one) == "Cc" for one in text.strip(" \t")):
        raise BadAddressError(_("A line break or control character stands in the address."))
    clean = unicodedata.normalize("NFC", text.translate(INVISIBLE)).strip()
    local, at, domain = clean.rpartition("@")
    if not at or not local:
        raise BadAddressError(_("This is no email address."))
    address = f"{_local_part(local)}@{_domain(domain)}"
    if len(address) > LONGEST_ADDRESS:
        raise BadAddressError(_("The address is too long."))
    return address


def normalise_phone(text: str, region: str | None = None) -> str:
    """A phone number as E.164 (+4930901820); one without a country code is read as dialled in `region`.

    A number that a spreadsheet turned into 4.91512E+11 has lost its digits: it is refused, never guessed.
    """
    clean = unicodedata.normalize("NFKC", text.translate(INVISIBLE)).strip().lstrip("'")
    if BROKEN_BY_A_SPREADSHEET.match(clean):
        raise BadAddressError(
            _("A spreadsheet has broken this number (%(text)s); its digits are lost.") % {"text": clean}
        )
    try:
        number = phonenumbers.parse(clean, region)
    except phonenumbers.NumberParseException as error:
        raise BadAddressError(_("This is no phone number with a country code.")) from error
    if not phonenumbers.is_possible_number(number):
        raise BadAddressError(_("No phone number has this many digits."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def normalise_handle(text: str) -> str:
    """A social handle in one spelling: lower case, without the leading @ (greta@tea.example, greta.bsky.social)."""
    clean = unicodedata.normalize("NFKC", text.translate(INVISIBLE)).strip().lstrip("@").lower()
    if not clean or any(one.isspace() or unicodedata.category(one) == "Cc" for one in clean):
        raise BadAddressError(_("This is no social handle."))
    if names_nobody(clean):
        raise BadAddressError(_("This handle stands for a missing one and names nobody."))
    return clean[:320]


def normalise_for(channel: int, address: str) -> str:
    """The normal form of an address of this channel."""
    if channel in {Channel.MOBILE, Channel.CALL}:
        return normalise_phone(address)
    return normalise_email(address) if channel == Channel.EMAIL else normalise_handle(address)


def address_hash(address: str) -> str:
    """32 hex digits of HMAC-SHA256 that hide a *normalised* address. `hash_pads` lets PostgreSQL do the same sum."""
    return hmac.new(_hash_key(), address.encode(), sha256).hexdigest()[:32]


def hash_pads() -> dict[str, bytes]:
    """The two padded keys of HMAC (RFC 2104), for `sha256(outer || sha256(inner || address))` in SQL."""
    key = _hash_key().ljust(64, b"\0")
    return {"inner_pad": bytes(b ^ 0x36 for b in key), "outer_pad": bytes(b ^ 0x5C for b in key)}


def region_of_zone(zone: str) -> str | None:
    """The country whose clocks run by this time zone: where a number without a country code was dialled."""
    return _regions().get(zone)


def _hash_key() -> bytes:
    return blake2b(settings.ERASURE_KEY.encode(), digest_size=32, person=b"suppression").digest()


def _local_part(local: str) -> str:
    if len(local) >= 2 and local[0] == local[-1] == '"':
        inside = re.sub(r"\\(.)", r"\1", local[1:-1])
        local = inside if DOT_ATOM.match(inside) else local
    elif not DOT_ATOM.match(local):
        raise BadAddressError(_("The part before the @ holds something that no address has."))
    if len(local.encode()) > LONGEST_LOCAL:
        raise BadAddressError(_("The part before the @ is too long."))
    return local.lower()


@lru_cache(maxsize=10_000)  # a file of a million people has few domains, and IDNA is dear (130 µs)
def _domain(domain: str) -> str:
    try:
        ascii_name = idna.encode(domain.strip().rstrip("."), uts46=True, transitional=False).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise BadAddressError(_("The part behind the @ is no domain.")) from error
    top = ascii_name.rpartition(".")
    if not top[1] or top[2].isdigit():
        raise BadAddressError(_("The part behind the @ has no ending such as .com."))
    return ascii_name


@cache
def _regions() -> dict[str, str]:
    """Zone name → ISO country, read from the IANA table in tzdata."""
    lines = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text().splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {cell[2]: cell[0] for cell in cells}
