"""What the inbox listens to, what is put in by hand, the answers given often."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ecrm.lib.clock import now
from social.connecting import add_feed, add_webhook, by_hand, hook_link, network_of, rotate_secret, set_active
from social.forms import ByHandForm, CannedReplyForm, FeedForm, WebhookForm
from social.listening import hear
from social.models import CannedReply, Connection
from social.networks.protocol import Heard
from workspaces.auditing import audit
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("social.connect")
def connections(request: Request) -> HttpResponse:
    """All connections with their health."""
    return _page(request)


@require_POST
@needs("social.connect")
def new_webhook(request: Request) -> HttpResponse:
    """A signed webhook; its secret is shown this once."""
    form = WebhookForm(request.POST, prefix="hook")
    if not form.is_valid():
        return _page(request, hook_form=form, status=422)
    connection, secret = add_webhook(**form.cleaned_data, by=request.user)
    return _page(request, secret=secret, made=connection)


@require_POST
@needs("social.connect")
def new_feed(request: Request) -> HttpResponse:
    """A feed."""
    form = FeedForm(request.POST, prefix="feed")
    if not form.is_valid():
        return _page(request, feed_form=form, status=422)
    add_feed(**form.cleaned_data, by=request.user)
    messages.success(
        request, _("We look at it within a minute. What stands there already comes in without asking for answers.")
    )
    return redirect("social:connections")


@require_POST
@needs("social.connect")
def rotate(request: Request, pk: int) -> HttpResponse:
    """A new secret; the one before stays good until the next change."""
    connection = get_object_or_404(Connection, pk=pk, network=Connection.Network.WEBHOOK)
    return _page(request, secret=rotate_secret(connection, by=request.user), made=connection)


@require_POST
@needs("social.connect")
def activate(request: Request, pk: int) -> HttpResponse:
    """Listen, or stop listening."""
    set_active(get_object_or_404(Connection, pk=pk), request.POST.get("active") == "yes", by=request.user)
    return redirect("social:connections")


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
        listened = hear(by_hand(), [item])
        if listened.new:
            audit("mention.added", by=request.user, target=listened.new[0])
            return redirect("social:conversation", listened.new[0].conversation_id)
        form.add_error("url", _("This is in the inbox already."))
    return render(request, "social/add.html", {"form": form}, status=422 if form.errors else 200)


@needs("social.answer")
def canned(request: Request) -> HttpResponse:
    """Answers given often: all of them, and a new one."""
    form = CannedReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        audit("canned.added", by=request.user, target=form.save())
        messages.success(request, _("Kept."))
        return redirect("social:canned")
    context = {"form": form, "rows": CannedReply.objects.order_by("language", "title")}
    return render(request, "social/canned.html", context, status=422 if form.errors else 200)


@require_POST
@needs("social.answer")
def remove_canned(request: Request, pk: int) -> HttpResponse:
    """Take an answer away."""
    row = get_object_or_404(CannedReply, pk=pk)
    audit("canned.removed", by=request.user, target=row)
    row.delete()
    return redirect("social:canned")


def _page(
    request: Request, *, status: int = 200, secret: str = "", made: Connection | None = None, **forms: object
) -> HttpResponse:
    rows = [(row, network_of(row).capabilities()) for row in Connection.objects.order_by("name")]
    context = {
        "rows": rows,
        "hook_form": WebhookForm(prefix="hook"),
        "feed_form": FeedForm(prefix="feed"),
        "secret": secret,
        "made": made,
        "link": hook_link(made) if made else "",
        "back": reverse("social:inbox"),
    } | forms
    return render(request, "social/connections.html", context, status=status)
