"""The public form and what follows at once: filled in, kept, "one click is missing". No cookie, nothing that must run."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from consent.models import FormVersion, SignUp, SignUpForm
from consent.models.sign_up_forms import LANGUAGES, OPEN_DAYS
from consent.sign_up_forms.building import newest_version
from consent.sign_up_forms.embedding import BadOriginError, origins_of
from consent.sign_up_forms.texts import languages_of, texts_in
from delivery.senders import find_sender
from lib.clock import now
from lib.counting_up import count_up
from lib.links import public_path
from portal.signing_up.confirmation_emails import shown_address
from portal.signing_up.forgetting import days_until_forgotten
from portal.signing_up.public_form import TRAP, PublicForm
from portal.signing_up.submitting import Circumstances, submit
from workspaces.current import working_in
from workspaces.models import Workspace

MOST_AN_HOUR = 60  # from one network: the wireless of a fair is one, too
NETWORK_BITS = {4: 32, 6: 64}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: HttpRequest, slug: str, form_slug: str) -> HttpResponse:
    """The form on a page of its own. Nobody is logged in and there is no cookie, so no CSRF token either."""
    return _answer(request, slug, form_slug, is_embedded=False)


@csrf_exempt
@xframe_options_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form_embedded(request: HttpRequest, slug: str, form_slug: str) -> HttpResponse:
    """The same for a frame on a page of the brand's own: no script at all, and only where the form allows it."""
    response = _answer(request, slug, form_slug, is_embedded=True)
    form = getattr(response, "sign_up_form", None)
    response._csp_config = {**settings.SECURE_CSP, "script-src": ["'none'"], "frame-ancestors": _framed_by(form)}  # type: ignore[attr-defined]
    return response


def _framed_by(form: SignUpForm | None) -> list[str]:
    """Who may show the form in a frame: everybody, while no sites are named."""
    try:
        return origins_of(form.allowed_origins if form else "") or ["*"]
    except BadOriginError:
        return ["'none'"]


def _answer(request: HttpRequest, slug: str, form_slug: str, *, is_embedded: bool) -> HttpResponse:
    workspace = get_object_or_404(Workspace, slug=slug)
    with working_in(workspace), timezone.override(workspace.zone):
        form = get_object_or_404(SignUpForm, slug=form_slug)
        version = newest_version(form)
        if version is None:
            raise Http404("Nothing was published yet.")
        version.form = form
        language = _language(request, form, version)
        with translation.override(language):
            shown = _Shown(workspace, form, version, language, is_embedded=is_embedded)
            response = _closed(request, shown) if form.archived_at else _show_or_take(request, shown)
    response["Referrer-Policy"] = "no-referrer"
    response.sign_up_form = form  # type: ignore[attr-defined]
    return response


class _Shown:
    """What is shown of which form, and the context that all of its pages share."""

    def __init__(
        self, workspace: Workspace, form: SignUpForm, version: FormVersion, language: str, *, is_embedded: bool
    ) -> None:
        self.workspace, self.form, self.version, self.language = workspace, form, version, language
        self.is_embedded = is_embedded
        self.path = public_path("portal:form_embedded" if is_embedded else "portal:form", workspace.slug, form.slug)

    def context(self, **more: Any) -> dict[str, Any]:
        """The texts in the page's language, and where the other languages are."""
        others = [one for one in languages_of(self.version, self.form.language) if one != self.language]
        return {
            "workspace": self.workspace,
            "form": self.form,
            "texts": texts_in(self.version, self.language, self.form.language),
            "here": f"{self.path}?lang={self.language}",
            "others": [(one, dict(LANGUAGES).get(one, one), f"{self.path}?lang={one}") for one in others],
            "base": "portal/frame_base.html" if self.is_embedded else "portal_base.html",
            "trap": TRAP,
            **more,
        }


def _show_or_take(request: HttpRequest, shown: _Shown) -> HttpResponse:
    if request.method != "POST":
        return _form(request, shown, PublicForm(shown.version), by=request.GET.get("by", ""))
    public, by = PublicForm(shown.version, request.POST), request.POST.get("by", "")
    if public.is_filled_by_a_robot:
        return _asked(request, shown, str(request.POST.get("email", ""))[:254])
    if not public.is_valid():
        return _form(request, shown, public, by=by, status=422)
    if _are_too_many(request, shown.workspace):
        trouble = _("Too many people signed up from your network just now. Nothing was sent; try it again in an hour.")
        return _form(request, shown, public, by=by, trouble=trouble, status=429)
    asked = public.asked()
    submit(shown.version, asked, _circumstances(request, shown, by))
    return _asked(request, shown, asked.address)


def _form(
    request: HttpRequest, shown: _Shown, public: PublicForm, *, by: str, trouble: str = "", status: int = 200
) -> HttpResponse:
    by = by if by in SignUp.Way.values else ""
    context = shown.context(public=public, by=by, trouble=trouble)
    context["gives"] = [line for line in context["texts"]["gives"].splitlines() if line.strip()]
    return render(request, "portal/sign_up/form.html", context, status=status)


def _asked(request: HttpRequest, shown: _Shown, address: str) -> HttpResponse:
    """The same for everybody: known, new, blocked or asked a moment ago."""
    until = timezone.localtime(now() + days_until_forgotten(shown.form))
    sender = find_sender()
    context = shown.context(address=address, until=until, days=OPEN_DAYS, comes_from=shown_address(sender))
    return render(request, "portal/sign_up/asked.html", context)


def _closed(request: HttpRequest, shown: _Shown) -> HttpResponse:
    return render(request, "portal/sign_up/closed.html", shown.context(), status=410)


def _language(request: HttpRequest, form: SignUpForm, version: FormVersion) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in languages_of(version, form.language) else form.language


def _circumstances(request: HttpRequest, shown: _Shown, by: str) -> Circumstances:
    way = SignUp.Way.EMBEDDED if shown.is_embedded else SignUp.Way.CODE if by == SignUp.Way.CODE else SignUp.Way.PAGE
    return Circumstances(
        language=shown.language,
        page=f"{settings.ECRM_URL}{shown.path}",
        ip=request.META.get("REMOTE_ADDR") or None,
        agent=request.headers.get("User-Agent", "")[:300],
        way=way.value,
    )


def _are_too_many(request: HttpRequest, workspace: Workspace) -> bool:
    """Whether this network has signed up more people this hour than a person would. Counts this one."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    network = ipaddress.ip_network((address, NETWORK_BITS[address.version]), strict=False)
    key = f"sign-up:{workspace.pk}:{network}"
    return count_up(key, 3600) > MOST_AN_HOUR
