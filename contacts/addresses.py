"""Addresses in one spelling: what was typed, exported or sent becomes one normal form, or nothing.

The normal form is what identities hold and what the suppression list hides, so two spellings of one address are
one address everywhere.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b, sha256
from importlib.resources import files

import idna
import phonenumbers
from django.conf import settings
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberFormat

from contacts.channels import identity_kind_of
from contacts.models import Identity
from contacts.reserved_ids import names_nobody

INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])
DOT_ATOM = re.compile(r"[^\s\"(),:;<>@\[\\\].\x00-\x1f]+(\.[^\s\"(),:;<>@\[\\\].\x00-\x1f]+)*\Z")
# What nearly every address and number looks like: of these the long way makes the same, only lower case and the domain's.
PLAIN_EMAIL = re.compile(r"([A-Za-z0-9_+'-]{1,64}(?:\.[A-Za-z0-9_+'-]+)*)@([A-Za-z0-9.-]+)\Z")
PLAIN_PHONE = re.compile(r"\+[1-9][0-9]{6,14}\Z")
BROKEN_BY_A_SPREADSHEET = re.compile(r"[+']?\d+([.,]\d+)?E[+-]?\d+\Z", re.IGNORECASE)
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
LONGEST_ADDRESS, LONGEST_LOCAL = 254, 64


class BadAddressError(ValueError):
    """An address that nobody can be reached at; the text says why."""


def plain_email(text: str) -> str | None:
    """What `normalise_email` makes of an address of plain letters, digits and dots; None says nothing about others."""
    plain = PLAIN_EMAIL.match(text)
    if plain is None or len(text) > LONGEST_ADDRESS or len(plain[1]) > LONGEST_LOCAL:
        return None
    try:
        address = f"{plain[1].lower()}@{_domain(plain[2])}"
    except BadAddressError:
        return None
    return address if len(address) <= LONGEST_ADDRESS else None


def plain_phone(text: str) -> str | None:
    """What `normalise_phone` makes of a number in plain E.164, which is the number itself; None says nothing about others.

    Such a number is looked at by what phonenumbers knows of its country: how many digits there are, and which first
    ones are dialled without being part of it. That is all that a parse of it comes to, which costs 40 times as much.
    """
    if PLAIN_PHONE.match(text) is None:
        return None
    country = country_of_number(text)
    if country is None or not country.is_plain(text[len(country.code) + 1 :]):
        return None
    return text


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """How numbers of one calling code look behind it, as far as phonenumbers tells."""

    code: str
    lengths: frozenset[int]
    dialled_first: re.Pattern[str] | None

    def is_plain(self, digits: str) -> bool:
        """Whether the digits behind the calling code are as many as there are, and none of them is dialled only."""
        if len(digits) not in self.lengths or digits[0] == "0":
            return False
        return self.dialled_first is None or self.dialled_first.match(digits) is None


def country_of_number(number: str) -> NumberingPlan | None:
    """The numbering plan of a number that begins with + and a calling code."""
    return _country(number[1:4])


def national_number(number: str) -> str:
    """The digits of a number in E.164 behind its calling code, without zeros in front; "" for what is no number."""
    if plain_phone(number):
        plan = country_of_number(number)
        return number[len(plan.code) + 1 :] if plan else ""
    try:
        return str(phonenumbers.parse(number).national_number or "")
    except phonenumbers.NumberParseException:
        return ""


def normalise_email(text: str) -> str:
    """The one spelling of an email address: lower case, domain as the DNS knows it, no needless quotes.

    Line breaks and control characters are refused wherever they stand (they would write mail headers), other
    white space only inside.
    """
    if plain := plain_email(text):
        return plain
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
    if plain := plain_phone(text):
        return plain
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


def normalise_digest(text: str) -> str:
    """What stands for a browser that takes notifications: 64 hex digits, made when it allows them."""
    clean = text.strip().lower()
    if DIGEST.match(clean) is None:
        raise BadAddressError(_("A browser allows notifications by itself; it has no address to enter."))
    return clean


def normalise_for(channel: int, address: str) -> str:
    """The normal form of an address of this channel."""
    kind = identity_kind_of(channel)
    if kind == Identity.Kind.PHONE:
        return normalise_phone(address)
    if kind == Identity.Kind.PUSH:
        return normalise_digest(address)
    return normalise_email(address) if kind == Identity.Kind.EMAIL else normalise_handle(address)


def address_hash(address: str) -> str:
    """32 hex digits of HMAC-SHA256 that hide a *normalised* address. `hash_pads` lets PostgreSQL do the same sum."""
    return hmac.digest(_hash_key(), address.encode(), "sha256").hex()[:32]


def address_hashes(addresses: Iterable[str]) -> dict[str, str]:
    """`address_hash` of each of these: hash → address. Each goes on from the padded keys: half of an HMAC from its start."""
    inner, outer = (sha256(pad) for pad in hash_pads().values())
    hashes: dict[str, str] = {}
    for address in addresses:
        inside, whole = inner.copy(), outer.copy()
        inside.update(address.encode())
        whole.update(inside.digest())
        hashes[whole.hexdigest()[:32]] = address
    return hashes


def hash_pads() -> dict[str, bytes]:
    """The two padded keys of HMAC (RFC 2104), for `sha256(outer || sha256(inner || address))` in SQL."""
    key = _hash_key().ljust(64, b"\0")
    return {"inner_pad": bytes(b ^ 0x36 for b in key), "outer_pad": bytes(b ^ 0x5C for b in key)}


def region_of_zone(zone: str) -> str | None:
    """The country whose clocks run by this time zone: where a number without a country code was dialled."""
    return _regions().get(zone)


def _hash_key() -> bytes:
    return _derived(settings.ERASURE_KEY)


@lru_cache(maxsize=4)
def _derived(secret: str) -> bytes:
    return blake2b(secret.encode(), digest_size=32, person=b"suppression").digest()


@lru_cache(maxsize=2_000)
def _country(first: str) -> NumberingPlan | None:
    """By the three digits behind the +: a calling code has one to three."""
    return next((plan for end in (1, 2, 3) if (plan := _plan(first[:end])) is not None), None)


@lru_cache(maxsize=2_000)
def _plan(code: str) -> NumberingPlan | None:
    """The numbering plan of a calling code, None where there is none."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code.isdigit() else None
    if not regions:
        return None
    known = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
    if known is None or known.general_desc is None:
        return None
    first = known.national_prefix_for_parsing
    return NumberingPlan(code, frozenset(known.general_desc.possible_length), re.compile(first) if first else None)


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
