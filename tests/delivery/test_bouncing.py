import json
from pathlib import Path

import pytest

from delivery.bounces.bouncing import read_returned
from delivery.bounces.inbound_mail import receive
from tests.inputs import INPUTS, needs_inputs

DATA = INPUTS / "bounces"
needs_data = needs_inputs("bounces")


def sisimai() -> list[Path]:
    return sorted((DATA / "sisimai").glob("*.eml"))


@needs_data
def test_complaints_and_auto_replies_of_the_real_set_are_told_apart():
    kinds = {path.name: read_returned(path.read_bytes()).kind for path in sisimai()}

    assert {kind for name, kind in kinds.items() if name.startswith("arf-")} == {"complaint"}
    assert "bounce" not in {kind for name, kind in kinds.items() if name.startswith("rfc3834")}


@needs_data
def test_of_a_hundred_real_bounces_and_complaints_ninety_five_name_their_address():
    """The measure is printed by `make bench ARGS=bouncing`."""
    found = [read_returned(path.read_bytes()) for path in sisimai() if not path.name.startswith("rfc3834")]
    named = sum(bool(one.addresses) and one.kind in {"bounce", "complaint"} for one in found)

    assert named / len(found) >= 0.95


@needs_data
def test_the_addresses_of_the_second_set_are_the_expected_ones():
    expected = json.loads((DATA / "flufl_expected.json").read_text())
    wanted, right, odd = 0, 0, 0
    for name, row in expected.items():
        found = set(read_returned((DATA / "flufl" / name).read_bytes()).addresses)
        addresses = {address.lower() for address in row["addresses"]}
        wanted, right, odd = wanted + len(addresses), right + len(addresses & found), odd + len(found - addresses)

    assert right / wanted >= 0.97
    assert odd / wanted <= 0.03


@needs_data
def test_what_is_no_bounce_suppresses_nobody():
    for path in (DATA / "sisimai_not").iterdir():
        found = read_returned(path.read_bytes())
        assert found.hardness != "hard", path.name


@needs_data
def test_line_ends_change_nothing():
    for path in sisimai():
        raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert (
            read_returned(raw.replace(b"\n", b"\r\n")) == read_returned(raw.replace(b"\n", b"\r")) == read_returned(raw)
        )


def report(status: str, action: str = "failed") -> bytes:
    return f"""From: MAILER-DAEMON@mx.example
To: back@k.example
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Greta@People.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} sorry

--b
Content-Type: text/rfc822-headers

Message-ID: <7.12.1@kettle.example>

--b--
""".encode()


@pytest.mark.parametrize(
    ("status", "action", "hardness"),
    [
        ("5.1.1", "failed", "hard"),
        ("5.2.2", "failed", "soft"),
        ("5.7.1", "failed", "soft"),
        ("4.4.1", "delayed", "soft"),
    ],
)
def test_a_report_says_hard_or_soft(status, action, hardness):
    found = read_returned(report(status, action))

    assert (found.kind, found.hardness, found.addresses) == ("bounce", hardness, ("greta@people.example",))
    assert (found.status, found.sent) == (status, (7, 12, 1, 0, ""))


def test_success_reports_and_rubbish_are_others():
    assert read_returned(report("2.0.0", "delivered")).kind == "other"
    assert read_returned(b"\xff\x00rubbish").kind == "other"
    assert read_returned(b"").kind == "other"


@pytest.mark.parametrize("subject", ["=?utf-9?b?x?=", "=?utf-8?b?a?=", "=?x", "=?utf-8?q?=ZZ?="])
def test_a_subject_that_cannot_be_decoded_is_no_crash(subject):
    assert read_returned(f"From: a@b.example\r\nSubject: {subject}\r\n\r\nHi".encode()).kind == "other"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\r\n" + b"X: y\r\n" * 200_000,
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3_000)),
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n" * 60_000,
    ],
    ids=["head", "nested", "parts"],
)
def test_what_is_made_to_be_costly_is_not_opened(raw):
    assert read_returned(raw).kind == "other"
    assert receive(raw).contact_id is None
