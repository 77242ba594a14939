"""What is plain takes a short way to the same: held against the long way, and against phonenumbers itself."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts import addresses
from contacts.addresses import (
    BadAddressError,
    national_number,
    normalise_email,
    normalise_phone,
    plain_email,
    plain_phone,
)
from contacts.folding import fold, fold_case, folded
from tests.examples import examples

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
LETTERS = "aAzZ09._+-'@%!\"ß é\u00ad\t|"
NUMBERS = st.builds("+{}{}".format, st.sampled_from(CODES), st.text("0123456789", min_size=3, max_size=13))


def long_way(monkeypatch, name, normalise, *said):
    with monkeypatch.context() as without:
        without.setattr(addresses, name, lambda _text: None)
        try:
            return normalise(*said)
        except BadAddressError:
            return None


@pytest.fixture
def patch(monkeypatch):
    return monkeypatch


@settings(
    max_examples=examples(1_500),
    deadline=None,
    suppress_health_check=list(settings.default.suppress_health_check),
    derandomize=True,
)
@given(
    local=st.text(LETTERS, min_size=0, max_size=70),
    domain=st.sampled_from(
        [
            "tea.example",
            "TEA.example",
            "tea",
            "tea..example",
            "-tea.example",
            "tea.example.",
            "xn--bcher-kva.example",
            "a.b-c.1",
            "tea_shop.example",
            "x" * 64 + ".example",
            "bücher.example",
            ".".join(["y" * 60] * 4),
        ]
    ),
)
def test_a_plain_email_is_what_the_long_way_makes_of_it(local, domain):
    text = f"{local}@{domain}"
    found = plain_email(text)

    with pytest.MonkeyPatch.context() as patch:
        assert found in {None, long_way(patch, "plain_email", normalise_email, text)}


@pytest.mark.parametrize(
    "text", ["Ada.Berg+tea@People.example", "o'neil@tea.example", "a_b-c@sub.tea.example", "1@2.example"]
)
def test_usual_emails_are_plain(text):
    assert plain_email(text) == text.lower()


@settings(max_examples=examples(3_000), deadline=None, derandomize=True)
@given(text=NUMBERS, region=st.sampled_from([None, "DE", "US", "AR", "IT"]))
def test_a_plain_number_is_what_phonenumbers_makes_of_it(text, region):
    found = plain_phone(text)
    with pytest.MonkeyPatch.context() as patch:
        made = long_way(patch, "plain_phone", normalise_phone, text, region)

    assert found in {None, made}
    if found:
        assert national_number(found) == str(phonenumbers.parse(text).national_number)


@pytest.mark.parametrize("code", CODES)
def test_an_example_number_of_every_country_is_read_alike(code):
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            if number := phonenumbers.example_number_for_type(region, kind):
                text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                assert normalise_phone(text, "DE") == text
                assert national_number(text) == str(number.national_number)


@pytest.mark.parametrize(
    "text", ["+4915123456789", "+43664123456", "+41791234567", "+46705550142", "+12025550123", "+447400123456"]
)
def test_usual_numbers_are_plain(text):
    assert plain_phone(text) == text


@given(text=st.text(st.characters(max_codepoint=127), max_size=30))
def test_ascii_is_folded_as_everything_else(text):
    other = f"{text}ø"  # not plain any more: the long way

    assert (fold_case(text), fold(text)) == (fold_case(other)[:-1], fold(other)[:-1])
    assert folded(text, 20) == fold_case(text).strip()[:20]
