"""The holdout of the whole workspace, among the settings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.charters.lifting_all import lift_of_all
from campaigns.charters.saying import lift_of_all_in_words, verdict_of
from campaigns.composing import hold_holdout, set_workspace_holdout, workspace_holdout
from lib.written_meanwhile import MeanwhileForm
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.permissions import needs

MOST = 20


def lift_context() -> dict[str, Any]:
    """What the workspace's holdout shows, in sentences; `holdout_percent` 0: nobody is held out of everything."""
    percent = workspace_holdout()
    found = lift_of_all(percent)
    said: dict[str, Any] = {"holdout_percent": percent, "all_offers": found}
    if found is not None:
        said["verdict"] = verdict_of(found.lift)
        said["lift_words"] = lift_of_all_in_words(found.lift, current_workspace().currency)
    return said


class WorkspaceHoldoutForm(MeanwhileForm):
    """How many in 100 get no offers."""

    percent = forms.IntegerField(
        label=gettext_lazy("People who get no offers at all, in %"), min_value=0, max_value=MOST,
        help_text=gettext_lazy("0: none. Always the same people; what they asked for they get all the same."),
    )  # fmt: skip


@needs("workspace.settings")
@require_http_methods(["GET", "HEAD", "POST"])
def holdout(request: HttpRequest) -> HttpResponse:
    """Kept, it holds for every offer that nobody was planned for yet."""
    if request.method == "POST":
        hold_holdout()
    form = WorkspaceHoldoutForm(request.POST or None, initial={"percent": workspace_holdout()})
    if request.method == "POST" and form.is_valid():
        set_workspace_holdout(form.cleaned_data["percent"])
        audit("workspace.holdout", by=request.user, percent=form.cleaned_data["percent"])  # type: ignore[arg-type]
        messages.success(request, _("Saved. It holds for every offer that is not planned yet."))
        return redirect("campaigns:holdout")
    status = 422 if request.method == "POST" else 200
    return render(request, "campaigns/experiments/holdout.html", {"form": form} | lift_context(), status=status)
