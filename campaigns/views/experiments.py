"""The test of a campaign's versions: its page, and the steps on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.composing import hold_draft
from campaigns.experiments import deciding, setting_up
from campaigns.experiments.forms import ExperimentForm, VersionForm
from campaigns.experiments.measuring import finding_of
from campaigns.experiments.saying import lines_of, next_of, verdict_of, what_varies
from campaigns.missing import writing_page
from campaigns.models import Campaign, Experiment
from campaigns.views.setup import RELATED
from delivery.models import Message
from lib.asked import whole_number
from lib.signs import Text
from segments.leaf_types.base import RuleError
from segments.rules.statements import TooSlowError
from workspaces.permissions import may, needs

REFUSALS: dict[str, Text] = {
    "standing": _lazy("It goes out by itself, to one person at a time: that cannot be tested. Nothing was changed."),
    "no_draft": _lazy("It is no draft any more. Take it back to change its versions. Nothing was changed."),
    "full": _lazy("A test has four versions at most. Nothing was changed."),
    "version": _lazy("There is no such version. Nothing was changed."),
    "over": _lazy("The test is over already. Nothing was changed."),
    "waits": _lazy("The segment is being filled. Try again in a minute; nothing was sent."),
    "paused": _lazy("This version is paused or not planned. Let it go on first; nothing was sent."),
    "cancelled": _lazy("This version was cancelled. Choose another one; nothing was sent."),
}
REFUSED = (setting_up.NotTestableError, deciding.NotDecidableError)


@needs("campaigns.see")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """How it is tested, what each version says, and from its start what each of them brought. POST keeps all of it."""
    campaign = _found(pk)
    if campaign.variant_of_id:
        return redirect("campaigns:versions", campaign.variant_of_id)
    if request.method != "POST":
        return _show(request, campaign)
    if not _may(request, "campaigns.edit"):
        return HttpResponse(status=403)
    return _keep(request, campaign, None, _("Saved."))


@needs("campaigns.edit")
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """One more version; what was typed on the page is kept first."""
    said = _("Say now what differs in it.")
    return _keep(request, _found(pk), lambda one, by: setting_up.add_version(one, by=by), said)


@needs("campaigns.edit")
@require_POST
def remove(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version goes; what was typed of the others is kept first."""
    said = _("The version is gone.")
    return _keep(request, _found(pk), lambda one, by: setting_up.remove_version(one, number, by=by), said, but=number)


@needs("campaigns.edit")
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """No test after all."""
    return _step(request, pk, lambda one, by: setting_up.drop_experiment(one, by=by), _("It goes out untested."))


@needs("campaigns.launch")
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """What the agenda does every 15 minutes, now."""
    return _step(request, pk, lambda one, _by: deciding.look_at(_test(one).pk), _("Looked again just now."))


@needs("campaigns.launch")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody sends a version to the rest."""
    number = whole_number(request.POST.get("version", ""))
    number = -1 if number is None else number
    return _step(request, pk, lambda one, by: deciding.decide(_test(one), number, by=by), _("The rest gets it now."))


@needs("campaigns.launch")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The rest gets nothing."""
    return _step(request, pk, lambda one, by: deciding.end_test(_test(one), by=by), _("Ended. The rest gets nothing."))


def _keep(
    request: HttpRequest, campaign: Campaign, verb: Callable[[Campaign, Any], object] | None, said: str, *, but: int = 0
) -> HttpResponse:
    """All that the page's one form holds is kept, of the versions `but` this one; then the verb. 422 with what is wrong."""
    if "varies" not in request.POST and verb is not None:
        return _step(request, campaign.pk, verb, said)
    hold_draft(campaign.pk)
    experiment = setting_up.experiment_of(campaign)
    form = ExperimentForm(request.POST, experiment=experiment)
    versions = [one for one in setting_up.versions_of(campaign) if experiment and one.variant != but]
    typed = {one.variant: VersionForm(one, experiment.varies, request.POST) for one in versions if experiment}
    typed = {
        number: one for number, one in typed.items() if any(one.add_prefix(name) in request.POST for name in one.fields)
    }
    if not all([form.is_valid(), *(one.is_valid() for one in typed.values())]):
        return _show(request, campaign, form=form, wrong=typed, status=422)

    def keep(campaign: Campaign, by: Any) -> None:
        for number, one in typed.items():
            if one.has_changed():
                setting_up.change_version(campaign, number, by=by, **one.cleaned_data)
        setting_up.make_experiment(campaign, by=by, **form.cleaned_data)
        if verb is not None:
            verb(campaign, by)

    return _step(request, campaign.pk, keep, said)


def _step(request: HttpRequest, pk: int, verb: Callable[[Campaign, Any], object], said: str) -> HttpResponse:
    try:
        verb(_found(pk), request.user)
    except REFUSED as error:
        messages.error(request, str(REFUSALS[str(error)]))
    except (RuleError, TooSlowError) as error:
        messages.error(request, _("The rest cannot be planned: %(why)s") % {"why": error})
    else:
        messages.success(request, said)
    return redirect("campaigns:versions", pk)


def _show(
    request: HttpRequest,
    campaign: Campaign,
    *,
    form: ExperimentForm | None = None,
    wrong: dict[int, VersionForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    experiment = setting_up.experiment_of(campaign)
    is_draft = campaign.message.state == Message.State.DRAFT
    context: dict[str, Any] = {
        "campaign": campaign,
        "experiment": experiment,
        "is_draft": is_draft,
        "can_edit": _may(request, "campaigns.edit"),
        "can_change": is_draft and _may(request, "campaigns.edit"),
        "can_launch": _may(request, "campaigns.launch"),
        "form": form or ExperimentForm(experiment=experiment),
        "letters": setting_up.LETTERS,
    }
    if experiment is not None:
        context |= _told(campaign, experiment, wrong or {})
    return render(request, "campaigns/experiments/page.html", context, status=status)


def _told(campaign: Campaign, experiment: Experiment, wrong: dict[int, VersionForm]) -> dict[str, Any]:
    """Its versions with their forms; from its start the figures too."""
    experiment.campaign = campaign
    versions = [campaign, *setting_up.followed_versions(campaign, experiment)]
    started = experiment.started_at is not None
    context: dict[str, Any] = {
        "versions": [
            {
                "campaign": one,
                "letter": setting_up.LETTERS[no],
                "number": no,
                "says": what_varies(one, experiment),
                "writing_page": writing_page(one),
                "form": wrong.get(no) or (VersionForm(one, experiment.varies) if no else None),
            }
            for no, one in enumerate(versions)
        ],
        "can_add": len(versions) < setting_up.MOST_VERSIONS,
        "next": next_of(experiment, versions),
    }
    if started:
        finding = finding_of(experiment)
        context["lines"] = lines_of(experiment, versions, finding)
        context["verdict"], context["word"] = verdict_of(experiment, finding), finding.judgement.word
    return context


def _test(campaign: Campaign) -> Experiment:
    found = setting_up.experiment_of(campaign)
    if found is None:
        raise Http404
    return found


def _version(campaign: Campaign, number: int) -> Campaign:
    found = [one for one in setting_up.versions_of(campaign) if one.variant == number]
    if not found:
        raise Http404
    return found[0]


def _found(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)


def _may(request: HttpRequest, permission: str) -> bool:
    return may(request.membership.role, permission)  # type: ignore[attr-defined]
