"""Templates of transactional emails: the list, one of them with its versions, writing, trying, approving."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Contact
from contacts.showing import sees_names, shown
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.people import field_names
from delivery.forms import TemplateForm
from delivery.models import TemplateVersion, TransactionalSend, TransactionalTemplate
from delivery.test_sends import ask_trial, last_trial_of, write_sample
from delivery.transactional.sampling import people_for
from delivery.transactional.templates import (
    FlawedBlocksError,
    NameTakenError,
    NothingToApproveError,
    approve_template,
    is_changed,
    retire_template,
    version_in_use,
    write_template,
)
from emails.previewing import PREVIEW_POLICY, email_response, words_response
from lib.asked import whole_number
from lib.written_meanwhile import held
from workspaces.permissions import may, needs
from workspaces.requests import Request

SHOWN_VERSIONS = 20


@needs("campaigns.see")
@require_safe
def listing(request: Request) -> HttpResponse:
    """All of them by name, with the version that goes out and how often it was sent."""
    versions = TemplateVersion.objects.filter(template=OuterRef("pk")).order_by("-number").values("number")[:1]
    sends = TransactionalSend.objects.filter(version__template=OuterRef("pk")).order_by().values("version__template")
    rows = TransactionalTemplate.objects.annotate(
        version=Subquery(versions), sent=Coalesce(Subquery(sends.annotate(count=Count("pk")).values("count")), 0)
    )
    context = {"rows": rows, "can_edit": may(request.membership.role, "campaigns.edit")}
    return render(request, "delivery/templates/list.html", context)


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Another one."""
    return _edit(request, None)


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what is written; what goes out stays until it is approved."""
    if request.method == "POST":
        get_object_or_404(held(TransactionalTemplate.objects.all(), request), pk=pk)
    return _edit(request, _found(pk))


@needs("campaigns.see")
@require_safe
def page(request: Request, pk: int) -> HttpResponse:
    """What goes out, what is being written, how to send it, and the versions."""
    template = _found(pk)
    trial = last_trial_of(template.draft)
    if request.GET.get("part") == "trial":
        return render(request, "delivery/trial.html", {"trial": trial, "here": request.path})
    version, chosen = version_in_use(template), whole_number(request.GET.get("as", ""))
    context = {
        "template": template,
        "version": version,
        "versions": template.versions.order_by("-number")[:SHOWN_VERSIONS],
        "is_changed": is_changed(template, version),
        "is_out": version is not None and template.retired_at is None,
        "trial": trial,
        "here": request.path,
        "can_edit": may(request.membership.role, "campaigns.edit"),
        "people": [shown(request, one) for one in people_for(template)],
        "as_whom": "" if chosen is None else str(chosen),
    }
    return render(request, "delivery/templates/page.html", context)


@needs("campaigns.see")
@xframe_options_sameorigin
@csp_override(PREVIEW_POLICY)
@require_safe
def preview(request: Request, pk: int) -> HttpResponse:
    """What is being written, as somebody (`?as=`, 0: nobody) gets it with the example's data; the document may do nothing."""
    template = _found(pk)
    person = _as_whom(request.GET, template)
    try:
        written = write_sample(template.draft, request.workspace, person, shows_names=sees_names(request))
    except MissingFieldError as error:
        return words_response(
            _("{{ %(field)s }} is empty in the example. Give it a value, or a stand-in.") % {"field": error.field}
        )
    except BadTemplateError as error:
        return words_response(str(error))
    return email_response(written.html)


@needs("campaigns.edit")
@require_POST
def test(request: Request, pk: int) -> HttpResponse:
    """Mail it to oneself as somebody (`as`) gets it, with the example's data; the page shows how it went."""
    template = _found(pk)
    if template.draft.sender is None:
        messages.error(request, _("There is no sender yet."))
    else:
        person = _as_whom(request.POST, template)
        ask_trial(template.draft.sender, by=request.user, message=template.draft, person=person)
        messages.success(request, _("Your test is on its way. How it went stands here within seconds."))
    return redirect("templates:page", pk)


@needs("campaigns.launch")
@require_POST
def approve(request: Request, pk: int) -> HttpResponse:
    """What is written goes out from now on."""
    lacking = {
        "subject": _("The subject is missing."),
        "text": _("The text is missing."),
        "sender": _("The sender is missing."),
    }
    try:
        version = approve_template(_found(pk), by=request.user)
    except NothingToApproveError as error:
        messages.error(request, lacking[str(error)])
    except (FlawedBlocksError, BadTemplateError) as error:
        messages.error(request, _("It cannot be written: %(why)s") % {"why": error})
    else:
        messages.success(request, _("Approved. Version %(n)s goes out from now on.") % {"n": version.number})
    return redirect("templates:page", pk)


@needs("campaigns.launch")
@require_POST
def retire(request: Request, pk: int) -> HttpResponse:
    """Nothing goes out under its name any more."""
    retire_template(_found(pk), by=request.user)
    messages.success(request, _("Switched off. What asks for it by the API is refused."))
    return redirect("templates:page", pk)


def _edit(request: Request, template: TransactionalTemplate | None) -> HttpResponse:
    form = TemplateForm(request.POST or None, template=template)
    if request.method == "POST" and form.is_valid():
        try:
            kept = write_template(template, by=request.user, **form.cleaned_data)
        except NameTakenError:
            form.add_error("name", _("Another template has this name."))
        else:
            messages.success(request, _("Saved. It goes out once it is approved."))
            return redirect("templates:page", kept.pk)
    context: dict[str, Any] = {"form": form, "template": template, "fields": field_names()}
    return render(request, "delivery/templates/edit.html", context, status=422 if request.method == "POST" else 200)


def _as_whom(said: QueryDict, template: TransactionalTemplate) -> Contact | None:
    asked = whole_number(said.get("as", ""))
    if asked == 0:
        return None
    people = people_for(template, 1) if asked is None else Contact.objects.filter(pk=asked, erased_at=None)
    return next(iter(people), None)


def _found(pk: int) -> TransactionalTemplate:
    rows = TransactionalTemplate.objects.select_related("draft__content", "draft__sender", "draft__topic")
    return get_object_or_404(rows, pk=pk)
