"""DMARC aggregate reports (RFC 9990): who sends as our domains, by what receivers saw. Files of strangers.

Zip and gzip are opened only as far as LARGEST; XML may hold no DTD and no entity of its own; what is not about a domain
of the workspace's senders is refused. Every refusal is written down and shown.
"""

import gzip
import io
import ipaddress
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from itertools import islice
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

from django.db import transaction

from deliverability.domains import spoken_domain, with_those_above
from deliverability.models import DmarcRefusal, DmarcReport, DmarcRow
from delivery.models import Sender
from lib.clock import EPOCH, now
from lib.foreign.cleaning import to_storable

LARGEST = 20_000_000  # a report of Google's about a million emails has 3 MB
LARGEST_FILE = 10_000_000
MOST_ROWS = 20_000
MOST_FILES, MOST_ELEMENTS, DEEPEST = 10, 1_000_000, 20
PLAIN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # other ways of packing cost memory before a byte is out
AHEAD = timedelta(days=2)
MOST_EMAILS = 10**12


class BadReportError(ValueError):
    """A file that is no report we can take; the text is the code of why."""


@dataclass(frozen=True)
class Row:
    """What one receiver saw of one source."""

    address: str
    email_count: int
    spf_aligned: bool
    dkim_aligned: bool
    disposition: str
    signed_by: str
    selector: str


@dataclass
class Report:
    """One report as it is read."""

    domain: str
    receiver: str
    report_id: str
    begins_at: datetime
    ends_at: datetime
    policy: str = ""
    rows: list[Row] = field(default_factory=list)


class Taken(StrEnum):
    """What became of a file."""

    NEW = "new"
    KNOWN = "known"
    REFUSED = "refused"


def take_email(raw: bytes) -> int:
    """Take the reports that an email brings; returns how many were new. What is no report is refused and noted."""
    message = message_from_bytes(raw)
    files = list(islice(_files(message), MOST_FILES))
    return [take_file(data, receiver=str(message.get("from", ""))) for data in files].count(Taken.NEW)


def brings_reports(raw: bytes) -> bool:
    """Whether an email holds a file that may be a report."""
    return next(_files(message_from_bytes(raw)), None) is not None


def take_file(data: bytes, *, receiver: str = "") -> Taken:
    """Take one report (XML, gzip or zip) into the open workspace. May be repeated. A refusal is a row of DmarcRefusal."""
    try:
        report = read_report(data)
        if not _is_ours(report.domain):
            raise BadReportError("another_domain")
    except BadReportError as error:
        who = to_storable(receiver, 200)
        DmarcRefusal.objects.create(said=str(error)[:40], receiver=who, bytes_count=len(data))
        return Taken.REFUSED
    return Taken.NEW if _keep(report) else Taken.KNOWN


def read_report(data: bytes) -> Report:
    """The report in a file as it came. BadReportError: too_big, broken, no_report."""
    if len(data) > LARGEST_FILE:
        raise BadReportError("too_big")
    root = _parse(_unpacked(data))
    meta, published = root.find("report_metadata"), root.find("policy_published")
    if root.tag != "feedback" or meta is None or published is None:
        raise BadReportError("no_report")
    domain = _text(published, "domain").lower().strip(".")
    report_id = _text(meta, "report_id")
    if not domain or not report_id:
        raise BadReportError("no_report")
    begins, ends = (_moment(_text(meta, f"date_range/{name}")) for name in ("begin", "end"))
    if not EPOCH <= begins <= ends <= now() + AHEAD:
        raise BadReportError("broken")
    report = Report(
        domain[:253], _text(meta, "org_name")[:200], report_id[:200], begins, ends, _text(published, "p")[:12]
    )
    report.rows = [row for one, _no in zip(root.iter("record"), range(MOST_ROWS), strict=False) if (row := _row(one))]
    return report


