"""Seed mailboxes: mailboxes of ours at providers, to see where our emails land."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deliverability.forms import SeedMailboxForm
from deliverability.models import SeedMailbox
from lib.written_meanwhile import held
from workspaces.auditing import audit
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("workspace.settings")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Another seed mailbox."""
    return _edit(request, SeedMailbox())


@needs("workspace.settings")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Change a seed mailbox."""
    return _edit(request, get_object_or_404(held(SeedMailbox.objects.all(), request), pk=pk))


@needs("workspace.settings")
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Forget a seed mailbox, its password and its tests."""
    mailbox = get_object_or_404(SeedMailbox, pk=pk)
    audit("seed_mailbox.removed", by=request.user, target=mailbox)
    mailbox.delete()
    messages.success(request, _("The seed mailbox is gone."))
    return redirect("deliverability:desk")


def _edit(request: Request, mailbox: SeedMailbox) -> HttpResponse:
    form = SeedMailboxForm(request.POST or None, instance=mailbox)
    if request.method == "POST" and form.is_valid():
        is_new = mailbox.pk is None
        saved = form.save()
        audit("seed_mailbox.edited", by=request.user, target=saved, fields=form.changed_data)
        messages.success(request, _("Saved. A test of a sender says whether it can be read."))
        return redirect(
            reverse("deliverability:desk") if is_new else reverse("deliverability:mailbox", args=[saved.pk])
        )
    context = {"form": form, "mailbox": mailbox}
    return render(request, "deliverability/mailbox.html", context, status=422 if request.method == "POST" else 200)
