"""Pages of consent receipts: one's own to take away, and the public page that says whether a receipt is genuine."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from lib.asked import whole_number
from portal.access_links import person_of, workspace_of_token
from portal.receipts import MOST_READ, NoReceiptError, as_text, check_receipt, file_name, receipt_of
from workspaces.current import working_in
from workspaces.models import Workspace

MOST_SENT = 2_000_000  # bytes of a form
STATES = {
    "given": _("still counts"),
    "withdrawn": _("was withdrawn since, or is a no"),
    "expired": _("has ended"),
    "requested": _("was asked for and is not confirmed"),
    "none": _("no longer counts"),
    "": _("is kept no more"),
}


@require_safe
def own_receipt(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """What the person said up to now, sealed, as a file. The signed address is the key."""
    workspace, contact_id = workspace_of_token(slug, token)
    with translation.override(workspace.locale), working_in(workspace):
        text = as_text(receipt_of(workspace, person_of(contact_id)))
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(workspace)}"'
    response["Referrer-Policy"] = "no-referrer"
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def receipts(request: HttpRequest, slug: str) -> HttpResponse:
    """Whoever holds a receipt hands it in, as text or as a file, and hears whether it is ours and what counts today."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise Http404("No such page.")
    if (whole_number(request.META.get("CONTENT_LENGTH") or "") or 0) > MOST_SENT:
        return HttpResponse(status=413)
    context: dict[str, object] = {"workspace": workspace}
    with translation.override(workspace.locale), timezone.override(workspace.zone):
        if request.method == "POST":
            try:
                with working_in(workspace):
                    found = check_receipt(workspace, _handed_in(request))
            except NoReceiptError:
                context["refused"] = True
            else:
                context |= {"found": found, "lines": [one | {"today": STATES[one["now"]]} for one in found.lines]}
        status = 422 if "refused" in context else 200
        return render(request, "portal/receipts.html", context, status=status)


def _handed_in(request: HttpRequest) -> str:
    if (file := request.FILES.get("file")) is not None:
        return file.read(4 * MOST_READ).decode("utf-8-sig", errors="replace")  # type: ignore[no-any-return]
    return request.POST.get("receipt", "")
