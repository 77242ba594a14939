"""Being allowed on somebody's server: sent there, and back with a code that is good for a token."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conversations.channels import ChannelError
from lib.links import workspace_link
from social.connecting import connect
from social.networks.mastodon import Mastodon
from social.networks.mastodon_oauth import Asked, ask, asked_of, is_ours, token_for
from social.networks.mastodon_probing import sign_in
from workspaces.current import current_workspace
from workspaces.permissions import needs
from workspaces.requests import Request

KEPT = "allowing"


def send_there(request: Request, form: Any) -> dict[str, str]:
    """{address, host} of the page where the server asks whether it may be us; kept in this session. ChannelError."""
    given = form.cleaned_data
    asked, address = ask(given["server"], given["name"], callback=_callback())
    request.session[KEPT] = {"workspace": current_workspace().slug, **asked.to_session()}
    return {"address": address, "host": urlsplit(asked.server).netloc}


@require_GET
@needs("social.connect")
def back(request: Request) -> HttpResponse:
    """They allowed us, or not. What was asked is good for one return, in the session and workspace that asked."""
    kept = request.session.pop(KEPT, None) or {}
    slug = kept.pop("workspace", "")
    asked, code = asked_of(kept), request.GET.get("code", "")
    if asked is None or slug != current_workspace().slug or not is_ours(asked, request.GET.get("state", "")):
        messages.error(request, _("This way back is not yours, or was used before. Begin again."))
    elif not code:
        messages.error(request, _("The server did not allow it. Nothing was connected."))
    else:
        _connect(request, asked, code)
    return redirect("social:connections")


def _connect(request: Request, asked: Asked, code: str) -> None:
    try:
        token = token_for(asked, code, callback=_callback())
        account, health = sign_in(asked.server, token)
    except ChannelError as error:
        messages.error(request, str(error))
        return
    connect(
        Mastodon.key,
        by=request.user,
        name=asked.name,
        url=asked.server,
        settings=account,
        health=health,
        is_public=True,
        password=token,
    )
    messages.success(request, _("Connected. What stands there already comes in without asking for answers."))


def _callback() -> str:
    return workspace_link(current_workspace().slug, "social:back")
