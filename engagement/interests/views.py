"""The settings page of interests, and a colleague's writing down what somebody said."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Contact
from engagement.interests import keeping
from engagement.interests.forms import MergeForm, PageRuleForm, TagForm, WordForm
from engagement.interests.panels import interests_panel
from engagement.interests.reading import NoTagError, tag_for, tags_for
from engagement.interests.saying import say_interests
from engagement.interests.tagging import BadAddressError, TooManyRulesError, set_page_rule
from engagement.models import InterestTag
from engagement.models.interests import Said
from lib.written_meanwhile import held
from workspaces.auditing import audit
from workspaces.permissions import needs
from workspaces.requests import Request


@require_safe
@needs("workspace.settings")
def interests(request: Request) -> HttpResponse:
    """Tags with their uses, and pages by the beginning of their address."""
    return _page(request)


@require_POST
@needs("workspace.settings")
def add_tag(request: Request) -> HttpResponse:
    """Make a tag; one of this name is there already where it is."""
    form = TagForm(request.POST)
    try:
        if form.is_valid():
            audit("interest.added", by=request.user, target=tag_for(form.cleaned_data["name"]))
            return redirect("engagement:interests")
    except NoTagError:
        form.add_error("name", _("Say what they are interested in."))
    return _page(request, tag_form=form)


@require_safe
@needs("workspace.settings")
def edit_tag(request: Request, pk: int) -> HttpResponse:
    """One tag: rename, merge, remove."""
    return _tag_page(request, _tag(pk))


@require_POST
@needs("workspace.settings")
def rename_tag(request: Request, pk: int) -> HttpResponse:
    """Another name; the earlier one goes on to find it."""
    tag = get_object_or_404(held(InterestTag.objects.all(), request), pk=pk, merged_into=None)
    form = TagForm(request.POST, initial={"name": tag.name})
    if form.is_valid():
        try:
            keeping.rename_tag(tag, form.cleaned_data["name"], by=request.user)
            return redirect("engagement:interests")
        except NoTagError:
            form.add_error("name", _("Say what they are interested in."))
        except keeping.NameTakenError:
            form.add_error("name", _("Another interest has this name. Merge them instead."))
    return _tag_page(request, tag, rename_form=form)


@require_POST
@needs("workspace.settings")
def merge_tag(request: Request, pk: int) -> HttpResponse:
    """It becomes a part of another."""
    tag = _tag(pk)
    form = MergeForm(request.POST, tag=tag)
    if not form.is_valid():
        return _tag_page(request, tag, merge_form=form)
    keeping.merge_tags(tag, form.cleaned_data["into"], by=request.user)
    return redirect("engagement:interests")


@require_POST
@needs("workspace.settings")
def remove_tag(request: Request, pk: int) -> HttpResponse:
    """It is gone, and with it who was drawn to it."""
    keeping.remove_tag(_tag(pk), by=request.user)
    return redirect("engagement:interests")


@require_POST
@needs("workspace.settings")
def set_rule(request: Request) -> HttpResponse:
    """Pages whose address begins so are about these tags; with none the rule goes. Earlier visits count too, soon."""
    form = PageRuleForm(request.POST)
    if "remove" in request.POST:
        form.fields["names"].required = False
    if form.is_valid():
        tags = [] if "remove" in request.POST else [tag.pk for tag in tags_for(form.tags()).values()]
        try:
            set_page_rule(form.cleaned_data["begins"], tags)
            keeping.count_anew()
            audit("interest.rule", by=request.user)
            return redirect("engagement:interests")
        except BadAddressError:
            form.add_error("begins", _("Write how the address begins, like shop.example/tea/."))
        except TooManyRulesError:
            form.add_error("begins", _("These are too many rules. Remove one first; nothing was changed."))
    return _page(request, rule_form=form)


@require_POST
@needs("contacts.edit")
def say(request: Request, pk: int) -> HttpResponse:
    """Write down what a person said they like, or do not."""
    contact, form = get_object_or_404(Contact, pk=pk, erased_at=None), WordForm(request.POST)
    if form.is_valid():
        tag = form.cleaned_data["tag"]
        try:
            tag = tag or tag_for(form.cleaned_data["name"])
            say_interests(contact.pk, {tag.pk: Said(form.cleaned_data["said"])}, by=request.user)
        except NoTagError:
            form.add_error("name", _("Say what they are interested in."))
    if request.htmx:
        context = {"panel": interests_panel(request, contact), "errors": form.errors}
        return render(request, "engagement/interests/panel.html", context, status=422 if form.errors else 200)
    for said in form.errors.values():
        messages.error(request, " ".join(map(str, said)))
    return redirect("contacts:contact", contact.pk)


def _tag(pk: int) -> InterestTag:
    return get_object_or_404(InterestTag, pk=pk, merged_into=None)


def _page(request: Request, *, tag_form: TagForm | None = None, rule_form: PageRuleForm | None = None) -> HttpResponse:
    context = {
        "uses": keeping.uses_of_tags(),
        "rules": keeping.rules_with_visits(),
        "tag_form": tag_form or TagForm(),
        "rule_form": rule_form or PageRuleForm(),
    }
    return render(request, "engagement/interests/settings.html", context, status=422 if tag_form or rule_form else 200)


def _tag_page(
    request: Request, tag: InterestTag, *, rename_form: TagForm | None = None, merge_form: MergeForm | None = None
) -> HttpResponse:
    context = {
        "use": next(use for use in keeping.uses_of_tags() if use.tag.pk == tag.pk),
        "rename_form": rename_form or TagForm(initial={"name": tag.name}),
        "merge_form": merge_form or MergeForm(tag=tag),
    }
    return render(request, "engagement/interests/tag.html", context, status=422 if rename_form or merge_form else 200)
