"""The relationship page: people see and steer the relationship. GET shows, POST acts, every save can be undone."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core import signing
from django.core.cache import cache
from django.core.mail import send_mail
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from consent.models import Topic
from consent.tracking import tracking_word
from contacts.addresses import BadAddressError, normalise_email
from contacts.models import Contact, Identity
from lib.asked import whole_number
from lib.clock import now
from portal import preferences, rights
from portal.access_links import person_of, relationship_link, workspace_of_token
from portal.preferences import Change, Proof
from portal.profile_summary import agreements, sentences
from portal.receipts import mail_receipt
from privacy.packing import package_path
from workspaces.current import current_workspace, working_in
from workspaces.models import Workspace
from workspaces.tracking_mode import TrackingMode

SALT, UNDO_SECONDS = "portal.saved", 3600
PAUSES = {"month": 30, "quarter": 90}
COOL_DOWN = 600


@csrf_exempt
def relationship(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """One person's page. The signed address is the key: no login, no cookie, so no CSRF token either."""
    workspace, contact_id = workspace_of_token(slug, token)
    with translation.override(workspace.locale), working_in(workspace):
        contact = person_of(contact_id)
        if request.method == "POST":
            change = _act(request, slug, contact)
            if change is None:
                return _page(request, workspace, contact, token, status=422)
            return redirect(f"{_path(slug, token)}?s={_seal(contact, change)}")
        return _page(request, workspace, contact, token)


