"""The page on which an email is built of blocks: its steps, its preview, who sees a block, its history."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.edited import CAMPAIGN, EditedEmail, edited_email
from campaigns.email_fields import plain_fields
from campaigns.email_pages import page_of_email, sample_page
from campaigns.email_picks import picks_panel
from campaigns.email_steps import Step, take_step
from campaigns.sampling import people_of
from contacts.models import Contact
from contacts.showing import sees_names, shown
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.drafting import NotADraftError, restore
from delivery.models import Content, ContentVersion, Message
from emails.lint.linting import lint
from emails.previewing import EDITING_POLICY, email_response, pinned
from emails.reading import BadBlocksError, read_blocks
from lib.asked import whole_number
from lib.web.htmx import go_to
from segments.builder.drafting import in_shape
from segments.builder.suggesting import suggest
from workspaces.models import User
from workspaces.permissions import needs

LONGEST_HISTORY = 50


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest, pk: int, of: str = CAMPAIGN) -> HttpResponse:
    """The email with its blocks; POST takes one step (campaigns/email_steps.py)."""
    edited = edited_email(pk, of)
    if edited.message.state != Message.State.DRAFT:
        return _approved(request, edited)
    if request.method == "POST":
        return _step(request, edited)
    if not edited.message.content.blocks:
        return redirect(edited.begin)
    context = page_of_email(edited, request.GET.get("block", ""))
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        return render(request, "campaigns/email/block.html", context | {"fields": plain_fields()})
    return render(request, "campaigns/email/page.html", context | _around(request, edited))


@needs("campaigns.edit")
@xframe_options_sameorigin
@csp_override(EDITING_POLICY)
@require_safe
def preview(request: HttpRequest, pk: int, of: str = CAMPAIGN) -> HttpResponse:
    """The email as somebody (`?as=`) gets it, with its blocks marked; `?text=1` the plain part, `?dark=1` the dark look.

    422 with a sentence when it cannot be written. An email ends with a comment that says that it is one.
    """
    edited = edited_email(pk, of)
    person = _as_whom(request, edited)
    shows_names = sees_names(request)  # type: ignore[arg-type]
    try:
        written = sample_page(edited, request.workspace, person, shows_names=shows_names)  # type: ignore[attr-defined]
    except MissingFieldError as error:
        return _trouble(_("{{ %(field)s }} is empty for the person we tried it with.") % {"field": error.field})
    except (BadTemplateError, BadBlocksError) as error:
        return _trouble(str(error))
    if "text" in request.GET:
        return HttpResponse(written.text, content_type="text/plain; charset=utf-8")
    return email_response(pinned(written.html, is_dark="dark" in request.GET) + "<!--email-->")


def _trouble(said: str) -> HttpResponse:
    return HttpResponse(format_html("<!doctype html><p data-trouble>{}</p>", said), status=422)


@needs("campaigns.edit")
@require_safe
def holds(request: HttpRequest, pk: int, of: str = CAMPAIGN) -> HttpResponse:
    """How the email holds in twelve mail clients, what it weighs, where its links lead; 204 when it cannot be written."""
    edited = edited_email(pk, of)
    try:
        written = sample_page(edited, request.workspace, _as_whom(request, edited), shows_names=True)  # type: ignore[attr-defined]
    except (MissingFieldError, BadTemplateError, BadBlocksError):
        return HttpResponse(status=204)
    return render(request, "emails/lint.html", {"report": lint(written.html)})


@needs("campaigns.edit")
@require_safe
def picks(request: HttpRequest, pk: int, block: str, of: str = CAMPAIGN) -> HttpResponse:
    """Of a block that chooses: what somebody (`?as=`) gets and why, and how it falls; 204 when it is gone meanwhile."""
    edited = edited_email(pk, of)
    person = _as_whom(request, edited)
    panel = picks_panel(edited, block, person)
    if panel is None:
        return HttpResponse(status=204)
    context = {"person": shown(request, person) if person else None, **panel}  # type: ignore[arg-type]
    return render(request, "campaigns/email/picks.html", context)


@needs("campaigns.edit")
@require_safe
def who(request: HttpRequest, pk: int, of: str = CAMPAIGN) -> HttpResponse:
    """Lines for the words typed at a block's condition, each with how many of the email's people it leaves."""
    edited = edited_email(pk, of)
    words = request.GET.get("who", "")
    rules = [edited.segment.rule] if edited.segment else []
    found = suggest(words, in_shape({"all": rules}), (len(rules),))
    context = {"found": found, "words": words.strip()}
    return render(request, "campaigns/email/who.html", context)


@needs("campaigns.edit")
@require_safe
def history(request: HttpRequest, pk: int, of: str = CAMPAIGN) -> HttpResponse:
    """What the email was before, newest first."""
    edited = edited_email(pk, of)
    versions = list(edited.message.content.versions.order_by("-number")[:LONGEST_HISTORY])
    names = dict(User.objects.filter(pk__in={one.by_id for one in versions}).values_list("pk", "name"))
    rows = [{"version": one, "by": names.get(one.by_id or 0, ""), "blocks": _count(one)} for one in versions]
    return render(request, "campaigns/email/history.html", {"edited": edited, "rows": rows})


@needs("campaigns.edit")
@require_POST
def bring_back(request: HttpRequest, pk: int, number: int, of: str = CAMPAIGN) -> HttpResponse:
    """An older version stands again; what stood till now is in the history."""
    edited = edited_email(pk, of)
    version = get_object_or_404(ContentVersion, content=edited.message.content, number=number)
    try:
        restore(edited.message.content, version, by_id=request.user.pk)
        messages.success(request, _("This version stands again. What stood till now is in the history."))
    except NotADraftError:
        return _approved(request, edited)
    except BadBlocksError as error:
        messages.error(request, str(error))
    return redirect(edited.where if version.blocks else edited.by_hand)


def _step(request: HttpRequest, edited: EditedEmail) -> HttpResponse:
    """One step; htmx gets what it changed, a browser without scripts the page again."""
    try:
        step = take_step(edited.message.content, request.POST, by_id=request.user.pk or 0)
    except NotADraftError:
        return _approved(request, edited)
    edited.message.content = Content.objects.get(pk=edited.message.content_id)
    if step.saved and step.saved.clash:
        step.trouble = _("Somebody else wrote meanwhile. Yours stands; theirs is in the history.")
    elif step.clash:
        step.trouble = _("Somebody else wrote meanwhile. Yours is not kept yet: choose.")
    if not request.htmx:  # type: ignore[attr-defined]
        return _without_scripts(request, edited, step)
    context = page_of_email(edited, step.chosen, step.form) | {"step": step, "fields": plain_fields()}
    if step.clash:
        context["seen"] = request.POST.get("seen", "")
    is_refused = bool(step.trouble) and not step.saved
    return render(request, "campaigns/email/changed.html", context, status=422 if is_refused else 200)


def _without_scripts(request: HttpRequest, edited: EditedEmail, step: Step) -> HttpResponse:
    if step.form is not None or step.clash:
        context = page_of_email(edited, step.chosen, step.form) | _around(request, edited) | {"step": step}
        if step.clash:
            context |= {"seen": request.POST.get("seen", ""), "words": context["words"] | request.POST.dict()}
        return render(request, "campaigns/email/page.html", context, status=422)
    if step.trouble:
        messages.error(request, step.trouble)
    where = edited.where
    return HttpResponseRedirect(f"{where}?{urlencode({'block': step.chosen})}#block" if step.chosen else where)


def _around(request: HttpRequest, edited: EditedEmail) -> dict[str, Any]:
    """What stands on the whole page only."""
    people = [shown(request, one) for one in people_of(edited)]  # type: ignore[arg-type]
    content = edited.message.content
    words = {"subject": content.subject, "preheader": content.preheader}
    words |= {f"was_{name}": text for name, text in words.items()}
    return {"people": people, "fields": plain_fields(), "words": words}


def _as_whom(request: HttpRequest, edited: EditedEmail) -> Contact | None:
    asked = whole_number(request.GET.get("as", ""))
    if asked == 0:
        return None
    people = people_of(edited) if asked is None else Contact.objects.filter(pk=asked)
    return next(iter(people), None)


def _approved(request: HttpRequest, edited: EditedEmail) -> HttpResponse:
    messages.error(request, _("This email is approved. Take it back to change it."))
    where = edited.back
    return go_to(where) if request.htmx else HttpResponseRedirect(where)  # type: ignore[attr-defined]


def _count(version: ContentVersion) -> int:
    try:
        return len(read_blocks(version.blocks))
    except BadBlocksError:
        return 0
