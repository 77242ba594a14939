"""Setting a sender up: who carries it, what the DNS must say, where its test lands. One page, come back to for a week."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from deliverability.forms import WarmUpForm, WebhookForm
from deliverability.keys import exchange_keys, keys_of, make_keys
from deliverability.looking import ask_look, look_of
from deliverability.models import SeedMailbox, SeedTest
from deliverability.seed_tests import ask_seed_tests, newest_run
from deliverability.standing import standing_of
from deliverability.warming import shown_plan
from delivery.models import Sender
from delivery.presets import EMAIL_KINDS, PRESETS
from delivery.returns.hooks import address_of, likely_provider, provider_of, webhook_of
from workspaces.permissions import needs
from workspaces.requests import Request

Place = SeedTest.Place


@needs("workspace.settings")
@require_safe
def setup(request: Request, pk: int) -> HttpResponse:
    """What is missing first, what is there quietly below. htmx gets the lines or the tests while they change."""
    return show_setup(request, get_object_or_404(Sender, pk=pk, kind__in=EMAIL_KINDS))


def show_setup(
    request: Request,
    sender: Sender,
    *,
    form: WebhookForm | None = None,
    warm_up_form: WarmUpForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a sender's set-up, with the forms of its provider's webhook and its plan as they were filled in."""
    standing = standing_of(sender)
    tests = list(newest_run(sender))
    waits = [one for one in tests if one.place in {Place.SENDING, Place.WAITING}]
    context: dict[str, Any] = {
        "sender": sender,
        "standing": standing,
        "presets": PRESETS,
        "tests": tests,
        "is_testing": bool(waits),
        "tests_say": _tests_say(tests),
        "mailboxes": SeedMailbox.objects.count(),
        "keys": keys_of(standing.look.domain) if standing.look else [],
        "is_looking": bool(standing.look and _is_asked(standing.look)),
    }
    context |= returns_of(sender, form)
    context |= {"warm_up": shown_plan(sender), "warm_up_form": warm_up_form or WarmUpForm()}
    part = request.GET.get("part", "") if request.htmx and not request.htmx.boosted else ""
    fragment = f"#{part}" if part in {"lines", "tests"} else ""
    return render(request, f"deliverability/setup.html{fragment}", context, status=status)


def returns_of(sender: Sender, form: WebhookForm | None) -> dict[str, Any]:
    """What the page says of the provider's webhook."""
    webhook = webhook_of(sender)
    chosen = webhook.provider if webhook else likely_provider(sender)
    return {
        "webhook": webhook,
        "webhook_provider": provider_of(webhook) if webhook else None,
        "webhook_address": address_of(webhook) if webhook else "",
        "webhook_form": form or WebhookForm(initial={"provider": chosen}, webhook=webhook),
        "has_return_path": bool(sender.settings.get("return_path_domain")),
    }


@needs("workspace.settings")
@require_POST
def look(request: Request, pk: int) -> HttpResponse:
    """Look at the DNS again; a worker does it within seconds, and the page shows it."""
    found = look_of(get_object_or_404(Sender, pk=pk, kind__in=EMAIL_KINDS))
    if found is not None:
        ask_look(found)
    return redirect("deliverability:setup", pk)


@needs("workspace.settings")
@require_POST
def new_keys(request: Request, pk: int) -> HttpResponse:
    """Keys of our own for the domain, or new ones in place of those that sign."""
    found = look_of(get_object_or_404(Sender, pk=pk, kind__in=EMAIL_KINDS))
    if found is None:
        messages.error(request, _("The DNS has no say for this sender."))
        return redirect("deliverability:setup", pk)
    if keys_of(found.domain):
        exchange_keys(found.domain, by=request.user)
        messages.success(request, _("New keys are made. The old ones sign until the DNS shows the new ones."))
    else:
        make_keys(found.domain, by=request.user)
        messages.success(request, _("Keys are made. They sign once the DNS shows their lines."))
    ask_look(found)
    return redirect("deliverability:setup", pk)


@needs("workspace.settings")
@require_POST
def test(request: Request, pk: int) -> HttpResponse:
    """Send a test to every seed mailbox."""
    sender = get_object_or_404(Sender, pk=pk, kind__in=EMAIL_KINDS)
    if not ask_seed_tests(sender, by=request.user):
        messages.error(request, _("Tests are on their way already, or there is no seed mailbox yet."))
    return redirect("deliverability:setup", pk)


def _is_asked(look: Any) -> bool:
    return look.looked_at is None or (look.wanted_at is not None and look.wanted_at > look.looked_at)


def _tests_say(tests: list[SeedTest]) -> str:
    """Where the last tests landed, in one sentence."""
    if not tests:
        return ""
    counts = {place: sum(one.place == place for one in tests) for place in Place.values}
    named = {"inbox": Place.INBOX, "junk": Place.JUNK, "lost": Place.MISSING, "unread": Place.UNREAD}
    facts = {"all": len(tests)} | {name: counts[place] for name, place in named.items()}
    if counts[Place.JUNK]:
        return _("%(inbox)s of %(all)s in the inbox, %(junk)s in junk.") % facts
    if counts[Place.MISSING]:
        return _("%(inbox)s of %(all)s in the inbox, %(lost)s never arrived.") % facts
    if counts[Place.UNREAD]:
        return _("%(inbox)s of %(all)s in the inbox, %(unread)s in mailboxes that could not be read.") % facts
    return _("%(inbox)s of %(all)s in the inbox.") % facts
