"""What is encoded once and filled for each person decodes to what is written as a whole."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.content.addressing import AddressBook, addresses_for
from delivery.content.compiling import compile_message
from delivery.content.encoding import EncodedMessage, Value
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.mime import both_parts
from delivery.content.people import Moment, Whole
from delivery.models import Content, Message
from tests.factories.campaigns import make_message

BODIES = {
    "plain": "# Hello {{ contact.name | default: 'you & \"yours\"' }}\n\n{{contact.city}}{{contact.note}} [a](https://k.example/a) é",
    "filters": "{{ contact.name | upcase | append: ' = ' }} x{{ contact.note | default: 'none' | truncate: 9 }}\n.{{ brand }}",
    "blocks": "{% if contact.city == 'Ulm' %}\n\nYou [live](https://k.example/u) there: {{ contact.note }}\n\n{% else %}\n\nNo\n\n"
    "{% endif %}\n\n{% for i in (1..3) %}{{ i }} {{ contact.name }}{% endfor %}",
    "assigned": "{% assign n = contact.name %}{{ n }} {{ contact.city }} {% capture c %}{{ n }}!{% endcapture %}{{ c }}",
    "nothing": "No field at all. " * 30,
}
WORDS = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8", exclude_categories=["Cs"]), st.sampled_from("= .\t\r\n<>&\"'עא😀\u202e\u2028")
    ),
    min_size=1,
    max_size=120,
) | st.sampled_from([".", "..", "=", " ", "a" * 1000, "ü" * 1000, "ends with a space ", "a\r\nb", "x" * 75, "x" * 76])


def compiled(body: str, subject: str = "Hi {{ contact.name }}"):
    content = Content(subject=subject, body=body)
    return Message(pk=7, name="Test", content=content)


def parts(raw: bytes) -> list[str]:
    return [one.get_content() for one in email.message_from_bytes(raw, policy=email.policy.default).iter_parts()]


@pytest.fixture
def both(inside):
    """`both(body, fields)`: (subject, text, html) by pieces and as a whole; and the bytes of the pieces."""
    known = {}

    def go(body, contact):
        if body not in known:
            found = compile_message(compiled(body), inside)
            known[body] = found, EncodedMessage(found)
        whole, pieces = known[body]
        fields = {"contact": contact, "brand": "Kettle & Co"}
        written = whole.write(fields, addresses_for(inside, 7, 12))
        subject, raw = pieces.write(fields, AddressBook(inside, 7, pieces.places).of(12))
        return [written.subject, *parts(both_parts(written))], [subject, *parts(raw)], raw

    return go


@pytest.mark.parametrize("body", BODIES)
def test_both_ways_say_the_same(both, body):
    @settings(max_examples=40, deadline=None)
    @given(st.fixed_dictionaries({"name": WORDS, "city": WORDS | st.just("Ulm"), "note": WORDS}))
    def holds(contact):
        whole, pieces, raw = both(BODIES[body], contact)
        assert pieces == whole
        assert max(map(len, raw.split(b"\r\n"))) <= 76
        assert b"\n" not in raw.replace(b"\r\n", b"")

    holds()


def whole_number(told: str) -> Whole:
    value = Whole(told)
    value.text = told
    return value


@pytest.mark.parametrize("value", [whole_number("0012"), 0, 1.5, Moment("5.1.2024"), datetime(2024, 1, 5, tzinfo=UTC)])
def test_numbers_and_moments_are_written_as_they_were_told(both, value):
    whole, pieces, _raw = both("{{ contact.city }} and {{ contact.city | default: 'x' }}", {"name": "A", "city": value})

    assert pieces == whole


def test_who_lacks_a_field_is_told_by_its_name(both):
    with pytest.raises(MissingFieldError, match=r"contact\.city"):
        both("{{ contact.city }}", {"name": "Ann"})
    with pytest.raises(BadTemplateError, match="larger than an email can hold"):
        both("{{ contact.name | append: contact.name | append: contact.name }}", {"name": "x" * 60_000})


def test_what_is_the_same_for_all_is_encoded_once(inside):
    found = EncodedMessage(compile_message(make_message(), inside))

    holes = [one for one in found.frame if not isinstance(one, bytes)]
    assert len(holes) == 2 * 5 + 2  # in both parts a name, two links, the page, the stop; the pixel and the honeypot
    assert sum(isinstance(one, Value) for one in holes) == 2


def test_a_message_names_the_fields_it_reads(inside):
    def needs(body):
        return compile_message(compiled(body, subject="x"), inside).needs

    assert needs("{{ contact.city }} {% if contact['Kunde seit'] %}x{% endif %}") == {"city", "Kunde seit"}
    assert needs("{{ brand }}") == frozenset()
    assert needs("{{ contact[brand] }}") is None
    assert needs("{% for one in contact %}x{% endfor %}") is None
    assert needs("{% assign c = contact %}{{ c.city }}") is None
