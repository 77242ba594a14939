"""A dry run over a segment: the question, how far it is, the answers, and the people behind each."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.dry_running import MAY, begin_dry_run, everybody_of, latest, people_of
from campaigns.models import DryRun
from campaigns.reporting import REASONS
from consent.asking import MessageClass
from consent.forms import MayWriteForm
from contacts.channels import Channel, sendable
from contacts.models import Contact
from contacts.showing import shown
from lib.asked import whole_number
from segments.leaf_types.base import RuleError
from segments.models import Segment
from segments.picking import make_list, pick
from segments.rules.statements import TooSlowError
from segments.seeing import visible
from workspaces.auditing import audit
from workspaces.permissions import may, needs
from workspaces.requests import Request

PER_PAGE = 50
LATER = {"quiet", "paused", "cap", "frequency", "open_complaint"}  # these end by themselves


class DryRunForm(MayWriteForm):
    """Which kind of message, on which channel."""

    channel = forms.TypedChoiceField(label=gettext_lazy("Channel"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(one.value, one.label) for one in sendable()]  # type: ignore[attr-defined]


@needs("campaigns.see")
@require_http_methods(["GET", "HEAD", "POST"])
def dry_run(request: Request, segment_pk: int) -> HttpResponse:
    """Ask the gate about everybody in the segment (POST), and what it answered last."""
    segment = get_object_or_404(visible(request), pk=segment_pk)
    run = latest(segment)
    form = DryRunForm(initial=_said_last(run))
    status = 200
    if request.method == "POST":
        form, status = DryRunForm(request.POST), 422
        if form.is_valid():
            message_class, _dash, topic = form.cleaned_data["about"].partition("-")
            try:
                begin_dry_run(
                    segment,
                    message_class=message_class,
                    topic_id=int(topic) if topic else None,
                    channel=form.cleaned_data["channel"],
                    by=request.user,
                )
            except (RuleError, TooSlowError) as error:
                form.add_error(None, _("The segment cannot be read: %(why)s") % {"why": error})
            else:
                return redirect("campaigns:dry_run", segment.pk)
    context = {"segment": segment, "form": form, "run": run, "lines": _lines(run), "asked": _asked(run)}
    fragment = "#answers" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"campaigns/dry_runs/run.html{fragment}", context, status=status)


@needs("campaigns.see")
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: Request, segment_pk: int, code: str) -> HttpResponse:
    """Who is behind one answer; POST keeps them as a list of people."""
    segment = get_object_or_404(visible(request), pk=segment_pk)
    run = latest(segment)
    if run is None or code not in run.counts:
        raise Http404
    if request.method == "POST":
        return _keep(request, segment, run, code)
    after = whole_number(request.GET.get("after", "")) or 0
    ids = people_of(run, code, after=after, number=PER_PAGE + 1)
    held = Contact.objects.in_bulk(ids[:PER_PAGE])
    context = {
        "segment": segment,
        "run": run,
        "code": code,
        "text": _text(code),
        "count": run.counts[code],
        "people": [shown(request, held[one]) for one in ids[:PER_PAGE] if one in held],
        "after": ids[PER_PAGE - 1] if len(ids) > PER_PAGE else None,
        "asked": _asked(run),
        "may_keep": may(request.membership.role, "segments.own"),
        "name": _("%(segment)s: %(reason)s") % {"segment": segment.name, "reason": _text(code)},
    }
    return render(request, "campaigns/dry_runs/people.html", context)


def _keep(request: Request, segment: Segment, run: DryRun, code: str) -> HttpResponse:
    if not may(request.membership.role, "segments.own"):
        raise Http404
    if run.finished_at is None:
        messages.error(request, _("The gate is still being asked: wait until it has answered about everybody."))
        return redirect("campaigns:dry_run", segment.pk)
    name = request.POST.get("name", "").strip()[:120]
    is_private = not may(request.membership.role, "segments.edit")
    try:
        if not name:
            raise IntegrityError
        with transaction.atomic():
            made = make_list(name, owner_id=int(request.user.pk or 0), is_private=is_private)
            pick(made, everybody_of(run, code), by_id=request.user.pk)
    except IntegrityError:
        messages.error(request, _("Nothing was made: give it a name that no other segment has."))
        return redirect("campaigns:dry_run_people", segment.pk, code)
    audit("segment.saved", by=request.user, target=made)
    return redirect("segments:segment", made.pk)


def _lines(run: DryRun | None) -> list[dict[str, Any]]:
    """The answers: yes first, then what ends by itself, then the rest; each the most frequent first."""
    if run is None:
        return []
    order = sorted(run.counts.items(), key=lambda one: (one[0] != MAY, one[0] not in LATER, -one[1], one[0]))
    return [
        {
            "code": code,
            "text": _text(code),
            "count": count,
            "share": 100 * count / max(1, run.done),
            "tone": "good" if code == MAY else "warn" if code in LATER else "bad",
        }
        for code, count in order
    ]


def _text(code: str) -> str:
    return _("May be written to") if code == MAY else str(REASONS.get(code, code))


def _asked(run: DryRun | None) -> str:
    """The question of the run, in words."""
    if run is None:
        return ""
    kind = MessageClass(run.message_class).label
    words = f"{kind}: {run.topic.name}" if run.topic else str(kind)
    return _("%(kind)s, by %(channel)s") % {"kind": words, "channel": Channel(run.channel).label}


def _said_last(run: DryRun | None) -> dict[str, Any]:
    if run is None:
        return {"channel": Channel.EMAIL}
    return {"about": f"{run.message_class}-{run.topic_id or ''}", "channel": run.channel}
