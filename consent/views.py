"""The gate's answer on the contact page; the suppression list; topics, hours and caps."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from consent.forms import CapsForm, FindEntryForm, HoursForm, InterestsForm, SuppressForm, TopicForm
from consent.listed import (
    LIFTED_BY_HAND,
    MOST_COUNTED,
    NotByHandError,
    add_by_hand,
    count_entries,
    find_entries,
    lift_by_hand,
    list_entries,
)
from consent.models import Consent, ConsentNow, ContactHours, ContactRules, Suppression, Topic
from consent.panels import may_write_panel
from consent.rules import (
    EVERY_DAY,
    USUAL_FROM,
    USUAL_UNTIL,
    TopicInUseError,
    add_hours,
    add_topic,
    cap_offers,
    edit_topic,
    hold_rules,
    offer_interests,
    remove_hours,
    remove_topic,
    rules,
)
from contacts.countries import country_choices
from contacts.models import Contact
from contacts.showing import sees_names
from contacts.views.people import contact
from lib.asked import whole_number
from lib.clock import now
from lib.written_meanwhile import held
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.see")
@require_safe
def may_write(request: Request, pk: int) -> HttpResponse:
    """The gate's answer for another kind of message: the panel alone."""
    found = get_object_or_404(Contact, pk=pk)
    panel = may_write_panel(request, found)
    if not request.htmx:
        return contact(request, pk)
    return render(request, "consent/panels/may_write.html", {"panel": panel})


@needs("contacts.see")
@require_safe
def do_not_contact(request: Request) -> HttpResponse:
    """Addresses that are never written to: why, since when; whether one address is among them; more of them."""
    return _list_page(request, SuppressForm())


@needs("contacts.edit")
@require_POST
def suppress(request: Request) -> HttpResponse:
    """These addresses are never written to again."""
    form = SuppressForm(request.POST)
    if not form.is_valid():
        return _list_page(request, form, status=422)
    said = form.cleaned_data
    added = add_by_hand(said["addresses"], channel=said["channel"], why=said["why"], by=request.user)
    if added.count:
        sentence = ngettext(
            "%(count)s address is never written to again.",
            "%(count)s addresses are never written to again.",
            added.count,
        )
        messages.success(request, sentence % {"count": added.count})
    if added.unusable:
        text = _("No addresses of this channel, and left out: %(words)s")
        messages.error(request, text % {"words": ", ".join(Truncator(one).chars(60) for one in added.unusable[:20])})
    return redirect("consent:do_not_contact")


@needs("contacts.edit")
@require_POST
def lift(request: Request, pk: int) -> HttpResponse:
    """Take away a block of our own, for the address that was searched for."""
    entry, address = get_object_or_404(Suppression, pk=pk), request.POST.get("address", "")[:320]
    try:
        is_lifted = lift_by_hand(entry.pk, address, by=request.user)
    except NotByHandError:
        messages.error(request, _("This is their own word, or their mailbox's: only a new consent of theirs lifts it."))
    else:
        if is_lifted:
            messages.success(
                request, _("Taken off the list. It does not mean consent: the gate asks for that as ever.")
            )
        else:
            messages.info(request, _("Nothing was changed: this entry no longer stands."))
    return redirect(f"{reverse('consent:do_not_contact')}?{urlencode({'address': address})}")


def _list_page(request: Request, form: SuppressForm, *, status: int = 200) -> HttpResponse:
    reason = request.GET.get("reason", "")
    reasons = [reason] if reason in Suppression.Reason.values else list(Suppression.Reason.values)
    page = list_entries(reasons, cursor=request.GET.get("after", ""))
    context: dict[str, Any] = {"rows": page.rows, "cursor": page.cursor, "reason": reason}
    if request.htmx and request.GET.get("after"):
        return render(request, "consent/do_not_contact.html#rows", context)
    counts = count_entries()
    asked = request.GET.get("address", "").strip()[:320] if sees_names(request) else ""
    context |= {
        "counts": [(one.value, one.label, counts[one.value]) for one in Suppression.Reason],
        "total": sum(counts.values()),
        "most": MOST_COUNTED,
        "find_form": FindEntryForm(initial={"address": asked}),
        "asked": asked,
        "found": find_entries(asked) if asked else [],
        "form": form,
        "by_hand": LIFTED_BY_HAND,
        "sees_names": sees_names(request),
        "may_edit": may(request.membership.role, "contacts.edit"),
        "may_import": may(request.membership.role, "contacts.import"),
    }
    return render(request, "consent/do_not_contact.html", context, status=status)


