"""Signatures of emails, verified by a library that somebody else wrote."""

from contextlib import suppress

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.content.dkim import BadKeyError, new_key, public_of, relaxed_body, signed, signer_of
from tests.examples import examples

KEYS = {kind: new_key(kind) for kind in ("rsa", "ed25519")}
SIGNERS = [signer_of("kettle.coffee", kind, pem) for kind, (pem, _public) in KEYS.items()]
EMAIL = (
    b"From: Kettle <hello@kettle.coffee>\r\nTo: ada@a.coffee\r\nSubject: =?utf-8?b?SGk=?=\r\n =?utf-8?b?SGk=?=\r\n"
    b"Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1.2.3@kettle.coffee>\r\nMIME-Version: 1.0\r\n"
    b"List-Unsubscribe: <https://kettle.coffee/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"Content-Type: text/plain\r\n\r\nHello  there \r\n\r\n.dot\r\n\r\n\r\n"
)


def answers(name, timeout=5):
    kind = name.decode().split(".")[0]
    return f"v=DKIM1; k={kind}; p={KEYS[kind][1]}".encode()


def verified(email, number=0):
    return dkim.DKIM(email).verify(idx=number, dnsfunc=answers)


def test_both_signatures_are_right_and_cover_what_lets_people_leave():
    email = signed(EMAIL, SIGNERS, at=1_790_000_000)

    assert [verified(email, number) for number in (0, 1)] == [True, True]
    assert email.endswith(EMAIL)
    head = email[: -len(EMAIL)].decode()
    assert max(len(line) for line in head.split("\r\n")) <= 78
    named = "".join(head.split()).partition("h=")[2].partition(";")[0].split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "from", "subject", "to"} <= set(named)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hello", b"Hallo"), (b"ada@a.coffee", b"eve@a.coffee"), (b"/u/1", b"/u/2"), (b"SGk=", b"SGo="),
        (b"Content-Type: text/plain", b"Content-Type: text/html"),
        (b"From: Kettle", b"From: evil@e.coffee\r\nFrom: Kettle"),
        (b"MIME-Version", b"Subject: another\r\nMIME-Version"),
    ],
)  # fmt: skip
def test_whatever_is_changed_breaks_both(old, new):
    email = signed(EMAIL, SIGNERS, at=1_790_000_000)
    changed = email[: -len(EMAIL)] + EMAIL.replace(old, new, 1)

    for number in (0, 1):
        with suppress(dkim.DKIMException):
            assert not verified(changed, number)


def test_blanks_that_a_relay_changes_do_not():
    email = signed(EMAIL, SIGNERS, at=1_790_000_000)
    relayed = b"Received: by x\r\n" + email.replace(b"Hello  there \r\n", b"Hello there\r\n").replace(
        b"To: ada", b"To:  ada"
    )

    assert verified(relayed)


@given(st.binary(max_size=300).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b"\r\n").replace(b"\0", b"")))
@settings(max_examples=examples(60), deadline=None)
def test_any_body_is_hashed_as_the_other_library_hashes_it(body):
    assert verified(signed(EMAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body + b"\r\n", SIGNERS[1:], at=1))


@pytest.mark.parametrize(
    ("body", "hashed"),
    [
        (b"", b""), (b"\r\n", b""), (b"\r\n\r\n\r\n", b""), (b"a", b"a\r\n"), (b"a \t \r\n", b"a\r\n"),
        (b"a  b\tc\r\n\r\n\r\n", b"a b c\r\n"), (b" \r\n", b""), (b"a\r\n \r\n", b"a\r\n"), (b"a ", b"a\r\n"),
    ],
)  # fmt: skip
def test_the_body_is_relaxed(body, hashed):
    assert relaxed_body(body) == hashed


def pem_of(private):
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.mark.parametrize("pem", ["", "nonsense", pem_of(ec.generate_private_key(ec.SECP256R1()))])
def test_a_key_that_nobody_checks_is_refused(pem):
    with pytest.raises(BadKeyError):
        signer_of("a.b", "k", pem)


def test_a_key_of_ones_own_is_taken():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert signer_of("a.b", "k", pem_of(private)).algorithm == "rsa-sha256"
    assert len(public_of(private)) > 300
