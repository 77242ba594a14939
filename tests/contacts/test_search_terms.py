"""The words by which people are found, as they are written, against all that a plain reading finds."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.addresses import national_number
from contacts.folding import fold
from contacts.searching import EMAIL, LONGEST_TERM, PHONE, _pairs, words_of

NAMES = st.text(st.sampled_from("abZß éŁ-. \u0301İ"), max_size=12)
LOCALS = st.from_regex(r"[a-z0-9]{1,4}([._+-]{1,2}[a-z0-9]{0,3}){0,3}", fullmatch=True)
IDENTITIES = st.one_of(
    st.tuples(st.just(EMAIL), st.builds("{}@{}".format, LOCALS, st.sampled_from(["a.b", "tea.example"]))),
    st.tuples(st.just(PHONE), st.sampled_from(["+4915112345678", "+41791234567", "+14155552671", "+49", "12"])),
    st.tuples(st.just(4), st.sampled_from(["@greta", "greta@tea.example", "+x", ""])),
)


def plain_words(fields: dict[str, str], identities: list[tuple[int, str]]) -> set[str]:
    """Every word, by the longest way: what begins another is among them."""
    words: set[str] = set()
    for name in ("name", "given_name", "family_name"):
        for word in fold(fields.get(name) or "").split():
            words |= {word, *word.replace("-", " ").split()}
    for kind, value in [(EMAIL, fields.get("email") or ""), *identities]:
        whole = fold(value)
        if kind == EMAIL:
            local, _at, domain = whole.rpartition("@")
            words |= {whole, domain, local, *re.split(r"[._+-]", local)}
        elif kind == PHONE:
            words |= {value.lstrip("+"), national_number(value)}
        else:
            words |= {whole, whole.lstrip("@+")}
    return {word[:LONGEST_TERM] for word in words if word}


def without_beginnings(words: set[str]) -> set[str]:
    """Those that no other one begins with."""
    return {one for one in words if not any(other != one and other.startswith(one) for other in words)}


@given(
    st.fixed_dictionaries({}, optional={"name": NAMES, "given_name": NAMES, "family_name": NAMES}),
    st.booleans(),
    st.lists(IDENTITIES, max_size=4),
)
def test_the_words_of_a_person_are_those_of_the_plain_reading(fields, is_made_of_both, identities):
    if is_made_of_both:
        fields["name"] = f"{fields.get('given_name')} {fields.get('family_name')}"
    fields["email"] = next((value for kind, value in identities if kind == EMAIL), "")

    ids, terms = _pairs([(7, words_of(fields, identities))])

    assert (set(ids), len(terms)) == ({7} if terms else set(), len(set(terms)))
    assert set(terms) == without_beginnings(plain_words(fields, identities))


@pytest.mark.parametrize(("given_name", "family_name"), list(product(["", "None", "Ada"], ["", "None", "Berg-Lee"])))
def test_a_name_is_left_out_only_where_both_its_parts_are_there(given_name, family_name):
    fields = {"name": "None None", "given_name": given_name, "family_name": family_name}

    assert set(_pairs([(1, words_of(fields, []))])[1]) == without_beginnings(plain_words(fields, []))
