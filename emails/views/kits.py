"""The brand kit's page, and a sample email in it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST

from emails.branding import MOST_SOCIAL, BadKitError, hold_kit, reset_kit, save_kit
from emails.contrasts import contrasts_of
from emails.forms import KitForm
from emails.kits import current_kit
from emails.models import BrandKit, Picture
from emails.pictures import path_of
from emails.previewing import PREVIEW_POLICY, email_response
from emails.sampling import sample_email
from lib.asked import whole_number
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("workspace.settings")
@require_http_methods(["GET", "HEAD", "POST"])
def kit(request: Request) -> HttpResponse:
    """How emails look; POST saves it. `add` and `remove` change the rows of links and save nothing."""
    if request.method == "POST":
        hold_kit()
    form = KitForm(request.POST or None, request.FILES or None, kit=current_kit())
    if request.method != "POST":
        return _page(request, form)
    if "add" in request.POST or "remove" in request.POST:
        _change_rows(form, request)
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    wanted = form.unsaved()
    if not form.keep_logos(wanted, alt=request.workspace.name, by_id=request.user.pk):
        return _page(request, form, status=422)
    try:
        save_kit(wanted, by=request.user)
    except BadKitError as error:
        for flaw in error.flaws:
            form.add_error(flaw.field if flaw.field in form.fields else None, flaw.text)
        return _page(request, form, status=422)
    messages.success(request, _("Saved. Drafts have the new look; what is approved or sent keeps its own."))
    return redirect("emails:kit")


@needs("workspace.settings")
@require_POST
def contrasts(request: Request) -> HttpResponse:
    """What can be read on what, of the kit as it stands in the form."""
    form = KitForm(request.POST, kit=current_kit())
    return render(request, "emails/contrasts.html", {"contrasts": contrasts_of(form.unsaved())})


@needs("workspace.settings")
@xframe_options_sameorigin
@csp_override(PREVIEW_POLICY)
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: Request) -> HttpResponse:
    """A sample email in the kit; POST shows it as it stands in the form, unsaved. `light=dark` is how dark mode shows it."""
    kept = current_kit()
    shown = KitForm(request.POST, kit=kept).unsaved() if request.method == "POST" else kept
    said = request.POST if request.method == "POST" else request.GET
    return email_response(sample_email(shown, request.workspace, is_dark=said.get("light") == "dark"))


@needs("workspace.settings")
@require_POST
def reset(request: Request) -> HttpResponse:
    """The usual look again."""
    if reset_kit(by=request.user):
        messages.success(request, _("Emails have the usual look again, and drafts with them."))
    else:
        messages.info(request, _("Nothing was changed: emails have the usual look already."))
    return redirect("emails:kit")


def _change_rows(form: KitForm, request: Request) -> None:
    form.unsaved()  # reads the form, so that what was typed comes back; its mistakes are told when it is saved
    form.errors.clear()
    number = whole_number(request.POST.get("remove", ""))
    form.rows = [row for at, row in enumerate(form.rows) if at != number]
    if "add" in request.POST:
        form.rows.append(("", ""))


def _page(request: Request, form: KitForm, *, status: int = 200) -> HttpResponse:
    shown = form.unsaved() if form.is_bound else form.kit
    rows = form.rows or [("", "")]
    context: dict[str, Any] = {
        "form": form,
        "rows": rows,
        "is_added": "add" in request.POST,
        "may_add": len(rows) < MOST_SOCIAL,
        "contrasts": contrasts_of(shown),
        "has_kit": form.kit.pk is not None,
        "logos": _logos(form.kit),
    }
    return render(request, "emails/kit.html", context, status=status)


def _logos(kit: BrandKit) -> dict[str, str]:
    """Where the kit's two logos lie, those that there are."""
    ids = {"logo": kit.logo_id, "dark_logo": kit.dark_logo_id}
    found = {one.pk: one for one in Picture.objects.defer("data").filter(pk__in=[pk for pk in ids.values() if pk])}
    return {name: path_of(found[pk]) for name, pk in ids.items() if pk in found}