def _unpacked(data: bytes) -> bytes:
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                return _bounded(file.read(LARGEST + 1))
        except (OSError, EOFError, zlib.error) as error:
            raise BadReportError("broken") from error
    if data[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = [one for one in archive.infolist() if one.filename.lower().endswith(".xml")]
                if not names:
                    raise BadReportError("no_report")
                if names[0].compress_type not in PLAIN:
                    raise BadReportError("broken")
                with archive.open(names[0]) as file:
                    return _bounded(file.read(LARGEST + 1))
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError) as error:
            raise BadReportError("broken") from error
    return _bounded(data)


def _bounded(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise BadReportError("too_big")
    return data


def _parse(data: bytes) -> Element:
    """The document without namespaces. No DTD: a report needs none, and a bomb is made of one."""
    builder, parser = TreeBuilder(), ParserCreate(namespace_separator="}")

    def refuse(*_: object) -> None:
        raise BadReportError("dtd")

    seen = depth = 0

    def start(name: str, _attributes: object) -> None:
        nonlocal seen, depth
        seen, depth = seen + 1, depth + 1
        if seen > MOST_ELEMENTS or depth > DEEPEST:
            raise BadReportError("too_big" if seen > MOST_ELEMENTS else "broken")
        builder.start(name.rpartition("}")[2], {})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition("}")[2])

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
        return builder.close()
    except (ExpatError, ValueError, LookupError, AssertionError) as error:
        raise error if isinstance(error, BadReportError) else BadReportError("broken") from error


def _row(record: Element) -> Row | None:
    """None for a row that says nothing that can be counted."""
    try:
        address = str(ipaddress.ip_address(_text(record, "row/source_ip").partition("%")[0]))
        count = int(_text(record, "row/count"))
    except ValueError:
        return None
    if not 0 < count < MOST_EMAILS:
        return None
    judged = "row/policy_evaluated"
    signature = record.find("auth_results/dkim")
    return Row(
        address,
        count,
        _text(record, f"{judged}/spf").lower() == "pass",
        _text(record, f"{judged}/dkim").lower() == "pass",
        _text(record, f"{judged}/disposition")[:12],
        _text(signature, "domain")[:253] if signature is not None else "",
        _text(signature, "selector")[:120] if signature is not None else "",
    )


def _text(element: Element, path: str) -> str:
    return " ".join(to_storable(element.findtext(path) or "").split())


def _moment(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadReportError("broken") from error


def _files(message: Message) -> Iterator[bytes]:
    """What is enclosed and may be a report."""
    for part in message.walk():
        name = str(part.get_filename() or "").lower()
        kind = part.get_content_type()
        is_one = name.endswith((".xml", ".gz", ".zip")) or kind in {"application/gzip", "application/zip", "text/xml"}
        raw = part.get_payload(decode=True) if is_one else None
        if isinstance(raw, bytes):
            yield raw


def _is_ours(domain: str) -> bool:
    spoken = {spoken_domain(one) for one in Sender.objects.all()} - {""}
    return any(domain in with_those_above(one) for one in spoken)


@transaction.atomic
def _keep(report: Report) -> bool:
    kept, is_new = DmarcReport.objects.get_or_create(
        domain=report.domain,
        receiver=report.receiver,
        report_id=report.report_id,
        defaults={
            "begins_at": report.begins_at,
            "ends_at": report.ends_at,
            "policy": report.policy,
            "email_count": sum(one.email_count for one in report.rows),
        },
    )
    if is_new:
        merged: dict[Row, int] = defaultdict(int)
        for one in report.rows:
            merged[replace(one, email_count=0)] += one.email_count
        DmarcRow.objects.bulk_create(
            DmarcRow(
                report=kept, address=one.address, email_count=count, spf_aligned=one.spf_aligned,
                dkim_aligned=one.dkim_aligned, disposition=one.disposition, signed_by=one.signed_by, selector=one.selector,
            )
            for one, count in merged.items()
        )  # fmt: skip
    return is_new
