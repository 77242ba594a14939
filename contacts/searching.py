"""Finding people by the beginning of a word (name, email, phone digits, customer number, handle, company they are at), or by
the whole value of a custom field such as a card's number.

Each contact has its words in SearchTerm; a prefix is a range over plain text, so the index works under row security.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from contacts.addresses import national_number
from contacts.fields import Place, names_at
from contacts.folding import fold, folded
from contacts.models import FieldValue, Identity
from lib.sql import array_of, copy_columns, run_sql, run_text
from workspaces.current import current_workspace_id

LONGEST_TERM, MOST_WORDS = 120, 6
LONGEST_VALUE = FieldValue._meta.get_field("folded").max_length or 0
PARTS = re.compile(r"[._+-]")
EMAIL, PHONE = int(Identity.Kind.EMAIL), int(Identity.Kind.PHONE)
UNREADABLE = (Identity.Kind.DEVICE, Identity.Kind.PUSH)  # nobody knows one by its value
AFTER_EVERYTHING = "\U0010ffff"


def index_people(contact_ids: Sequence[int]) -> None:
    """Bring the words of these contacts in line with what they are called, and the companies they are at; four statements,
    may be repeated.
    """
    these = sorted(set(contact_ids))
    if not these:
        return
    words: dict[int, set[str]] = defaultdict(set)
    names = names_at(Place.SEARCH)
    people = {"workspace": current_workspace_id(), "contacts": array_of(these)}
    for pk, erased_at, *values in run_sql("contacts/read_people", people, columns=", ".join(["erased_at", *names])):
        if erased_at is None:
            words[pk] = words_of(dict(zip(names, values, strict=True)), ())
    for pk, kind, value in run_sql("contacts/read_identities", people):
        if pk in words and kind not in UNREADABLE:
            words[pk].update(terms_of(kind, value))
    for pk, company in run_sql("contacts/read_companies", people):
        if pk in words:
            words[pk] |= terms_of_name(company)
    ids, terms = _pairs(words.items())
    run_sql("contacts/keep_terms", people | {"ids": array_of(ids), "terms": json.dumps(terms)})


def index_new(
    people: Iterable[tuple[int, Mapping[str, str], Iterable[tuple[int, str]]]],
    companies: Mapping[int, Iterable[str]] | None = None,
) -> None:
    """The words of contacts made in this transaction, who have none yet: (id, own fields, identities). One statement.

    `companies`: contact → names of the companies they are at, where there are any.
    """
    names = names_at(Place.SEARCH)
    words = (
        (pk, words_of({name: fields[name] for name in names if name in fields}, identities))
        for pk, fields, identities in people
    )
    ids, terms = _pairs(_with_companies(words, companies) if companies else words)
    if ids:
        copy_columns("contacts_stage_terms", ids, terms)
        run_sql("contacts/load_terms", {"workspace": current_workspace_id()})


def _with_companies(
    words: Iterable[tuple[int, set[str]]], companies: Mapping[int, Iterable[str]]
) -> Iterator[tuple[int, set[str]]]:
    for pk, terms in words:
        yield pk, terms.union(*(terms_of_name(name) for name in companies.get(pk, ())))


def words_of(fields: Mapping[str, str | None], identities: Iterable[tuple[int, str]]) -> set[str]:
    """The words by which somebody with these fields and (kind, value) identities is found.

    Without those that begin another of them, as far as that is known at once: they find nothing more (`_pairs`).
    """
    words: set[str] = set()
    given, family = fields.get("given_name"), fields.get("family_name")
    both = f"{given} {family}" if given and family else ""
    for name, value in fields.items():
        # A name that is made of both, in plain letters, has their words and no others.
        if value and name != "email" and not (name == "name" and value == both and both.isascii()):
            words |= terms_of_name(value)
    email = fields.get("email") or ""
    if email:
        words.update(terms_of(EMAIL, email))
    for kind, value in identities:
        if kind != EMAIL or value != email:
            words.update(terms_of(kind, value))
    return words


def _pairs(words: Iterable[tuple[int, set[str]]]) -> tuple[list[int], list[str]]:
    """Contacts and a word of each; a word that another one of theirs begins with finds nothing more, and is left."""
    ids, kept = list[int](), list[str]()
    for pk, terms in words:
        longer = ""
        for term in sorted(terms, reverse=True):
            if not longer.startswith(term):
                ids.append(pk)
                kept.append(term)
                longer = term
    return ids, kept


def find_people(text: str, *, limit: int = 20) -> list[int]:
    """Contact ids that fit every word of `text`, in the order of their ids; empty for an empty text."""
    sql, params = search_sql(text)
    if not sql:
        return []
    rows = run_text(f"{sql} ORDER BY 1 LIMIT %(limit)s", params | {"limit": limit})
    return [row[0] for row in rows]


def search_sql(text: str) -> tuple[str, dict[str, object]]:
    """A SELECT of contact ids (column contact_id) that fit every word of `text`, with its parameters.

    What may be a phone number or another number with spaces in it is looked for as it is typed, and as one word.
    """
    words = words_of_query(text)
    if not words:
        return "", {"workspace": current_workspace_id()}
    params: dict[str, object] = {"workspace": current_workspace_id(), "whole": folded(text, LONGEST_VALUE)}
    ways = [_fitting(words, "word", params)]
    if one := _as_one_number(text):
        ways.append(_fitting([one], "number", params))
    if any(letter.isdigit() for letter in text):
        ways.append(
            "SELECT v.contact_id FROM contacts_fieldvalue v WHERE v.workspace_id = %(workspace)s AND v.folded = %(whole)s"
        )
    return " UNION ".join(f"({way})" for way in ways), params


def words_of_query(text: str) -> list[str]:
    """The words somebody searches by, as they are typed."""
    return [word.lstrip("@+")[:LONGEST_TERM] for word in fold(text).split() if word.lstrip("@+")][:MOST_WORDS]


def _as_one_number(text: str) -> str:
    """The digits of what may be a phone number, dialled in any way; "" for anything else."""
    digits = "".join(one for one in text if one.isdigit())
    is_one = len(digits) >= 5 and not any(one.isalpha() or one == "@" for one in text)
    return (digits.lstrip("0") or digits)[:LONGEST_TERM] if is_one else ""


def _fitting(words: Sequence[str], name: str, params: dict[str, object]) -> str:
    """Who has a term that begins with each of these words; fills the parameters."""
    parts = []
    for number, word in enumerate(words):
        params |= {f"{name}_{number}": word, f"{name}_{number}_end": word + AFTER_EVERYTHING}
        parts.append(
            f"SELECT DISTINCT t.contact_id FROM contacts_searchterm t WHERE t.workspace_id = %(workspace)s"
            f" AND t.term >= %({name}_{number})s AND t.term < %({name}_{number}_end)s"
        )
    return " INTERSECT ".join(parts)


@lru_cache(maxsize=20_000)  # first and last names repeat
def terms_of_name(name: str) -> frozenset[str]:
    """Each word of a name, folded, also the parts of a double name."""
    words = fold(name).split()
    return frozenset(part[:LONGEST_TERM] for word in words for part in [word, *word.replace("-", " ").split()] if part)


def terms_of(kind: int, value: str) -> list[str]:
    """The words by which an identity is found; of an email not the words that the address itself begins with."""
    if not value:
        return []
    whole = fold(value)
    if kind == EMAIL:
        local, _at, domain = whole.rpartition("@")
        parts = [] if local.isalnum() else PARTS.split(local)[1:]
        return [whole, domain] if domain and not parts and len(whole) <= LONGEST_TERM else _cut([whole, domain, *parts])
    if kind == PHONE:
        return _cut([value.lstrip("+"), national_number(value)])
    return _cut([whole, whole.lstrip("@+")])


def _cut(terms: Iterable[str]) -> list[str]:
    return [term[:LONGEST_TERM] for term in terms if term]
