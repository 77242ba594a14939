"""The relationship page: people see and steer the relationship. GET shows, POST acts, every save can be undone."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from consent.models import Topic
from consent.tracking import tracking_word
from contacts.addresses import BadAddressError, normalise_email
from contacts.merging import survivors_of
from contacts.models import Contact, Identity
from lib.clock import now
from lib.own_mail import send_mail
from portal import preferences, rights
from portal.access_links import person_of, relationship_link, workspace_of_token
from portal.accounts import accounts_shown
from portal.acts import TooOftenError, do_act
from portal.browsers import browsers_of
from portal.exchange import exchanges_of
from portal.interests import interests_of
from portal.liked import liked_by
from portal.own_facts import LANGUAGES, read_address_token, take_address
from portal.profile_summary import agreements, happened_lately, sentences
from portal.saved import seal, unseal
from portal.signing_up.public_form import TRAP
from privacy.packing import package_path
from workspaces.current import working_in
from workspaces.models import Workspace

COOL_DOWN = 600
MOST_WHO_SHARE, MOST_ROWS = 5, 50


@csrf_exempt
def relationship(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """One person's page. The signed address is the key: no login, no cookie, so no CSRF token either."""
    workspace, contact_id = workspace_of_token(slug, token)
    with working_in(workspace):
        contact = person_of(contact_id)
        with translation.override(_language(request, workspace, contact)):
            if request.method != "POST":
                return _page(request, workspace, contact, token)
            try:
                change = do_act(request, slug, contact)
            except TooOftenError:
                return _page(request, workspace, contact, token, status=429)
            if change is None:
                return _page(request, workspace, contact, token, status=422)
            more = {"lang": asked} if (asked := _asked_language(request)) else {}
            return redirect(f"{_path(slug, token)}?{urlencode({'s': seal(contact, change), **more})}")


def _page(request: HttpRequest, workspace: Workspace, contact: Contact, token: str, status: int = 200) -> HttpResponse:
    standing = preferences.topics_of(contact)
    base, asked = _path(workspace.slug, token), _asked_language(request)
    current = translation.get_language() or ""
    context = {
        "workspace": workspace,
        "contact": contact,
        "saved": _saved(request, contact),
        "base": base,
        "here": f"{base}?lang={asked}" if asked else base,
        "others": [(code, name, f"{base}?lang={code}") for code, name in LANGUAGES.items() if code != current[:2]],
        "languages": LANGUAGES.items(),
        "topics": [(topic, standing[topic.key]) for topic in Topic.objects.filter(is_private=False)],
        "exchanges": exchanges_of(contact),
        "ending": preferences.ending_of(contact),
        "talks": Contact.DialogueMode.choices,
        "measured": preferences.MEASURED.items() if workspace.tracks_mail else (),
        "mode": word.mode if (word := tracking_word(contact)) else workspace.mail_tracking,
        "knows": sentences(contact),
        "lately": happened_lately(contact),
        "interests": interests_of(contact),
        "liked": liked_by(contact),
        "asked": rights.requests_of(contact),
        "phones": Identity.objects.filter(contact=contact, kind=Identity.Kind.PHONE, former_since=None),
        "browsers": browsers_of(contact),
        "accounts": accounts_shown(contact),
        "push_page": f"/p/{workspace.slug}/push/?{urlencode({'me': token})}",
        "agreements": agreements(contact),
        "tomorrow": (now() + timedelta(days=1)).date(),
        "failed": status == 422,
        "is_too_often": status == 429,
        "typed": request.POST if status != 200 else {},
        "trap": TRAP,
    }
    response = render(request, "portal/relationship.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response


@csrf_exempt
def new_address(request: HttpRequest, slug: str, sealed: str) -> HttpResponse:
    """Is this your address? GET asks, POST takes it: a scanner that follows the link changes nothing."""
    workspace = get_object_or_404(Workspace, slug=slug)
    named = read_address_token(sealed)
    if named is None or named[0] != workspace.pk or request.method not in {"GET", "HEAD", "POST"}:
        raise Http404("No such page.")
    with working_in(workspace):
        contact = person_of(named[1])
        with translation.override(_language(request, workspace, contact)):
            is_over = contact.email not in {named[3], named[2]}
            taken = take_address(contact, named[2]) if request.method == "POST" and not is_over else None
            own_page = relationship_link(workspace, contact.pk) if taken else ""
            context = {"workspace": workspace, "address": named[2], "taken": taken, "own_page": own_page}
            context["is_over"] = is_over
            response = render(request, "portal/new_address.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _language(request: HttpRequest, workspace: Workspace, contact: Contact | None = None) -> str:
    """What the address asks, else the person's own language, else what their browser speaks, else the workspace's."""
    if asked := _asked_language(request):
        return asked
    if contact is not None and contact.language[:2] in LANGUAGES:
        return contact.language[:2]
    spoken = request.headers.get("Accept-Language", "")[:200]
    wanted = [one.split(";")[0].strip().lower()[:2] for one in spoken.split(",")]
    return next((one for one in wanted if one in LANGUAGES), workspace.locale)


def _asked_language(request: HttpRequest) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else ""


def _saved(request: HttpRequest, contact: Contact) -> dict[str, Any] | None:
    sealed = request.GET.get("s", "")
    saved = unseal(contact, sealed)
    return {"said": saved[0], "undo": sealed if saved[1] else ""} if saved else None


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
    with translation.override(_language(request, workspace)):
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
        held = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address, former_since=None).order_by("pk")
        ids = list(held.values_list("contact_id", flat=True)[:MOST_ROWS])
        standing = survivors_of(ids)
        known = Contact.objects.filter(erased_at=None).in_bulk(set(standing.values()))
        users = [known[one] for one in dict.fromkeys(standing[one] for one in ids) if one in known]
        if not users:
            return
        links = [(one.given_name or one.name, relationship_link(workspace, one.pk)) for one in users[:MOST_WHO_SHARE]]
    body = render_to_string("portal/emails/own_page.txt", {"workspace": workspace, "links": links})
    send_mail(_("Your page at %(brand)s") % {"brand": workspace.name}, body, address)
