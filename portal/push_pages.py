"""The page of our own on which a browser allows notifications: nothing has to be put on a website for it."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.http import require_safe

from contacts.models import Contact
from lib.links import public_link, public_path
from lib.push.browsers import Browser
from messengers.push.doors import Answer, answer, contact_by_device
from messengers.push.subscribing import find_push_sender
from portal.access_links import person_of, workspace_of_token
from touchpoints.api.envelopes import AnswerError
from touchpoints.api.views import to_any_site
from workspaces.current import current_workspace, working_in
from workspaces.models import Workspace


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One button. `?me=` is the token of a person's own page: then it is their browser, else a visitor's."""
    workspace, me = get_object_or_404(Workspace, slug=slug), request.GET.get("me", "")
    if me:
        workspace_of_token(slug, me)
    with working_in(workspace):
        if find_push_sender() is None:
            raise Http404("Nobody sends notifications here.")
        context = {
            "workspace": workspace,
            "me": me,
            "door": public_path("portal:push_door", slug),
            "worker": public_path("portal:push_worker", slug),
            "own_page": public_path("portal:relationship", slug, me) if me else "",
        }
        with translation.override(workspace.locale):
            response = render(request, "portal/push.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def worker(_request: HttpRequest, slug: str) -> HttpResponse:
    """The two lines that a site's own file has, for our own page."""
    workspace = get_object_or_404(Workspace, slug=slug)
    text = worker_file(public_link("portal:push_door", workspace.slug))
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "max-age=3600"})


@to_any_site("GET", "POST")
def door(request: HttpRequest, slug: str) -> Answer:
    """What this page tells us. Pages of others have a door of their own, by their key."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise AnswerError(404, "no such workspace")
    ours = urlsplit(settings.ECRM_URL)
    if request.method == "POST" and request.headers.get("Origin", "") != f"{ours.scheme}://{ours.netloc}":
        raise AnswerError(400, "no page of ours asked for this")
    with working_in(workspace):
        return answer(request, _whose)


def worker_file(door_address: str) -> str:
    """What stands in the file of a service worker."""
    at = json.dumps(f"{settings.ECRM_URL}/t/push-worker.js")
    return f"self.ecrm = {{ door: {json.dumps(door_address)} }};\nimportScripts({at});\n"


def _whose(said: dict[str, Any], browser: Browser) -> Contact:
    me = said.get("me")
    if not isinstance(me, str) or not me:
        return contact_by_device(said, browser)
    try:
        _workspace, contact_id = workspace_of_token(current_workspace().slug, me[:200])
        return person_of(contact_id)
    except Http404 as error:
        raise AnswerError(404, "no such page") from error
