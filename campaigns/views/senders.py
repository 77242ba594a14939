"""Senders: the mail servers that carry our letters."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.content.mime import BadHeaderError
from campaigns.forms import MailServerForm
from campaigns.models import Campaign, MailServer
from campaigns.servers import keep_password
from campaigns.testing_out import NotTakenError, try_server
from workspaces.auditing import audit
from workspaces.permissions import needs


@needs("workspace.settings")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All senders."""
    return render(request, "campaigns/senders.html", {"servers": MailServer.objects.all()})


@needs("workspace.settings")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Another sender."""
    return _edit(request, MailServer(from_name=request.workspace.name))  # type: ignore[attr-defined]


@needs("workspace.settings")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a sender."""
    return _edit(request, get_object_or_404(MailServer, pk=pk))


@needs("workspace.settings")
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send oneself a mail by it, and show what the server said."""
    server = get_object_or_404(MailServer, pk=pk)
    try:
        reply = try_server(server, request.workspace, to=request.user)  # type: ignore[attr-defined,arg-type]
    except (NotTakenError, BadHeaderError) as error:
        messages.error(request, _("It does not work yet. %(why)s") % {"why": error})
    else:
        to = {"to": request.user.email, "answer": reply}  # type: ignore[union-attr]
        messages.success(request, _("Sent to %(to)s. The server said: %(answer)s") % to)
    return redirect("campaigns:senders")


@needs("workspace.settings")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A sender that no campaign uses may go."""
    server = get_object_or_404(MailServer, pk=pk)
    if Campaign.objects.filter(server=server).exists():
        messages.error(request, _("Campaigns use this sender. It stays."))
    else:
        audit("sender.removed", by=request.user, target=server)  # type: ignore[arg-type]
        server.delete()
        messages.success(request, _("The sender is gone."))
    return redirect("campaigns:senders")


def _edit(request: HttpRequest, server: MailServer) -> HttpResponse:
    form = MailServerForm(request.POST or None, instance=server)
    if request.method == "POST" and form.is_valid():
        form.save()
        if form.cleaned_data["password"]:
            keep_password(server, form.cleaned_data["password"])
        audit("sender.edited", by=request.user, target=server, fields=form.changed_data)  # type: ignore[arg-type]
        messages.success(request, _("Saved. Send yourself a test."))
        return redirect("campaigns:senders")
    context = {"form": form, "server": server}
    return render(request, "campaigns/sender.html", context, status=422 if request.method == "POST" else 200)
