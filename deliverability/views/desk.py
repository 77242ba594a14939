"""The desk: how our emails are received, what stops them, and what mends it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from deliverability.dmarc_reports import LARGEST_FILE, Taken, take_file
from deliverability.forms import ReportForm
from deliverability.models import SeedMailbox
from deliverability.reported import passed_of, reported_of
from deliverability.rules import AS_OF, Evidence, RuleSet, rule_sets
from deliverability.standing import Standing, standings_of
from deliverability.trends import FIGURE, LATELY, Reception, answers, busiest, receptions
from deliverability.warming import shown_plans
from delivery.models import Message, Sender
from delivery.presets import EMAIL_KINDS
from workspaces.auditing import audit
from workspaces.kept_figures import kept_figure
from workspaces.permissions import may, needs
from workspaces.requests import Request

ANSWERS_SHOWN = 8


@needs("campaigns.see")
@require_safe
def desk(request: Request) -> HttpResponse:
    """Three sets of rules, each provider's weeks, what servers answered, who sends as our domain."""
    kept = kept_figure(FIGURE)
    data = kept.data if kept and kept.data else None
    standings = standings_of(list(Sender.objects.filter(kind__in=EMAIL_KINDS).order_by("pk")))
    main = next((one for one in standings if one.look is not None), standings[0] if standings else None)
    rows = receptions(data) if data else []
    said = answers(data) if data else []
    context: dict[str, Any] = {
        "kept": kept,
        "is_counted": data is not None,
        "standing": main,
        "rows": rows,
        "sent": sum(one.sent for one in rows),
        "delivered_share": _delivered_share(rows),
        "answers": said if request.GET.get("codes") == "all" else said[:ANSWERS_SHOWN],
        "answers_left": max(0, len(said) - ANSWERS_SHOWN) if request.GET.get("codes") != "all" else 0,
        "rule_sets": _rule_sets(main, rows, data) if main else [],
        "as_of": AS_OF,
        "weeks": LATELY,
        "reported": reported_of(main.look.domain) if main and main.look else None,
        "warm_ups": shown_plans(),
        "mailboxes": list(SeedMailbox.objects.all()),
        "may_set_up": may(request.membership.role, "workspace.settings"),
        "form": ReportForm(),
    }
    return render(request, "deliverability/desk.html", context)


@needs("workspace.settings")
@require_POST
def take_report(request: Request) -> HttpResponse:
    """Take a DMARC report by hand, as a receiver mailed it."""
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LARGEST_FILE:
        messages.error(request, _("Choose a report: a file that ends in xml, gz or zip."))
        return redirect("deliverability:desk")
    taken = take_file(file.read(), receiver=str(file.name or ""))
    audit("dmarc_report.taken", by=request.user, target=request.workspace, is_new=taken == Taken.NEW)
    if taken == Taken.NEW:
        messages.success(request, _("The report is taken."))
    elif taken == Taken.REFUSED:
        messages.error(request, _("It was not taken; why stands below."))
    else:
        messages.success(request, _("It was taken before; nothing changed."))
    return redirect("deliverability:desk")


def _delivered_share(rows: list[Reception]) -> float | None:
    sent = sum(one.sent for one in rows)
    return (sent - sum(one.bounced for one in rows)) / sent if sent else None


def _rule_sets(standing: Standing, rows: list[Reception], data: dict[str, Any] | None) -> list[RuleSet]:
    given = standing.sender.settings if isinstance(standing.sender.settings, dict) else {}
    has_campaigns = Message.objects.filter(purpose__in=("marketing", "subscribed")).exclude(planned_at=None).exists()
    evidence = Evidence(
        findings=[one.finding for one in standing.lines],
        receptions={one.provider.key: one for one in rows},
        passed={key: dict(value) for key, value in passed_of(standing.look.domain).items()} if standing.look else {},
        busiest={key: busiest(data, key) for key in ("google", "microsoft")} if data else {},
        is_encrypted=given.get("security") != "none",
        has_campaigns=has_campaigns,
        day=lambda text: format_date(date.fromisoformat(text), "j F Y") if text else "",
    )
    return rule_sets(evidence)
