"""Pages of the ledger: more of the timeline, and logging an activity by hand."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.models import Contact
from contacts.showing import is_revealed, shown
from touchpoints.facts import Fact
from touchpoints.forms import TouchpointForm
from touchpoints.kinds import KINDS
from touchpoints.panels import timeline_panel
from touchpoints.recording import record
from touchpoints.sources import by_hand_source
from workspaces.current import current_workspace
from workspaces.permissions import may, needs
from workspaces.requests import Request


@require_safe
@needs("contacts.look_up")
def timeline(request: Request, contact_id: int) -> HttpResponse:
    """A person's history: as a fragment for htmx, as a page of its own without JavaScript."""
    contact = _contact(request, contact_id)
    context = {
        "panel": timeline_panel(request, contact),
        "contact": contact,
        "person": shown(request, contact),
        "back": _back(request, contact),
    }
    if request.htmx and "after" in request.GET:
        return render(request, "touchpoints/panels/timeline.html#days", context)
    template = "touchpoints/panels/timeline.html" if request.htmx else "touchpoints/timeline.html"
    return render(request, template, context)


@needs("touchpoints.log")
def log(request: Request, contact_id: int) -> HttpResponse:
    """Log a call, a meeting, a visit, a code."""
    contact = _contact(request, contact_id)
    back = _back(request, contact)
    with timezone.override(current_workspace().zone):
        form = TouchpointForm(
            request.POST or None, initial={"token": uuid.uuid4().hex, "kind": request.GET.get("kind")}
        )
        if request.method == "POST" and form.is_valid():
            is_new = record([_fact(contact, form, request.user.pk)], source=by_hand_source()).fresh_count > 0
            there = _("This activity stands there already. It was not logged again.")
            messages.success(request, _("Activity logged.") if is_new else there)
            return redirect(back)
        context = {"form": form, "contact": contact, "person": shown(request, contact), "back": back}
        return render(request, "touchpoints/log.html", context, status=422 if form.errors else 200)


def _contact(request: Request, pk: int) -> Contact:
    """The person. Who may not browse gets only those whom they have looked up; anybody else is a 404 to them."""
    if not may(request.membership.role, "contacts.see") and not is_revealed(request, pk):
        raise Http404
    return get_object_or_404(Contact, pk=pk)


def _back(request: Request, contact: Contact) -> str:
    """Where this member came from: the person's page, or what they looked up."""
    if may(request.membership.role, "contacts.see"):
        return reverse("contacts:contact", args=[contact.pk])
    return f"{reverse('contacts:look_up')}?of={contact.pk}"


def _fact(contact: Contact, form: TouchpointForm, user_id: int | None) -> Fact:
    """The form as a fact; its token makes a second click harmless."""
    said = form.cleaned_data
    payload = {name: said[name] for name in ("note", "minutes", "place") if said[name]}
    return Fact(
        kind=said["kind"],
        external_id=f"hand-{said['token']}",
        occurred_at=said["occurred_at"],
        contact_id=contact.pk,
        channel=int(KINDS[said["kind"]].channel),
        sentiment_milli=int(said["mood"]) if said["mood"] else None,
        actor_id=user_id,
        payload=payload,
    )
