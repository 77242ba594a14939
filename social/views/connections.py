"""Connections: what the inbox listens to, with its health."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.channels import ChannelError
from conversations.mentions.setting_aside import set_aside_by_connection
from conversations.models import Connection
from social.connecting import connect, hook_link, network_of, networks, rotate_secret, set_active, sign_in_again
from social.connection_health import health_of, heard_lately
from social.forms import ConnectForm
from social.networks.protocol import Network
from social.signing_in_again import again_form
from social.stream_places import live_of
from social.views.allowing import send_there
from social.watching import watched_counts
from workspaces.current import current_workspace
from workspaces.permissions import needs
from workspaces.requests import Request

SHOWN_ASIDE = 10


@needs("social.connect")
def connections(request: Request) -> HttpResponse:
    """All connections with their health, and the networks that can be added."""
    return _page(request)


@require_POST
@needs("social.connect")
def add(request: Request, network: str) -> HttpResponse:
    """A new connection; a secret is shown this once."""
    kind = next((one for one in networks() if one.key == network), None)
    if kind is None:
        raise Http404
    form = kind.form(request.POST, prefix=network)
    if not form.is_valid():
        return _page(request, filled={network: form}, status=422)
    if form.is_asked_there():
        return _ask_there(request, network, form)
    connection, secret = connect(network, by=request.user, **form.facts())
    if secret:
        return _page(request, secret=secret, made=connection)
    messages.success(
        request, _("We look at it within a minute. What stands there already comes in without asking for answers.")
    )
    return redirect("social:connections")


def _ask_there(request: Request, network: str, form: ConnectForm) -> HttpResponse:
    """A page that leads to their server, where the person allows us."""
    try:
        return _page(request, onward=send_there(request, form))
    except ChannelError as error:
        form.add_error("server", str(error))
        return _page(request, filled={network: form}, status=422)


@require_POST
@needs("social.connect")
def rotate(request: Request, pk: int) -> HttpResponse:
    """A new secret; the one before stays good until the next change."""
    connection = get_object_or_404(Connection, pk=pk)
    if not network_of(connection).capabilities().receives:
        raise Http404
    return _page(request, secret=rotate_secret(connection, by=request.user), made=connection)


@require_POST
@needs("social.connect")
def activate(request: Request, pk: int) -> HttpResponse:
    """Listen, or stop listening."""
    set_active(get_object_or_404(Connection, pk=pk), request.POST.get("active") == "yes", by=request.user)
    return redirect("social:connections")


@require_POST
@needs("social.connect")
def sign_in(request: Request, pk: int) -> HttpResponse:
    """A new token or password for a connection that its server refuses; it goes on where it stopped."""
    connection = get_object_or_404(Connection, pk=pk)
    form = again_form(network_of(connection), connection, request.POST)
    if form is None:
        raise Http404
    if not form.is_valid():
        return _page(request, filled={f"again-{pk}": form}, status=422)
    sign_in_again(connection, by=request.user, **form.facts())
    messages.success(request, _("Signed in again. We read on from where we stopped."))
    return redirect("social:connections")


def _page(
    request: Request,
    *,
    status: int = 200,
    secret: str = "",
    made: Connection | None = None,
    onward: dict[str, str] | None = None,
    filled: dict[str, Any] | None = None,
) -> HttpResponse:
    filled = filled or {}
    aside, heard = set_aside_by_connection(SHOWN_ASIDE), heard_lately()
    rows, watched = [(row, network_of(row)) for row in Connection.objects.order_by("name")], watched_counts()
    live = live_of(current_workspace().pk, [row.pk for row, _network in rows])
    context = {
        "rows": [
            {
                "row": row,
                "can": network.capabilities(),
                "kind": network.label,
                "icon": network.icon,
                "health": health_of(row, heard.get(row.pk, 0), is_live=row.pk in live),
                "watched_count": watched.get(row.pk, 0),
                "again": filled.get(f"again-{row.pk}") or again_form(network, row),
                "set_aside_count": aside.get(row.pk, (0, []))[0],
                "set_aside": aside.get(row.pk, (0, []))[1],
            }
            for row, network in rows
        ],
        "networks": [_offer(one, filled) for one in networks()],
        "fine_count": sum(row.is_active and not row.failures for row, _network in rows),
        "secret": secret,
        "made": made,
        "onward": onward,
        "link": hook_link(made) if made else "",
        "back": reverse("conversations:inbox"),
    }
    return render(request, "social/connections.html", context, status=status)


def _offer(kind: type[Network], filled: dict[str, Any]) -> dict[str, Any]:
    """A network that can be connected, with its form as it was filled in or empty."""
    form = filled.get(kind.key) or kind.form(prefix=kind.key)
    return {"key": kind.key, "label": kind.label, "icon": kind.icon, "says": kind.says, "form": form}
