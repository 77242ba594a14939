"""Canned replies, and what reached us elsewhere."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.channels import Heard
from conversations.forms import ByHandForm, CannedReplyForm
from conversations.mentions.by_hand import by_hand
from conversations.mentions.joining import canonical_uri
from conversations.mentions.listening import Listened, hear
from conversations.models import CannedReply, Mention
from lib.clock import now
from workspaces.auditing import audit
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("social.answer")
def add(request: Request) -> HttpResponse:
    """Put in by hand what reached us elsewhere."""
    form = ByHandForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said, moment = form.cleaned_data, now()
        item = Heard(
            remote_id=said["url"] or f"hand-{moment.timestamp():.6f}",
            text=said["text"],
            handle=said["handle"],
            name=said["name"],
            url=said["url"],
            network=said["network"],
            is_public=said["is_public"],
            published_at=moment,
        )
        listened = Listened() if _stands_already(said["url"]) else hear(by_hand(), [item])
        if listened.new:
            audit("mention.added", by=request.user, target=listened.new[0])
            return redirect("conversations:conversation", listened.new[0].conversation_id)
        form.add_error("url", _("This is in the inbox already."))
    return render(request, "conversations/add.html", {"form": form}, status=422 if form.errors else 200)


def _stands_already(url: str) -> bool:
    """Whether the post at this address is in the inbox, by whichever connection it came."""
    uri = canonical_uri(url)
    return bool(uri) and Mention.objects.filter(uri=uri, deleted_at=None).exists()


@needs("social.answer")
def canned(request: Request) -> HttpResponse:
    """Answers given often: all of them, and a new one."""
    form = CannedReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        audit("canned.added", by=request.user, target=form.save())
        messages.success(request, _("Kept."))
        return redirect("conversations:canned")
    context = {"form": form, "rows": CannedReply.objects.order_by("language", "title")}
    return render(request, "conversations/canned.html", context, status=422 if form.errors else 200)


@require_POST
@needs("social.answer")
def remove_canned(request: Request, pk: int) -> HttpResponse:
    """Take an answer away."""
    row = get_object_or_404(CannedReply, pk=pk)
    audit("canned.removed", by=request.user, target=row)
    row.delete()
    return redirect("conversations:canned")
