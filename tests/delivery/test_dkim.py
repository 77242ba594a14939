"""What we sign is verified by another implementation, whatever stands in it; any change of it is not."""

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.content.dkim import ED25519, RSA, Signer, new_key, relaxed_body
from delivery.models import Sender
from delivery.sending import send_due
from delivery.signing_keys import dns_lines, make_key, signers_of
from lib.sealing import SealBrokenError
from tests.factories.campaigns import make_campaign, make_sender, planned
from tests.factories.contacts import make_reader
from workspaces.models import AuditEntry

KEYS = {algorithm: new_key(algorithm) for algorithm in (RSA, ED25519)}
HEADERS = (
    b"From: =?utf-8?b?S8O8Y2hl?=\r\n =?utf-8?b?IQ==?= <a@k.example>\r\nTo:  p@x.example \r\nSubject: A\t b\r\n"
    b"List-Unsubscribe: <https://k.example/u/t>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)
BODY = b"Hello \t world  \r\n\r\n.dot\r\n\r\n\r\n"


def verified(raw: bytes, records: dict[str, str]) -> bool:
    return dkim.verify(raw, dnsfunc=lambda name, **_: records[name.decode().rstrip(".")].encode())


def signed(algorithm: str, headers: bytes = HEADERS, body: bytes = BODY) -> tuple[bytes, dict[str, str]]:
    pem, public = KEYS[algorithm]
    line = Signer.of("k.example", "s1", pem).line(headers, body, at=1_700_000_000)
    return line + headers + b"\r\n" + body, {"s1._domainkey.k.example": f"v=DKIM1; k={algorithm}; p={public}"}


@pytest.mark.parametrize("algorithm", [RSA, ED25519])
def test_a_signature_is_verified_by_another_implementation(algorithm):
    raw, records = signed(algorithm)

    assert verified(raw, records)
    assert max(map(len, raw.partition(b"From:")[0].split(b"\r\n"))) <= 200
    assert b"list-unsubscribe:list-unsubscribe-post" in raw


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Hello", b"Hallo"), (b"<https://k.example/u/t>", b"<https://evil.example/>"), (b"A\t b", b"A c"),
        (b"One-Click", b"Two-Click"), (b"<a@k.example>", b"<b@k.example>"),
    ],
)  # fmt: skip
def test_what_was_changed_is_not_verified(before, after):
    raw, records = signed(RSA)
    head, _colon, rest = raw.partition(b"From:")

    assert not verified(head + _colon + rest.replace(before, after, 1), records)
    assert not verified(b"From: evil@k.example\r\n" + raw, records)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b".", b"=20", b"\r\n "]), max_size=30))
def test_any_body_is_hashed_as_the_others_do(pieces):
    raw, records = signed(ED25519, body=b"".join(pieces))

    assert verified(raw, records)


def test_an_empty_body_has_no_line():
    assert [relaxed_body(one) for one in (b"", b"\r\n\r\n", b"a \r\n\r\n", b" \t\r\na  b")] == [
        b"", b"", b"a\r\n", b"\r\na b\r\n",
    ]  # fmt: skip


def test_a_senders_emails_are_signed_by_its_newest_keys(inside, room, ada):
    sender = make_sender(port=room.port)
    make_key(sender, by=ada)
    old = dns_lines(sender)[0].name
    first, second = make_key(sender, by=ada), make_key(sender, algorithm=ED25519, by=ada)
    make_reader("Greta Größe")

    planned(make_campaign(sender))
    send_due(inside)

    ((_from, _to, data),) = room.letters
    records = {line.name: "".join(line.strings) for line in dns_lines(sender)}
    assert data.count(b"DKIM-Signature:") == 2
    for index in (0, 1):
        assert dkim.DKIM(data).verify(idx=index, dnsfunc=lambda name, **_: records[name.decode().rstrip(".")].encode())
    assert (f"s={first};".encode() in data, f"s={second};".encode() in data) == (True, True)
    assert old in records  # its record stays for what is on its way
    assert f"s={old.partition('.')[0]};".encode() not in data
    assert all(len(one) <= 255 for line in dns_lines(sender) for one in line.strings)
    assert AuditEntry.objects.filter(action="sender.key_made").count() == 3


def test_a_key_is_sealed_for_its_own_sender(inside):
    sender, other = make_sender(), make_sender()
    make_key(sender)
    assert "PRIVATE" not in str(sender.dkim_keys)
    Sender.objects.filter(pk=other.pk).update(dkim_keys=sender.dkim_keys)

    assert len(signers_of(sender)) == 1
    with pytest.raises(SealBrokenError):
        signers_of(Sender.objects.get(pk=other.pk))
    with pytest.raises(ValueError, match="dsa"):
        make_key(sender, algorithm="dsa")


def test_a_sender_without_a_key_signs_nothing(inside, room):
    make_reader()
    planned(make_campaign(make_sender(port=room.port)))

    send_due(inside)

    assert b"DKIM-Signature" not in room.letters[0][2]
