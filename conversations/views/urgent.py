"""Settings, words of danger: what makes a mention urgent."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conversations.urgency import hold_urgent_words, keep_urgent_words, urgent_words
from conversations.urgency_form import UrgentWordsForm
from workspaces.permissions import needs
from workspaces.requests import Request


@require_http_methods(["GET", "HEAD", "POST"])
@needs("workspace.settings")
def words(request: Request) -> HttpResponse:
    """Read them, change them, or bring the usual ones back."""
    if request.method != "POST":
        return render(request, "conversations/urgent.html", {"form": UrgentWordsForm(instance=urgent_words())})
    form = UrgentWordsForm(request.POST, instance=hold_urgent_words())
    if not form.is_valid():
        return render(request, "conversations/urgent.html", {"form": form}, status=422)
    keep_urgent_words(form.lines(), by=request.user)
    messages.success(request, _("Saved. It counts for what comes in from now on, within a minute."))
    return redirect("conversations:urgent_words")
