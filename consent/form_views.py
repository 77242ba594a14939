"""Sign-up forms on pages of the app: all of them, one with what became of its people, its draft, its codes."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from consent.models import FormVersion, SignUp, SignUpForm
from consent.models.sign_up_forms import LANGUAGES
from consent.sign_up_forms import building
from consent.sign_up_forms.embedding import code_file, embed_snippet, form_link
from consent.sign_up_forms.questions import BadQuestionError, read_questions
from consent.sign_up_forms.texts import IN_THE_EMAIL, ON_THE_PAGE, WHEN_ASKED, languages_of
from consent.sign_up_forms.writing import (
    DraftForm,
    NewFormForm,
    QuestionForm,
    SettingsForm,
    change_questions,
    language_asked,
)
from lib.written_meanwhile import held
from workspaces.panels import panels_at
from workspaces.permissions import may, needs
from workspaces.requests import Request

EDIT = "campaigns.edit"
FILES = {"svg": "image/svg+xml", "png": "image/png"}
SHOWN_VERSIONS = 20


@needs("contacts.see")
@require_safe
def forms(request: Request) -> HttpResponse:
    """Every form with how many signed up and confirmed; archived ones last."""
    return _list(request, NewFormForm())


@needs(EDIT)
@require_POST
def new(request: Request) -> HttpResponse:
    """A form to begin with; its page follows."""
    asked = NewFormForm(request.POST)
    if not asked.is_valid():
        return _list(request, asked, status=422)
    form = building.create_form(asked.cleaned_data["name"], by=request.user)
    return redirect("consent:form", form.pk)


@needs("contacts.see")
@require_safe
def form(request: Request, pk: int) -> HttpResponse:
    """What became of the people it brought, then the form; `?language=` says whose texts are being written."""
    found = get_object_or_404(SignUpForm, pk=pk)
    return _page(request, found, language_asked(found, request.GET.get("language", "")))


@needs(EDIT)
@require_POST
def draft(request: Request, pk: int) -> HttpResponse:
    """Keep the draft as it was written, and do what the pressed button says."""
    found = get_object_or_404(SignUpForm, pk=pk)
    language, do = language_asked(found, request.POST.get("language", "")), request.POST.get("do", "")
    now_is = building.hold_draft(found)
    said = DraftForm(now_is, language, request.POST)
    if not said.is_valid():
        return _page(request, found, language, draft_form=said, status=422)
    changes = said.said(now_is, language)
    try:
        questions = change_questions(now_is, request.POST, do)
    except BadQuestionError as error:
        building.save_draft(found, **changes)
        trouble, asked = [str(error)], QuestionForm(request.POST)
        return _page(request, found, language, question_form=asked, trouble=trouble, status=422)
    building.save_draft(found, questions=[one.as_row() for one in questions], **changes)
    if do == "publish":
        try:
            version = building.publish(found, by=request.user)
        except building.NotReadyError as error:
            return _page(request, found, language, trouble=error.reasons, status=422)
        messages.success(request, _("Version %(number)s is what people see now.") % {"number": version.number})
    elif do == "save":
        messages.success(request, _("Saved as a draft. People see it when you publish it."))
    return redirect(f"{reverse('consent:form', args=[pk])}?language={language}#draft")


@needs(EDIT)
@require_POST
def settings(request: Request, pk: int) -> HttpResponse:
    """Name, address, language, where it may be shown, how long who does not confirm is kept."""
    found = get_object_or_404(SignUpForm, pk=pk)
    said = SettingsForm(request.POST, instance=held(SignUpForm.objects.all(), request).get(pk=pk))
    if not said.is_valid():
        return _page(request, found, found.language, settings_form=said, status=422)
    building.save_settings(found, by=request.user, **said.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("consent:form", pk)


@needs(EDIT)
@require_POST
def archive(request: Request, pk: int) -> HttpResponse:
    """Close it, or open it again."""
    found = get_object_or_404(SignUpForm, pk=pk)
    if found.archived_at is None:
        building.archive(found, by=request.user)
        messages.success(request, _("Closed. Links in emails that are under way still work."))
    else:
        building.bring_back(found, by=request.user)
        messages.success(request, _("Open again, as it was."))
    return redirect("consent:form", pk)


@needs("contacts.see")
@require_safe
def code(request: Request, pk: int, kind: str) -> HttpResponse:
    """The QR code to print."""
    if kind not in FILES:
        raise Http404
    found = get_object_or_404(SignUpForm, pk=pk)
    response = HttpResponse(code_file(request.workspace, found, kind), content_type=FILES[kind])
    response["Content-Disposition"] = f'attachment; filename="{found.slug}.{kind}"'
    return response


def _list(request: Request, new_form: NewFormForm, status: int = 200) -> HttpResponse:
    asked, confirmed = _count_by("form_id"), _count_by("form_id", state=SignUp.State.CONFIRMED)
    rows = SignUpForm.objects.order_by(F("archived_at").asc(nulls_first=True), "name", "pk")
    published = set(FormVersion.objects.exclude(published_at=None).values_list("form_id", flat=True))
    context = {
        "rows": [(row, row.pk in published, asked.get(row.pk, 0), confirmed.get(row.pk, 0)) for row in rows],
        "new_form": new_form,
        "may_edit": may(request.membership.role, EDIT),
    }
    return render(request, "consent/forms.html", context, status=status)


def _page(request: Request, found: SignUpForm, language: str, *, status: int = 200, **given: Any) -> HttpResponse:
    """The form's page. `given`: forms with their errors, and what is in the way of a draft."""
    written, newest = building.draft_of(found), building.newest_version(found)
    spoken = languages_of(written, found.language)
    draft_form = given.get("draft_form") or DraftForm(written, language)
    context: dict[str, Any] = {
        "form": found,
        "newest": newest,
        "next_number": (newest.number if newest else 0) + 1,
        "has_changes": newest is None or building.differs(written, newest),
        "versions": _versions(found),
        "questions": read_questions(written.questions),
        "draft_form": draft_form,
        "on_the_page": draft_form.texts_at(ON_THE_PAGE),
        "when_asked": draft_form.texts_at(WHEN_ASKED),
        "in_the_email": draft_form.texts_at(IN_THE_EMAIL),
        "question_form": given.get("question_form") or QuestionForm(),
        "settings_form": given.get("settings_form") or SettingsForm(instance=found),
        "trouble": given.get("trouble", []),
        "language": language,
        "languages": [(one, name, one in spoken) for one, name in LANGUAGES],
        "may_edit": may(request.membership.role, EDIT),
        "link": form_link(request.workspace, found),
        "snippet": embed_snippet(request.workspace, found),
        "panels": panels_at("form.top", request, found),
        "side_panels": panels_at("form.side", request, (found, written, language)),
    }
    return render(request, "consent/form.html", context, status=status)


def _count_by(name: str, **only: Any) -> dict[int, int]:
    """How many requests each form or version has."""
    rows = SignUp.objects.filter(**only).order_by().values_list(name).annotate(count=Count("id"))
    return dict(rows)


def _versions(found: SignUpForm) -> list[tuple[FormVersion, str, int]]:
    """The published versions, newest first, each with its wording in the form's language and how many agreed."""
    agreed = _count_by("version_id", form=found, state=SignUp.State.CONFIRMED)
    rows = FormVersion.objects.filter(form=found).exclude(published_at=None).order_by("-number")[:SHOWN_VERSIONS]
    words = [str((row.texts.get(found.language) or {}).get("wording", "")) for row in rows]
    return [(row, wording, agreed.get(row.pk, 0)) for row, wording in zip(rows, words, strict=True)]
