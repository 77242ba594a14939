"""Was it you? The page behind the link of a confirmation email. A scanner that follows it changes nothing: POST decides."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from consent.models import SignUp
from consent.sign_up_forms.confirming import read_confirm_token, topics_of
from consent.sign_up_forms.texts import texts_in
from lib.links import public_path
from lib.signing import BadTokenError
from portal.access_links import relationship_link
from portal.preferences import MEASURED
from portal.signing_up.deciding import ClosedError, confirm, is_theirs, refuse
from portal.signing_up.forgetting import days_until_forgotten
from portal.signing_up.submitting import Circumstances
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.tracking_mode import TrackingMode

State = SignUp.State
VERBS = {"confirm", "refuse"}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """GET asks, POST decides. The token is the key: no login, no cookie, so no CSRF token either."""
    workspace = get_object_or_404(Workspace, slug=slug)
    with working_in(workspace), timezone.override(workspace.zone):
        sign_up = _found(workspace, token)
        language = sign_up.language if sign_up and sign_up.language else workspace.locale
        with translation.override(language):
            response = _answer(request, workspace, sign_up, token)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _found(workspace: Workspace, token: str) -> SignUp | None:
    """The request a token stands for; None for a forged one, and for one of another brand."""
    try:
        workspace_id, sign_up_id = read_confirm_token(token)
    except BadTokenError:
        return None
    if workspace_id != workspace.pk:
        return None
    return SignUp.objects.select_related("version__form", "contact").filter(pk=sign_up_id).first()


def _answer(request: HttpRequest, workspace: Workspace, sign_up: SignUp | None, token: str) -> HttpResponse:
    verb = request.POST.get("do", "") if request.method == "POST" else ""
    if sign_up is None or not sign_up.is_open or verb not in VERBS:
        return _page(request, workspace, sign_up, token)
    try:
        if verb == "confirm":
            return _done(request, workspace, confirm(sign_up, _circumstances(request, workspace, sign_up)))
        return _page(request, workspace, refuse(sign_up), token)
    except ClosedError:
        sign_up.refresh_from_db()
        return _page(request, workspace, sign_up, token, is_closed=True)


def _page(
    request: HttpRequest, workspace: Workspace, sign_up: SignUp | None, token: str, *, is_closed: bool = False
) -> HttpResponse:
    """The question while it is open; else in plain words why there is nothing to do."""
    context: dict[str, Any] = {"workspace": workspace, "here": public_path("portal:confirm", workspace.slug, token)}
    if sign_up is None:
        return render(request, "portal/sign_up/no_link.html", context | {"reason": "unknown"}, status=404)
    context |= {"sign_up": sign_up, "form": sign_up.version.form}
    if sign_up.state == State.CONFIRMED:
        return render(request, "portal/sign_up/already.html", context)
    if sign_up.state == State.REFUSED:
        return render(request, "portal/sign_up/refused.html", context)
    if not sign_up.is_open or is_closed:
        context["path"] = public_path("portal:form", workspace.slug, sign_up.version.form.slug)
        return render(request, "portal/sign_up/no_link.html", context | {"reason": "expired"}, status=410)
    context |= {
        "topics": topics_of(sign_up),
        "measured": MEASURED[TrackingMode(sign_up.tracking)] if sign_up.tracking is not None else "",
        "until": timezone.localtime(sign_up.asked_at + days_until_forgotten(sign_up.version.form)),
    }
    return render(request, "portal/sign_up/confirm.html", context)


def _done(request: HttpRequest, workspace: Workspace, sign_up: SignUp) -> HttpResponse:
    version = sign_up.version
    context = {
        "workspace": workspace,
        "sign_up": sign_up,
        "texts": texts_in(version, sign_up.language, version.form.language),
        "topics": topics_of(sign_up),
        "own_page": relationship_link(workspace, sign_up.contact_id or 0) if is_theirs(sign_up) else "",
    }
    return render(request, "portal/sign_up/done.html", context)


def _circumstances(request: HttpRequest, workspace: Workspace, sign_up: SignUp) -> Circumstances:
    return Circumstances(
        language=sign_up.language,
        page=public_path("portal:confirm", workspace.slug, "…"),
        ip=request.META.get("REMOTE_ADDR") or None,
        agent=request.headers.get("User-Agent", "")[:300],
    )