@needs("workspace.settings")
@require_safe
def rules_page(request: Request) -> HttpResponse:
    """Topics, hours and caps: what people may ask for, when and how often they are written to."""
    return _rules(request)


@needs("workspace.settings")
@require_POST
def save_topic(request: Request, pk: int = 0) -> HttpResponse:
    """A new topic, or other words for one."""
    topic = get_object_or_404(held(Topic.objects.all(), request), pk=pk) if pk else None
    form = TopicForm(request.POST, instance=topic)
    if not form.is_valid():
        shown = Topic.objects.filter(pk=pk).first()  # the form has written its words into the other one
        return _rules(request, topic_form=form, topic=shown, status=422)
    if topic is None:
        add_topic(by=request.user, **form.cleaned_data)
    else:
        edit_topic(topic, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("consent:rules")


@needs("workspace.settings")
@require_POST
def drop_topic(request: Request, pk: int) -> HttpResponse:
    """A topic that nobody ever spoke of goes."""
    try:
        remove_topic(get_object_or_404(Topic, pk=pk), by=request.user)
    except TopicInUseError:
        messages.error(request, _("Nothing was changed: people said something about it, or messages are sent for it."))
    else:
        messages.success(request, _("Removed."))
    return redirect("consent:rules")


@needs("workspace.settings")
@require_POST
def save_caps(request: Request) -> HttpResponse:
    """How many offers at most."""
    form = CapsForm(request.POST, initial=_caps_said(hold_rules()))
    if not form.is_valid():
        return _rules(request, caps_form=form, status=422)
    cap_offers(by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved. It counts for what goes out from now on."))
    return redirect("consent:rules")


@needs("workspace.settings")
@require_POST
def save_interests(request: Request) -> HttpResponse:
    """What people may tick on their own page."""
    form = InterestsForm(request.POST, initial={"interests": hold_rules().interests})
    if not form.is_valid():
        return _rules(request, interests_form=form, status=422)
    offer_interests(form.cleaned_data["interests"], by=request.user)
    messages.success(request, _("Saved."))
    return redirect("consent:rules")


@needs("workspace.settings")
@require_POST
def save_hours(request: Request) -> HttpResponse:
    """One more row of the table of hours."""
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _rules(request, hours_form=form, status=422)
    add_hours(by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("consent:rules")


@needs("workspace.settings")
@require_POST
def drop_hours(request: Request, pk: int) -> HttpResponse:
    """A row of the table of hours goes."""
    remove_hours(get_object_or_404(ContactHours, pk=pk), by=request.user)
    messages.success(request, _("Removed."))
    return redirect("consent:rules")


def _caps_said(caps: ContactRules) -> dict[str, int]:
    return {"a_week": caps.offers_a_week, "a_day": caps.offers_a_day}


def _rules(request: Request, *, status: int = 200, **forms: Any) -> HttpResponse:
    given = ConsentNow.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now()), state=Consent.State.GIVEN)
    said = dict(given.values_list("topic").annotate(Count("contact", distinct=True)))
    edited = whole_number(request.GET.get("topic", ""))
    topic = Topic.objects.filter(pk=edited).first() if edited else None
    caps, rows = rules(), list(ContactHours.objects.order_by("is_calling", "country", "-valid_from", "opens"))
    names = dict(country_choices())
    context = {
        "topics": [(one, said.get(one.pk, 0)) for one in Topic.objects.all()],
        "topic": topic,
        "topic_form": TopicForm(instance=topic),
        "caps_form": CapsForm(initial=_caps_said(caps)),
        "interests_form": InterestsForm(initial={"interests": caps.interests}),
        "hours": [(row, names.get(row.country, _("all others")), _days(row.days)) for row in rows],
        "usual_from": USUAL_FROM,
        "usual_until": USUAL_UNTIL,
        "hours_form": HoursForm(initial={"opens": USUAL_FROM, "closes": USUAL_UNTIL, "valid_from": now().date()}),
        **forms,
    }
    return render(request, "consent/rules.html", context, status=status)


def _days(mask: int) -> str:
    if mask == EVERY_DAY:
        return _("every day")
    return ", ".join(str(name) for number, name in WEEKDAYS_ABBR.items() if mask >> number & 1)
