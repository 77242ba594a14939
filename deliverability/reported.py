"""What DMARC's reports of four weeks come to: who sends as our domains, and what receivers saw of us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Q, Sum

from deliverability.domains import with_those_above
from deliverability.models import DmarcRefusal, DmarcReport, DmarcRow
from lib.clock import now
from lib.mail_providers import PROVIDERS

SPAN = timedelta(days=28)
SHOWN = 12


@dataclass(frozen=True)
class Source:
    """One address that sends as our domain. `verdict`: ours, spf_missing, unsigned, foreign."""

    address: str
    signed_by: str
    email_count: int
    spf_share: float
    dkim_share: float
    verdict: str


@dataclass(frozen=True)
class Reported:
    """What the reports of one domain say."""

    email_count: int
    report_count: int
    sources: Sequence[Source]
    refused: Sequence[DmarcRefusal]
    failing_count: int  # emails that p=reject would lose although their source is ours: to be mended first


def reported_of(domain: str) -> Reported:
    """The last four weeks of this domain, and of those above it whose reports tell of it. Four queries."""
    since, domains = now() - SPAN, with_those_above(domain)
    reports = DmarcReport.objects.filter(domain__in=domains, ends_at__gte=since)
    totals = reports.aggregate(reports=Count("pk"), emails=Sum("email_count"))
    every = (
        DmarcRow.objects.filter(report__in=reports)
        .values("address")
        .annotate(
            emails=Sum("email_count"),
            spf=Sum("email_count", filter=Q(spf_aligned=True), default=0),
            dkim=Sum("email_count", filter=Q(dkim_aligned=True), default=0),
            lost=Sum("email_count", filter=Q(spf_aligned=False, dkim_aligned=False), default=0),
            own=Sum(
                "email_count", filter=Q(spf_aligned=True) | Q(dkim_aligned=True) | Q(signed_by__in=domains), default=0
            ),
            signer=Max("signed_by"),
        )
    )
    rows = every.order_by("-emails", "address")[:SHOWN]
    failing = every.filter(own__gt=0).aggregate(every=Sum("lost"))["every"]
    sources = [_source(domains, one["address"], one["signer"], one["emails"], one["spf"], one["dkim"]) for one in rows]
    refused = list(DmarcRefusal.objects.filter(at__gte=since).order_by("-at")[:5])
    return Reported(totals["emails"] or 0, totals["reports"], sources, refused, failing or 0)


def passed_of(domain: str) -> Mapping[str, Mapping[str, float]]:
    """Provider → share of emails that passed there: "spf", "dkim", "both" (the two together). Only of its own reports."""
    since = now() - SPAN
    rows = (
        DmarcRow.objects.filter(report__domain__in=with_those_above(domain), report__ends_at__gte=since)
        .values("report__receiver", "spf_aligned", "dkim_aligned")
        .annotate(emails=Sum("email_count"))
    )
    counts: dict[str, list[int]] = {}
    for row in rows:
        key = _provider(row["report__receiver"])
        if key:
            found = counts.setdefault(key, [0, 0, 0, 0])
            found[0] += row["emails"]
            found[1] += row["emails"] if row["spf_aligned"] else 0
            found[2] += row["emails"] if row["dkim_aligned"] else 0
            found[3] += row["emails"] if row["spf_aligned"] and row["dkim_aligned"] else 0
    return {
        key: {"spf": spf / every, "dkim": dkim / every, "both": both / every}
        for key, (every, spf, dkim, both) in counts.items()
        if every
    }


def _source(domains: Sequence[str], address: str, signer: str, emails: int, spf: int, dkim: int) -> Source:
    if dkim and spf:
        verdict = "ours"
    elif dkim:
        verdict = "spf_missing"
    elif spf:
        verdict = "unsigned"
    else:
        verdict = "unsigned" if signer in domains else "foreign"
    return Source(address, signer, emails, spf / emails, dkim / emails, verdict)


def _provider(receiver: str) -> str:
    name = receiver.lower()
    if "outlook" in name or "microsoft" in name:
        return "microsoft"
    return next((one.key for one in PROVIDERS if one.key in name), "")
