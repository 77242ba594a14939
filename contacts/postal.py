"""Postal addresses: city and country of the table of fields, street and postcode of the workspace's own fields.

Those are custom fields that bear one of the usual names ("Street", "postal_code", "PLZ"), whatever their case and signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from lib.sql import array_of, array_of_texts, load_sql, run_sql
from workspaces.current import current_workspace_id

STREETS = ("street", "streetaddress", "address", "address1", "addressline1", "straße", "strasse", "anschrift")
POSTCODES = ("postcode", "postalcode", "zip", "zipcode", "plz", "postleitzahl")


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where letters to somebody go; `country` is a code of ISO 3166, "" where it is not known."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""

    @classmethod
    def read(cls, text: str) -> "PostalAddress":
        """One of its text, as the gate gives it: a part a line."""
        return cls(*(text.split("\n") + [""] * 4)[:4])


def postal_addresses(contact_ids: Sequence[int]) -> dict[int, PostalAddress]:
    """Contact → their address, as far as it is known. One statement."""
    params = postal_params() | {"workspace": current_workspace_id(), "contacts": array_of(contact_ids)}
    rows = run_sql("contacts/postal_addresses", params, parts=_parts("c.id"))
    return {pk: PostalAddress(*parts) for pk, *parts in rows}


def postal_sql(contact: str) -> str:
    """The address of a row of contacts as one text, street, postcode, city and country a line each; '' unless it is whole.

    Needs `postal_params` and %(workspace)s; `contact` is the row's name.
    """
    whole = f"concat_ws(E'\\n', parts.street, parts.postcode, btrim({contact}.city), btrim({contact}.country))"
    has_all = f"parts.street <> '' AND parts.postcode <> '' AND btrim({contact}.city) <> ''"
    return f"(SELECT CASE WHEN {has_all} THEN left({whole}, 254) ELSE '' END FROM ({_parts(f'{contact}.id')}) AS parts)"


def postal_params() -> dict[str, str]:
    """What the statements of this module need: the usual names of fields."""
    return {"streets": array_of_texts(list(STREETS)), "postcodes": array_of_texts(list(POSTCODES))}


@cache
def _parts(contact: str) -> str:
    return load_sql("contacts/postal_parts", contact=contact)
