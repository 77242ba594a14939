"""DMARC's reports: what they say is counted once; a bomb, a lie, a broken file is refused with its reason."""

import gzip
import io
import zipfile
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deliverability import dmarc_reports
from deliverability.dmarc_reports import BadReportError, Taken, read_report, take_email, take_file
from deliverability.looking import look_at_due
from deliverability.models import DmarcRefusal, DmarcReport, DmarcRow
from deliverability.reported import passed_of, reported_of
from lib.clock import now
from tests.deliverability.conftest import DOMAIN
from workspaces.models import AuditEntry


def row(address="93.184.216.34", count=10, spf="pass", dkim="pass", signer=DOMAIN):
    return f"""<record><row><source_ip>{address}</source_ip><count>{count}</count><policy_evaluated>
      <disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>
      <identifiers><header_from>{DOMAIN}</header_from></identifiers>
      <auth_results><dkim><domain>{signer}</domain><selector>k1</selector><result>{dkim}</result></dkim></auth_results>
    </record>"""


def report(*rows, domain=DOMAIN, who="google.com", number="1", head="", end=None):
    until = int((end or now()).timestamp())
    return f"""<?xml version="1.0"?>{head}<feedback><report_metadata><org_name>{who}</org_name>
      <report_id>{number}</report_id><date_range><begin>{until - 86400}</begin><end>{until}</end></date_range>
      </report_metadata><policy_published><domain>{domain}</domain><p>none</p></policy_published>
      {"".join(rows or [row()])}</feedback>""".encode()


def zipped(data, name="google.com!kettle.coffee!1!2.xml"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def sender(inside, make_sender):
    return make_sender()


@pytest.mark.parametrize("packed", [bytes, gzip.compress, zipped], ids=["xml", "gzip", "zip"])
def test_a_report_is_taken_once_however_it_is_packed(sender, packed):
    data = packed(report(row(count=7), row("198.51.100.7", 3, "fail", "fail", "other.coffee")))

    assert [take_file(data), take_file(data)] == [Taken.NEW, Taken.KNOWN]
    assert DmarcReport.objects.get().email_count == 10
    assert set(DmarcRow.objects.values_list("address", "email_count", "spf_aligned", "dkim_aligned")) == {
        ("93.184.216.34", 7, True, True), ("198.51.100.7", 3, False, False),
    }  # fmt: skip
    assert not DmarcRefusal.objects.exists()


def test_an_email_brings_its_reports(sender):
    email = EmailMessage()
    email["From"] = "noreply-dmarc-support@google.com"
    email.set_content("see the file")
    email.add_attachment(zipped(report()), maintype="application", subtype="zip", filename="r.zip")
    email.add_attachment(gzip.compress(report(number="2")), maintype="application", subtype="gzip", filename="r.xml.gz")

    assert take_email(email.as_bytes()) == 2


def test_a_newer_shape_with_a_namespace_is_read_too(sender):
    data = report().replace(b"<feedback>", b'<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">')

    assert read_report(data).rows[0].email_count == 10


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "broken"),
        (b"hello", "broken"),
        (b"<feedback/>", "no_report"),
        (b"<a>" * 100_000, "broken"),
        (report(head=BOMB), "dtd"),
        (report(head='<!DOCTYPE a SYSTEM "file:///etc/passwd">'), "dtd"),
        (report(domain="rival.coffee"), "another_domain"),
        (report(domain=""), "no_report"),
        (report().replace(b"<begin>", b"<begin>x"), "broken"),
        (report().replace(b"<end>", b"<end>99999999999999999999"), "broken"),
        (gzip.compress(report())[:-9], "broken"),
        (zipped(report())[:-40], "broken"),
        (zipped(b"x", "readme.txt"), "no_report"),
        (b"\xff\xfe\x00" * 50, "broken"),
        (report().replace(b'<?xml version="1.0"?>', b'<?xml version="1.0" encoding="utf-7"?>'), "broken"),
    ],
)
def test_what_is_no_report_of_ours_is_refused_with_its_reason(sender, data, said):
    assert take_file(data, receiver="who@where.coffee\0") == Taken.REFUSED

    refusal = DmarcRefusal.objects.get()
    assert (refusal.said, refusal.receiver, refusal.bytes_count) == (said, "who@where.coffee", len(data))
    assert not DmarcReport.objects.exists()


@pytest.mark.parametrize("packed", [gzip.compress, zipped], ids=["gzip", "zip"])
def test_a_bomb_is_opened_only_as_far_as_a_report_can_be(sender, packed, monkeypatch):
    monkeypatch.setattr(dmarc_reports, "LARGEST", 1_000_000)
    bomb = packed(b"<feedback>" + b" " * 40_000_000)
    assert len(bomb) < 100_000

    with pytest.raises(BadReportError, match="too_big"):
        read_report(bomb)


@pytest.mark.parametrize(
    "bad", [row("nonsense"), row(count="many"), row(count=-5), row(count=10**18), row(count=0), row("")]
)
def test_a_row_that_counts_nothing_is_left_out_and_the_rest_taken(sender, bad):
    take_file(report(bad, row(count=4)))

    assert list(DmarcRow.objects.values_list("email_count", flat=True)) == [4]


