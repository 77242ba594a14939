"""The workspace's pictures: a page, a door for the editor, a picker."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emails.curating import InUseError, change_alt, find_pictures, remove_picture, uses_of
from emails.forms import AltForm, PictureForm
from emails.models import Picture
from emails.pictures import address_of, path_of
from emails.remaking import BadPictureError
from emails.uploading import clean_alt, keep_upload
from lib.web.uploads import was_too_large
from lib.written_meanwhile import held
from workspaces.permissions import check_may, may, needs
from workspaces.requests import Request

LONGEST_QUERY = 100


@needs("campaigns.see")
@require_http_methods(["GET", "HEAD", "POST"])
def pictures(request: Request) -> HttpResponse:
    """All pictures, newest first, and where each stands; POST takes one in."""
    form = PictureForm()
    if request.method == "POST":
        check_may(request, "campaigns.edit")
        form = PictureForm(request.POST, request.FILES)
        if _keep(request, form):
            messages.success(request, _("Kept. It can stand in every email from now on."))
            return redirect("emails:pictures")
    return _page(request, form)


@needs("campaigns.edit")
@require_POST
def upload(request: Request) -> JsonResponse:
    """For the editor: `file` and `alt` as a form; {id, url, width, height, alt}, or 422 with {error}."""
    form = PictureForm(request.POST, request.FILES)
    picture = _keep(request, form)
    if picture is None:
        said = [str(one) for errors in form.errors.values() for one in errors]
        return JsonResponse({"error": " ".join(said)}, status=422)
    facts = {"width": picture.width, "height": picture.height, "alt": picture.alt}
    return JsonResponse({"id": picture.pk, "url": address_of(picture), **facts}, status=201)


@needs("campaigns.edit")
@require_safe
def picker(request: Request) -> HttpResponse:
    """Pictures to choose one from, as a fragment: buttons with `data-picture`, and a search."""
    page = find_pictures(_query(request), cursor=request.GET.get("after", ""))
    context = {"rows": [(one, path_of(one), address_of(one)) for one in page.rows], "cursor": page.cursor}
    fragment = "#choices" if request.GET.keys() & {"q", "after"} else ""
    return render(request, f"emails/pictures/picker.html{fragment}", context | {"query": _query(request)})


@needs("campaigns.edit")
@require_POST
def alt(request: Request, pk: int) -> HttpResponse:
    """Say what a picture shows. What somebody else said meanwhile is asked about at the picture."""
    picture = get_object_or_404(held(_pictures(), request), pk=pk)
    form = AltForm(picture, request.POST)
    is_saved = form.is_valid()
    if is_saved:
        change_alt(picture, form.cleaned_data["alt"], by=request.user)
    if request.htmx:
        row = _rows([picture], None if is_saved else form)[0]
        context = {"row": row, "can_edit": True, "is_saved": is_saved}
        return render(request, "emails/pictures/card.html", context, status=200 if is_saved else 422)
    if not is_saved:
        return _page(request, PictureForm(), refused=(picture, form))
    messages.success(request, _("Saved."))
    return redirect("emails:pictures")


@needs("campaigns.edit")
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Take away a picture that no email shows."""
    try:
        remove_picture(get_object_or_404(_pictures(), pk=pk), by=request.user)
    except InUseError:
        messages.error(request, _("The picture stays: an email, the brand kit or the library shows it."))
    else:
        messages.success(request, _("The picture is gone."))
    return redirect("emails:pictures")


def _keep(request: Request, form: PictureForm) -> Picture | None:
    """The picture that was uploaded; None with a mistake in the form."""
    if was_too_large(request):
        form.errors.pop("file", None)
        form.add_error("file", _("This file is too large. Save the picture smaller: 1,200 pixels wide is enough."))
    if not form.is_valid():
        return None
    said = form.cleaned_data
    try:
        return keep_upload(said["file"], alt=clean_alt(said["alt"]), by_id=request.user.pk)
    except BadPictureError as error:
        form.add_error("file", str(error))
        return None


def _page(request: Request, form: PictureForm, *, refused: tuple[Picture, AltForm] | None = None) -> HttpResponse:
    """The pictures that are asked for; one whose words were `refused` stands first, with its form."""
    page = find_pictures(_query(request), cursor=request.GET.get("after", ""))
    shown, said = list(page.rows), None
    if refused:
        picture, said = refused
        shown = [picture, *(one for one in shown if one.pk != picture.pk)]
    context = {
        "rows": _rows(shown, said),
        "cursor": page.cursor,
        "query": _query(request),
        "form": form,
        "can_edit": may(request.membership.role, "campaigns.edit"),
    }
    fragment = _fragment(request) if request.method != "POST" else ""
    is_bad = form.errors or refused
    return render(request, f"emails/pictures.html{fragment}", context, status=422 if is_bad else 200)


def _rows(shown: Sequence[Picture], said: AltForm | None = None) -> list[dict[str, Any]]:
    """`said`: the form of the first one, where it was sent and refused."""
    uses = uses_of(shown)
    return [
        {
            "picture": one,
            "path": path_of(one),
            "address": address_of(one),
            "uses": uses[one.pk],
            "remove_id": f"remove-{one.pk}",
            "form": said if said and not number else AltForm(one),
        }
        for number, one in enumerate(shown)
    ]


def _fragment(request: Request) -> str:
    if not request.htmx or request.htmx.boosted:
        return ""
    return "#cards" if request.GET.get("after") else "#found"


def _query(request: Request) -> str:
    return request.GET.get("q", "").strip()[:LONGEST_QUERY]


def _pictures() -> QuerySet[Picture]:
    return Picture.objects.defer("data")
