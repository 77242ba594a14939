"""Connections: what the inbox listens to, with its health."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.models import Connection
from conversations.setting_aside import set_aside_by_connection
from social.connecting import connect, hook_link, network_of, networks, rotate_secret, set_active
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
    connection, secret = connect(network, by=request.user, **form.facts())
    if secret:
        return _page(request, secret=secret, made=connection)
    messages.success(
        request, _("We look at it within a minute. What stands there already comes in without asking for answers.")
    )
    return redirect("social:connections")


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


def _page(
    request: Request,
    *,
    status: int = 200,
    secret: str = "",
    made: Connection | None = None,
    filled: dict[str, Any] | None = None,
) -> HttpResponse:
    rows = [(row, network_of(row)) for row in Connection.objects.order_by("name")]
    aside = set_aside_by_connection(SHOWN_ASIDE)
    context = {
        "rows": [
            {
                "row": row,
                "can": network.capabilities(),
                "kind": network.label,
                "set_aside_count": aside.get(row.pk, (0, []))[0],
                "set_aside": aside.get(row.pk, (0, []))[1],
            }
            for row, network in rows
        ],
        "networks": [
            {
                "key": one.key,
                "label": one.label,
                "icon": one.icon,
                "says": one.says,
                "form": (filled or {}).get(one.key) or one.form(prefix=one.key),
            }
            for one in networks()
        ],
        "secret": secret,
        "made": made,
        "link": hook_link(made) if made else "",
        "back": reverse("conversations:inbox"),
    }
    return render(request, "social/connections.html", context, status=status)
