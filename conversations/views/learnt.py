"""Settings, learnt feelings: what corrections taught, how it fared, and the way back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.learning_feelings import FEWEST, FEWEST_ELSEWHERE, corrections_by_language, use_shipped, use_version
from conversations.models import LearntFeelings
from lib.foreign.cleaning import to_line
from workspaces.permissions import needs
from workspaces.requests import Request

SHOWN = 30
WAYS = ("shipped", "used", "learnt")


@require_safe
@needs("workspace.settings")
def learnt(request: Request) -> HttpResponse:
    """The versions, the newest first, each with what was measured on corrections that it had not seen."""
    rows = LearntFeelings.objects.defer("weights").order_by("-created_at", "-pk")[:SHOWN]
    context = {
        "rows": [{"row": one, "figures": [one.figures.get(way) for way in WAYS]} for one in rows],
        "corrections": corrections_by_language(),
        "fewest": FEWEST,
        "fewest_elsewhere": FEWEST_ELSEWHERE,
    }
    return render(request, "conversations/learnt.html", context)


@require_POST
@needs("workspace.settings")
def use(request: Request, pk: int) -> HttpResponse:
    """This version judges from now on."""
    row = get_object_or_404(LearntFeelings, pk=pk)
    use_version(row, by=request.user)
    messages.success(request, _("What comes in is judged by this version within a minute. What was judged stays."))
    return redirect("conversations:learnt")


@require_POST
@needs("workspace.settings")
def use_as_shipped(request: Request) -> HttpResponse:
    """Nothing that was learnt of this language judges any more."""
    use_shipped(to_line(request.POST.get("language", ""), 10), by=request.user)
    messages.success(request, _("What comes in is judged as the product came, within a minute. What was judged stays."))
    return redirect("conversations:learnt")
