"""The print run of a campaign: its files, and the list of addresses."""

from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from delivery.models import LETTER_KIND, Message
from messengers.letters.printing import AddressList, bundles_of, pages_of, print_bundle
from workspaces.auditing import audit
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.identify")
@require_safe
def bundle(request: Request, pk: int, after: int) -> HttpResponse:
    """The letters behind one, as PDF. Written down."""
    message = _found(pk)
    pdf = print_bundle(message, after)
    if not pdf:
        raise Http404
    audit("letters.downloaded", by=request.user, target=message, after=after)
    return _named(HttpResponse(pdf, content_type="application/pdf"), f"{_stem(message)}-{after}.pdf")


@needs("contacts.identify")
@require_safe
def addresses(request: Request, pk: int) -> StreamingHttpResponse:
    """Which letter goes to whom, as CSV. Streamed, and written down."""
    message = _found(pk)
    audit("letters.addresses", by=request.user, target=message)
    lines = AddressList(request.workspace, message)
    return _named(StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8"), f"{_stem(message)}.csv")


def letters_panel(request: Request, message: Message) -> dict[str, Any] | None:
    """On the page of a campaign of letters: the files so far."""
    if message.sender is None or message.sender.kind != LETTER_KIND:
        return None
    return {
        "message": message,
        "bundles": bundles_of(message),
        "pages": pages_of(message),
        "may_take": may(request.membership.role, "contacts.identify"),
    }


def _found(pk: int) -> Message:
    return get_object_or_404(Message.objects.select_related("sender", "content"), pk=pk, sender__kind=LETTER_KIND)


def _stem(message: Message) -> str:
    return slugify(message.name) or "letters"


def _named[R: (HttpResponse, StreamingHttpResponse)](response: R, name: str) -> R:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