def test_who_sends_as_us_gets_a_verdict(sender):
    take_file(
        report(
            row("192.0.2.1", 100), row("192.0.2.2", 50, spf="fail"), row("192.0.2.3", 20, "fail", "fail"),
            row("192.0.2.4", 5, "fail", "fail", "evil.coffee"), row("192.0.2.5", 3, dkim="fail"),
        )
    )  # fmt: skip
    take_file(report(row("192.0.2.9", 999), number="old", end=now() - timedelta(days=40)))

    found = reported_of(DOMAIN)

    assert [(one.address, one.email_count, one.verdict) for one in found.sources] == [
        ("192.0.2.1", 100, "ours"), ("192.0.2.2", 50, "spf_missing"), ("192.0.2.3", 20, "unsigned"),
        ("192.0.2.4", 5, "foreign"), ("192.0.2.5", 3, "unsigned"),
    ]  # fmt: skip
    assert (found.email_count, found.report_count, found.failing_count) == (178, 1, 20)


def test_what_a_strict_policy_would_lose_is_counted_of_all_sources_of_ours(sender):
    many = [row(f"192.0.2.{number}", 100 + number) for number in range(20)]
    take_file(report(*many, row("198.51.100.1", 3, "fail", "fail"), row("198.51.100.2", 5, "pass", "fail"),
                     row("198.51.100.2", 7, "fail", "fail"), row("203.0.113.9", 900, "fail", "fail", "evil.coffee")))  # fmt: skip

    found = reported_of(DOMAIN)

    assert (len(found.sources), found.failing_count) == (12, 10)


def test_reports_about_the_domain_above_are_shown_with_those_of_the_senders_own(inside, make_sender):
    make_sender(from_email="hello@news.kettle.coffee")
    make_sender(from_email="hello@tea.co.uk")
    taken = [take_file(report(domain=one)) for one in ("news.kettle.coffee", DOMAIN, "coffee", "co.uk", "tea.co.uk")]

    assert taken == [Taken.NEW, Taken.NEW, Taken.REFUSED, Taken.REFUSED, Taken.NEW]
    assert (reported_of("news.kettle.coffee").email_count, reported_of(DOMAIN).email_count) == (20, 10)
    assert set(passed_of("news.kettle.coffee")) == {"google"}


def test_reports_are_forgotten_after_thirteen_months(kettle, inside, sender):
    take_file(report(number="new"))
    take_file(report(number="old"))
    take_file(b"no")
    DmarcReport.objects.filter(report_id="old").update(ends_at=now() - timedelta(days=397))
    DmarcRefusal.objects.update(at=now() - timedelta(days=397))

    look_at_due(kettle)

    assert [one.report_id for one in DmarcReport.objects.all()] == ["new"]
    assert (DmarcRow.objects.count(), DmarcRefusal.objects.count()) == (1, 0)


def test_shares_are_of_each_receivers_own_reports(sender):
    take_file(report(row(count=8), row(count=2, spf="fail"), who="google.com"))
    take_file(report(row(count=1, dkim="fail"), row(count=1), who="Enterprise Outlook"))

    assert passed_of(DOMAIN) == {
        "google": {"spf": 0.8, "dkim": 1.0, "both": 0.8}, "microsoft": {"spf": 1.0, "dkim": 0.5, "both": 0.5},
    }  # fmt: skip


def test_a_report_is_taken_by_hand_and_the_page_says_who_sends(as_ada, sender):
    url = "/w/kettle/campaigns/deliverability/"
    good = SimpleUploadedFile("r.zip", zipped(report(row("192.0.2.77", 1234))))
    bad = SimpleUploadedFile("holiday.zip", b"no")

    as_ada.post(f"{url}reports/", {"file": good})
    as_ada.post(f"{url}reports/", {"file": bad})
    as_ada.post(f"{url}reports/")
    known = SimpleUploadedFile("holiday.zip", zipped(report(row("192.0.2.77", 1234))))
    assert "It was taken before" in as_ada.post(f"{url}reports/", {"file": known}, follow=True).text
    page = as_ada.get(url).text

    assert "192.0.2.77" in page
    assert "1,234" in page
    assert "A report of holiday.zip was not taken" in page


def test_who_may_not_set_up_takes_no_report(member, sender):
    assert member("marketer").post("/w/kettle/campaigns/deliverability/reports/").status_code == 403


def packed_by(way):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as archive:
        archive.writestr("r.xml", report())
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packed_by(zipfile.ZIP_LZMA), "broken"),
        (packed_by(zipfile.ZIP_BZIP2), "broken"),
        (b"<feedback>" + b"<a>" * 30 + b"</a>" * 30 + b"</feedback>", "broken"),
        (b"<feedback>" + b"<a/>" * 1_000_001 + b"</feedback>", "too_big"),
        (report(domain="coffee"), "another_domain"),
        (report(end=now() + timedelta(days=30)), "broken"),
        (report(end=datetime(9999, 12, 30, tzinfo=UTC)), "broken"),
    ],
    ids=["lzma", "bzip2", "deep", "elements", "everybodys", "ahead", "end-of-time"],
)
def test_what_is_made_to_cost_or_to_lie_is_refused(sender, data, said):
    assert take_file(data) == Taken.REFUSED
    assert DmarcRefusal.objects.get().said == said


def test_an_address_with_a_zone_is_the_address(sender):
    take_file(report(row("fe80::1%" + "x" * 500)))

    assert DmarcRow.objects.get().address == "fe80::1"


def test_of_an_email_with_many_files_ten_are_opened(sender):
    email = EmailMessage()
    email["From"] = "noreply@google.com"
    email.set_content("see the files")
    for number in range(15):
        email.add_attachment(report(number=str(number)), maintype="text", subtype="xml", filename=f"{number}.xml")

    assert take_email(email.as_bytes()) == 10


def test_a_report_by_hand_is_written_down(as_ada, kettle, sender):
    as_ada.post("/w/kettle/campaigns/deliverability/reports/", {"file": SimpleUploadedFile("r.xml", report())})

    assert AuditEntry.objects.filter(action="dmarc_report.taken").count() == 1
