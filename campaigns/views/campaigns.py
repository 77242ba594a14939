"""Campaigns: the list, one campaign's page, one person looked up, emails in doubt."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.experiments.going_together import steps_of
from campaigns.experiments.setting_up import experiment_of
from campaigns.keeping_in_library import can_be_kept
from campaigns.list_figures import lines_of, people_of
from campaigns.listing import LISTED, narrowed
from campaigns.models import Campaign, Experiment
from campaigns.reporting import figures_by_now
from campaigns.reviewing import asked_about
from campaigns.views.calendar import tabs_of
from campaigns.views.going_out import sending_of
from campaigns.views.picturing import page_of
from campaigns.views.running import standing_context
from campaigns.views.setup import RELATED, show_setup
from consent.gate import verdict
from contacts.folding import fold_case
from contacts.models import Contact
from contacts.searching import find_people
from delivery.engine.claiming import ask_of
from delivery.engine.doubts import Fate, NotResendableError, closed_doubts, open_doubts, resolve_doubt
from delivery.engine.resending import can_resend
from delivery.models import Delivery, Message
from delivery.senders import carries_words, takes_tests
from delivery.test_sends import last_trial_of
from lib.money import written_money
from lib.web.htmx import look_again
from workspaces.current import current_workspace
from workspaces.panels import panels_at
from workspaces.permissions import may, needs

PER_PAGE, MOST_DOUBTS = 50, 200
MOVING = {Message.State.SCHEDULED, Message.State.PLANNING, Message.State.SENDING}


@needs("campaigns.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All campaigns, newest first; `?state=` and `?q=` narrow them."""
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    rows = Campaign.objects.seen().select_related("programme", "segment", "message")
    rows = rows.annotate(has_test=Exists(Experiment.objects.filter(campaign=OuterRef("pk"))))
    page = Paginator(narrowed(rows, state, words), PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    lines, people, asked = lines_of(shown), people_of(shown), asked_about(shown)
    page.object_list = shown
    for one in shown:
        one.line, one.is_in_review = lines.get(one.pk), one.pk in asked  # type: ignore[attr-defined]
        one.people = people[one.pk]  # type: ignore[attr-defined]
        one.revenue = _money(one.line.revenue_minor) if one.line else ""  # type: ignore[attr-defined]
    context = {
        "page": page,
        "can_edit": _can(request, "campaigns.edit"),
        "can_see_people": _can(request, "contacts.see"),
        "is_live": is_moving(shown),
        "states": [{"key": key, "name": name, "current": key == state} for key, name in LISTED],
        "state": state,
        "words": words,
        "is_narrowed": bool(state or words),
        "tabs": tabs_of("list"),
    }
    return render(request, "campaigns/list.html", context)


@needs("campaigns.see")
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Before it goes out: what is missing. From then on: how far it is, and what it did.

    `?was=` is the state that a polling page shows: when it is another one by now, the page loads anew.
    """
    campaign = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
    context: dict[str, Any] = {
        "campaign": campaign,
        "can_edit": _can(request, "campaigns.edit"),
        "can_launch": _can(request, "campaigns.launch"),
        "can_identify": _can(request, "contacts.identify"),
        "trial": last_trial_of(campaign.message),
        "has_words": carries_words(campaign.message.sender),
        "takes_tests": takes_tests(campaign.message.sender),
        "experiment": experiment_of(campaign),
        "can_keep": can_be_kept(campaign),
        **standing_context(campaign),
    }
    if request.GET.get("part") == "trial":
        return render(request, "delivery/trial.html", context | {"here": request.path})
    if request.htmx and request.GET.get("was", campaign.message.state) != campaign.message.state:  # type: ignore[attr-defined]
        return look_again()
    if request.htmx and campaign.message.planned_at is None and "was" in request.GET:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    if campaign.message.planned_at is None:
        return show_setup(request, campaign)
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        return _part(request, campaign, context)
    context |= steps_of(campaign, context["experiment"])
    return render(request, "campaigns/page.html", context | _report(request, campaign))


def _report(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """The figures, and what the room of its messenger keeps of it."""
    panels = panels_at("campaign.report", request, campaign.message)  # type: ignore[arg-type]
    return {**page_of(campaign), "panels": panels}


def _part(request: HttpRequest, campaign: Campaign, context: dict[str, Any]) -> HttpResponse:
    """What a page asks for again: each two seconds how far it is, now and then what it did."""
    if request.GET.get("part") == "report":
        return render(request, "campaigns/page.html#report", context | _report(request, campaign))
    return render(request, "campaigns/page.html#sending", context | sending_of(campaign, figures_by_now(campaign)))


@needs("contacts.identify")
@require_safe
def look_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Why somebody got it, or did not."""
    campaign = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
    words = request.GET.get("q", "").strip()[:100]
    found = []
    if len(words) >= 2:
        ids = find_people(words, limit=5)
        people = (
            Contact.objects.filter(pk__in=ids)
            if ids
            else Contact.objects.filter(name_folded__contains=fold_case(words))
        )
        deliveries = {
            row.contact_id: row
            for row in Delivery.objects.filter(message=campaign.message_id, contact__in=list(people[:5]))
        }
        ask = ask_of(campaign.message)
        found = [
            {"person": one, "delivery": deliveries.get(one.pk), "verdict": verdict(ask, one)} for one in people[:5]
        ]
    return render(request, "campaigns/look_up.html", {"campaign": campaign, "words": words, "found": found})


@needs("contacts.identify")
@require_safe
def doubts(request: HttpRequest, pk: int) -> HttpResponse:
    """Emails whose outcome nobody knows: those one may find out about, then those that stay unknown."""
    campaign = get_object_or_404(Campaign.objects.select_related("message"), pk=pk)
    context = {
        "campaign": campaign,
        "rows": open_doubts(campaign.message_id).select_related("contact")[:MOST_DOUBTS],
        "closed": closed_doubts(campaign.message_id).select_related("contact")[:MOST_DOUBTS],
        "can_launch": _can(request, "campaigns.launch"),
        "can_resend": can_resend(campaign.message),
    }
    return render(request, "campaigns/doubts.html", context)


@needs("campaigns.launch")
@require_POST
def resolve(request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """A person says what became of one: `was` is a Fate."""
    delivery = get_object_or_404(Delivery, pk=delivery_pk, message__campaigns=pk)
    said = {
        Fate.SENT: _("Noted: it was sent."),
        Fate.RESEND: _("It is sent again, under its old number: a server that has it already may drop the second one."),
        Fate.LEAVE: _("It stays unknown."),
    }
    try:
        fate = Fate(request.POST.get("was", ""))
        is_new = resolve_doubt(delivery, fate, by=request.user)  # type: ignore[arg-type]
        if Message.objects.filter(pk=delivery.message_id, state=Message.State.PAUSED).exists():
            said[Fate.RESEND] = _("It waits with the others, and is sent again, under its old number, when you resume.")
        messages.success(request, said[fate] if is_new else _("It has its word already. Nothing was changed."))
    except NotResendableError:
        messages.error(request, _("The campaign was cancelled: nothing of it goes out any more. Nothing was changed."))
    except ValueError:
        messages.error(request, _("Say what became of it by one of the buttons. Nothing was changed."))
    return redirect("campaigns:doubts", pk)


def is_moving(campaigns: Iterable[Campaign]) -> bool:
    """Whether one of them changes its state by itself: a page that shows it looks again."""
    return any(one.message.state in MOVING for one in campaigns)


def _money(minor: int) -> str:
    """An amount as people write it, "" for none."""
    return written_money(Decimal(minor) / 100, current_workspace().currency) if minor else ""


def _can(request: HttpRequest, permission: str) -> bool:
    return may(request.membership.role, permission)  # type: ignore[attr-defined]
