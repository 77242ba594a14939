"""People as ad networks want them: each value in the network's own spelling, hashed where it asks for hashes.

Sources: Google Ads, "Format your customer data file" (support.google.com/google-ads/answer/7659867) and Customer Match in
the API's guide; Meta, "Customer file custom audiences" (hashing and normalisation). Both tell a person by SHA-256 in
lower-case hexadecimal of UTF-8.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GMAIL = {"gmail.com", "googlemail.com"}
US = "US"


@dataclass(frozen=True, slots=True)
class Person:
    """What is told of somebody: a normalised address, a number in E.164 or "", names as they are, a code of ISO 3166."""

    email: str
    phone: str = ""
    given_name: str = ""
    family_name: str = ""
    country: str = ""
    postcode: str = ""


@dataclass(frozen=True)
class Network:
    """Where a list is uploaded. `columns`: the header that it knows, and how a person stands under it."""

    key: str
    name: str | Promise
    columns: Mapping[str, Callable[[Person], str]]
    steps: Sequence[str | Promise]

    def row(self, person: Person) -> list[str]:
        """One line of its file."""
        return [cell(person) for cell in self.columns.values()]


def hashed(text: str) -> str:
    """SHA-256 of a text in its final spelling; nothing of nothing."""
    return sha256(text.encode()).hexdigest() if text else ""


def plain_address(email: str) -> str:
    """An address trimmed and in lower case."""
    return email.strip().lower()


def google_address(email: str) -> str:
    """The same; at Gmail without dots and without what follows a plus, which lead to the same mailbox."""
    local, _at, domain = plain_address(email).rpartition("@")
    if domain in GMAIL:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}@{domain}"


def digits(phone: str) -> str:
    """A number in E.164 without its plus."""
    return "".join(one for one in phone if one.isascii() and one.isdigit())


def google_name(name: str) -> str:
    """A name in lower case, without blanks around it."""
    return " ".join(name.lower().split())


def meta_name(name: str) -> str:
    """A name in lower case, without blanks, hyphens and other signs."""
    return "".join(one for one in name.lower() if unicodedata.category(one)[0] in "LMN")


def meta_postcode(postcode: str, country: str) -> str:
    """A postcode in lower case without blanks and hyphens; five digits of one in the United States."""
    clean = re.sub(r"[\s-]", "", postcode.lower())
    return clean[:5] if country == US else clean


GOOGLE = Network(
    "google",
    _("Google Ads (customer match)"),
    {
        "Email": lambda one: hashed(google_address(one.email)),
        "Phone": lambda one: hashed(f"+{digits(one.phone)}" if one.phone else ""),
        "First Name": lambda one: hashed(google_name(one.given_name)),
        "Last Name": lambda one: hashed(google_name(one.family_name)),
        "Country": lambda one: one.country.upper(),
        "Zip": lambda one: " ".join(one.postcode.upper().split()),
    },
    (
        _("In Google Ads open Tools, Audience manager, Your data segments, and add a customer list."),
        _("Choose “Upload emails, phones and mailing addresses”, say that the data are hashed, and give it the file."),
    ),
)
META = Network(
    "meta",
    _("Meta (custom audience)"),
    {
        "email": lambda one: hashed(plain_address(one.email)),
        "phone": lambda one: hashed(digits(one.phone)),
        "fn": lambda one: hashed(meta_name(one.given_name)),
        "ln": lambda one: hashed(meta_name(one.family_name)),
        "zip": lambda one: hashed(meta_postcode(one.postcode, one.country.upper())),
        "country": lambda one: hashed(one.country.lower()),
    },
    (
        _("In Meta’s Ads Manager open Audiences, and create a custom audience from a customer list."),
        _("Give it the file; the columns are named as Meta names them, and it sees that they are hashed."),
    ),
)
PLAIN = Network(
    "file",
    _("A file for another network"),
    {
        "email_sha256": lambda one: hashed(plain_address(one.email)),
        "phone_sha256": lambda one: hashed(digits(one.phone)),
        "first_name_sha256": lambda one: hashed(google_name(one.given_name)),
        "last_name_sha256": lambda one: hashed(google_name(one.family_name)),
        "country": lambda one: one.country.upper(),
        "postcode": lambda one: " ".join(one.postcode.split()),
    },
    (_("Upload the file where the network takes lists of customers, and say that it is hashed by SHA-256."),),
)
NETWORKS = {one.key: one for one in (GOOGLE, META, PLAIN)}
