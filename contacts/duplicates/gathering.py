"""What is known of everybody, as columns: names, addresses, places, and the custom fields that tell people apart."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contacts.duplicates.columns import PLACES, Column, make_columns
from contacts.folding import fold
from contacts.models import Contact, FieldValue, Identity
from lib.sql import run_sql
from workspaces.current import current_workspace_id

# What belongs to a person for good. A favourite tea, a number of points or a last visit say nothing about who it is.
PERMANENT = re.compile(
    r"birth|geburt|\bdob\b|ssn|soc.?sec|social.?sec|passport|ausweis|tax.?(id|no|num)|steuer|versicherung|insurance"
    r"|licen[cs]e|member.?(id|no|num)|mitglied|kunden|customer.?(id|no|num)|personal.?(id|no|num)|phone|mobile|mobil|tel"
    r"|handy|vat",
    re.IGNORECASE,
)
# Mailboxes of a function: whoever shares one shares an office.
FUNCTIONS = frozenset(
    {
        "info", "office", "mail", "email", "kontakt", "contact", "hello", "hallo", "sales", "vertrieb", "shop", "service",
        "support", "admin", "team", "post", "buero", "billing", "accounts", "rechnung", "buchhaltung", "einkauf",
        "orders", "bestellung", "marketing", "presse", "press", "jobs", "hr", "noreply", "no-reply", "webmaster",
        "postmaster", "abuse", "newsletter",
    }
)  # fmt: skip
MOST_LETTERS = 120
OWN = ("given_name", "family_name", "city")


@dataclass(frozen=True)
class Gathered:
    """Everybody's id, in one order, and what is compared of them in the same."""

    ids: Sequence[int]
    columns: Mapping[str, Column]


def gather(contact_ids: Iterable[int] | None = None) -> Gathered:
    """The known people (or these of them) and their columns; who was merged into somebody speaks with that one."""
    rows = Contact.objects.filter(is_anonymous=False, erased_at=None)
    if contact_ids is not None:
        rows = rows.filter(pk__in=list(contact_ids))
    linked = dict(run_sql("contacts/all_links", {"workspace": current_workspace_id()}))
    ids: list[int] = []
    texts: dict[str, list[str]] = {name: [] for name in (*OWN, "email")}
    for pk, name, given, family, city, email in rows.order_by("pk").values_list(
        "pk", "name", "given_name", "family_name", "city", "email"
    ):
        if pk in linked:
            continue
        ids.append(pk)
        first, last = (given, family) if given or family else split_name(name)
        for column, text in zip(texts.values(), (fold(first), fold(last), fold(city), own_mailbox(email)), strict=True):
            column.append(text.strip())
    shared = _shared()
    texts["email"] = ["" if email in shared else email for email in texts["email"]]
    places = {pk: place for place, pk in enumerate(ids)}
    _add(texts, len(ids), _fields(places), places)
    _add(texts, len(ids), _phones(places), places)
    return Gathered(ids, make_columns(texts))


def split_name(name: str) -> tuple[str, str]:
    """First and last name of a whole one: "Greta Maria Lindqvist", "Lindqvist, Greta". One word is a last name."""
    last, comma, first = name.partition(",")
    if comma:
        return first.strip(), last.strip()
    first, _space, last = name.strip().rpartition(" ")
    return first, last


def own_mailbox(email: str) -> str:
    """The address, or "" where it is a function's."""
    return "" if is_function(email) else email.lower()


def is_function(email: str) -> bool:
    """Whether the mailbox is a function's, such as info@: who writes there reaches an office."""
    return email.partition("@")[0].partition("+")[0].lower() in FUNCTIONS


def tells_apart(field: str) -> bool:
    """Whether a custom field of this name says who somebody is."""
    return bool(PLACES.search(field) or PERMANENT.search(field))


def _fields(places: Mapping[int, int]) -> Iterable[tuple[int, str, str]]:
    names = FieldValue.objects.order_by("name").values_list("name", flat=True).distinct()
    wanted = [name for name in names if tells_apart(name)]
    rows = FieldValue.objects.filter(name__in=wanted).exclude(text="").values_list("contact_id", "name", "text")
    yield from ((contact, name, fold(text).strip()[:MOST_LETTERS]) for contact, name, text in rows.iterator(5_000))


def _phones(places: Mapping[int, int]) -> Iterable[tuple[int, str, str]]:
    phones = Identity.objects.filter(kind=Identity.Kind.PHONE, former_since=None, shared_key=0)
    rows = phones.order_by("-pk")
    yield from ((contact, "phone", value) for contact, value in rows.values_list("contact_id", "value").iterator(5_000))


def _shared() -> set[str]:
    """The emails that more people than one use, folded."""
    rows = Identity.objects.filter(kind=Identity.Kind.EMAIL, shared_key__gt=0)
    return {fold(value).strip() for value in rows.values_list("value", flat=True)}


def _add(
    texts: dict[str, list[str]], count: int, rows: Iterable[tuple[int, str, str]], places: Mapping[int, int]
) -> None:
    for contact, name, text in rows:
        place = places.get(contact)
        if place is not None:
            texts.setdefault(name, [""] * count)[place] = text