def _page(request: HttpRequest, workspace: Workspace, contact: Contact, token: str, status: int = 200) -> HttpResponse:
    standing = preferences.topics_of(contact)
    context = {
        "workspace": workspace,
        "contact": contact,
        "saved": _saved(request, contact),
        "here": _path(workspace.slug, token),
        "topics": [(topic, standing[topic.key]) for topic in Topic.objects.filter(is_private=False)],
        "ending": preferences.ending_of(contact),
        "talks": Contact.DialogueMode.choices,
        "measured": preferences.MEASURED.items() if workspace.tracks_mail else (),
        "mode": word.mode if (word := tracking_word(contact)) else workspace.mail_tracking,
        "knows": sentences(contact),
        "asked": rights.requests_of(contact),
        "phones": Identity.objects.filter(contact=contact, kind=Identity.Kind.PHONE, former_since=None),
        "agreements": agreements(contact),
        "tomorrow": (now() + timedelta(days=1)).date(),
        "failed": status == 422,
    }
    response = render(request, "portal/relationship.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _act(request: HttpRequest, slug: str, contact: Contact) -> Change | None:
    """Do what the pressed button says; None for what cannot be done."""
    said = request.POST
    proof = Proof(
        page=_path(slug, "…"),
        language=translation.get_language() or "",
        ip=request.META.get("REMOTE_ADDR") or None,
        agent=request.headers.get("User-Agent", "")[:300],
        wording=_("Yes, send me this by email."),
    )
    actions: dict[str, Callable[[], Change | None]] = {
        "less": lambda: preferences.write_less(contact),
        "usual": lambda: preferences.write_as_usual(contact),
        "stop": lambda: preferences.stop_all(contact, proof),
        "topics": lambda: preferences.choose_topics(contact, set(said.getlist("topic")), proof),
        "keep": lambda: preferences.keep_topics(contact, proof),
        "pause": lambda: _pause(contact, said.get("until", ""), said.get("day", "")),
        "go-on": lambda: preferences.pause_until(contact, None),
        "talk": lambda: _talk(contact, said.get("talk", "")),
        "tracking": lambda: _track(contact, said.get("mode", ""), proof),
        "profiling": lambda: preferences.allow_profiling(contact, "yes" in said),
        "ask": lambda: rights.ask(
            contact,
            said.get("kind", ""),
            said.get("words", "")[:5_000],
            _("Noted. You hear from us within a month."),
            is_sure=said.get("sure") == "yes",
        ),
        "receipt": lambda: _mail_receipt(contact),
        "undo": lambda: _undo(contact, said.get("before", ""), proof),
    }
    act = actions.get(said.get("do", ""))
    return act() if act else None


def _pause(contact: Contact, span: str, day: str) -> Change | None:
    if span in PAUSES:
        return preferences.pause_until(contact, now() + timedelta(days=PAUSES[span]))
    try:
        chosen = parse_date(day)
    except ValueError:
        chosen = None
    if chosen is None or not now().date() < chosen < now().date() + timedelta(days=3650):
        return None
    return preferences.pause_until(contact, datetime.combine(chosen, time(8), ZoneInfo(contact.zone or "UTC")))


def _talk(contact: Contact, how: str) -> Change | None:
    mode = whole_number(how)
    return preferences.talk_as(contact, mode) if mode in Contact.DialogueMode.values else None


def _track(contact: Contact, how: str, proof: Proof) -> Change | None:
    mode = whole_number(how)
    return preferences.allow_measuring(contact, mode, proof) if mode in TrackingMode.values else None


def _mail_receipt(contact: Contact) -> Change | None:
    if not contact.email:
        return None
    try:
        is_sent = mail_receipt(current_workspace(), contact)
    except OSError:
        return Change(_("The email could not be sent. Take the receipt with you as a file."))
    return Change(_("Your receipt is on its way.") if is_sent else _("It went to you a few minutes ago."))


def _undo(contact: Contact, sealed: str, proof: Proof) -> Change | None:
    saved = _unseal(contact, sealed)
    return preferences.take_back(contact, saved[1], proof) if saved else None


def _saved(request: HttpRequest, contact: Contact) -> dict[str, Any] | None:
    sealed = request.GET.get("s", "")
    saved = _unseal(contact, sealed)
    return {"said": saved[0], "undo": sealed if saved[1] else ""} if saved else None


def _seal(contact: Contact, change: Change) -> str:
    """What was changed, for this person of this workspace alone: on another's page it opens nothing."""
    return signing.dumps([contact.workspace_id, contact.pk, change.said, change.before], salt=SALT)


def _unseal(contact: Contact, sealed: str) -> tuple[str, Any] | None:
    """(what was said, how it was before) of a seal of this person's, or None."""
    try:
        workspace_id, contact_id, said, before = signing.loads(sealed, salt=SALT, max_age=UNDO_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (said, before) if (workspace_id, contact_id) == (contact.workspace_id, contact.pk) else None


def _path(slug: str, token: str) -> str:
    return f"/p/{slug}/me/{token}/"


def own_package(request: HttpRequest, slug: str, token: str, pk: int) -> HttpResponseBase:
    """Everything we know about the person, to take away. The signed address is the key."""
    workspace, contact_id = workspace_of_token(slug, token)
    with working_in(workspace):
        contact = person_of(contact_id)
        found = next((one for one in rights.requests_of(contact) if one.pk == pk), None)
        path = package_path(found) if found else None
    if request.method not in {"GET", "HEAD"} or path is None:
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=f"{slug}.zip")
    response["Referrer-Policy"] = "no-referrer"
    return response


@csrf_exempt
def mail_me(request: HttpRequest, slug: str) -> HttpResponse:
    """Mail me my link: says the same whether or not the address is known."""
    workspace = get_object_or_404(Workspace, slug=slug)
    if request.method not in {"GET", "HEAD", "POST"}:
        raise Http404
    with translation.override(workspace.locale):
        sent = request.method == "POST"
        if sent:
            _send_link(workspace, request.POST.get("email", ""))
        return render(request, "portal/mail_me.html", {"workspace": workspace, "sent": sent})


def _send_link(workspace: Workspace, text: str) -> None:
    try:
        address = normalise_email(text)
    except BadAddressError:
        return
    if not cache.add(f"mail-me:{workspace.pk}:{address}", 1, COOL_DOWN):
        return
    with working_in(workspace):
        held = Identity.objects.filter(
            kind=Identity.Kind.EMAIL, value=address, former_since=None, contact__erased_at=None
        ).first()
        if held is None:
            return
        link = relationship_link(workspace, held.contact_id)
    body = render_to_string("portal/emails/own_page.txt", {"workspace": workspace, "link": link})
    send_mail(_("Your page at %(brand)s") % {"brand": workspace.name}, body, None, [address])
