"""The workspace's own fields: what is declared, what people hold under names that nobody declared, and changing both."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.custom_fields.defining import (
    BadFieldError,
    add_choice,
    archive_choice,
    archive_field,
    check_name,
    define_field,
    folded_name,
    move_field,
    rename_field,
    restore_field,
)
from contacts.custom_fields.forms import DefineForm, LabelForm, RetypeForm, lines_of
from contacts.custom_fields.knowing import Held, field_named, held_fields, values_held
from contacts.custom_fields.retyping import Check, UnsafeChangeError, as_type, change_type, check_type, declare_held
from contacts.long_changes.beginning import RETYPE
from contacts.long_changes.showing import shown_changes
from contacts.models import Contact, CustomType, FieldDefinition
from contacts.showing import shown
from lib.rooms import house
from lib.written_meanwhile import held
from workspaces.permissions import needs
from workspaces.requests import Request

MOST_UNDECLARED, MOST_GUESSED = 50, 12
FIELDS = "contacts:fields"


@needs("contacts.fields")
def fields(request: Request) -> HttpResponse:
    """What is declared, in its order, with how many people have it; what is not declared yet; a form for a new one."""
    form = DefineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if _is_held(said["name"]):
                check_name(said["name"])
                return redirect(f"{reverse('contacts:declare_field')}?{_asked(said)}")
            made = define_field(**said, by=request.user)
        except BadFieldError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("“%(field)s” is a field of every contact now.") % {"field": made.label})
            return redirect(FIELDS)
    return render(request, "contacts/fields.html", _list_context(form), status=422 if form.errors else 200)


@needs("contacts.fields")
def field(request: Request, pk: int) -> HttpResponse:
    """One field: its label, choices, type, who uses it."""
    found = get_object_or_404(held(FieldDefinition.objects.all(), request), pk=pk)
    form = LabelForm(request.POST or None, initial={"label": found.label, "help_line": found.help_line})
    if request.method == "POST" and form.is_valid():
        try:
            rename_field(found, form.cleaned_data["label"], help_line=form.cleaned_data["help_line"], by=request.user)
        except BadFieldError as error:
            form.add_error("label", str(error))
        else:
            messages.success(request, _("Saved. Rules and files know it as “%(name)s” still.") % {"name": found.name})
            return redirect("contacts:field", pk)
    people = next((one.people for one in held_fields()[0] if one.name == found.name), 0)
    context = {"field": found, "form": form, "people": people, "list_url": _list_url(found.name)}
    return _show(request, found, context, status=422 if form.errors else 200)


@needs("contacts.fields")
@require_POST
def act_on_field(request: Request, pk: int, what: str) -> HttpResponse:
    """Move it up or down, archive or restore it, add a choice or archive one."""
    found = get_object_or_404(FieldDefinition, pk=pk)
    choice = request.POST.get("choice", "")
    verbs: dict[str, Any] = {
        "up": lambda: move_field(found, up=True),
        "down": lambda: move_field(found, up=False),
        "archive": lambda: archive_field(found, by=request.user),
        "restore": lambda: restore_field(found, by=request.user),
        "add-choice": lambda: add_choice(found, choice, by=request.user),
        "archive-choice": lambda: archive_choice(found, choice, by=request.user),
    }
    if what not in verbs:
        raise Http404
    try:
        verbs[what]()
    except BadFieldError as error:
        messages.error(request, str(error))
    return redirect("contacts:field", pk) if "choice" in what else redirect(FIELDS)


@needs("contacts.fields")
def retype_field(request: Request, pk: int) -> HttpResponse:
    """Another type: first what would become of every value (GET), then, with a word on each that does not fit, the change."""
    found = get_object_or_404(held(FieldDefinition.objects.all(), request), pk=pk)
    said = request.POST if request.method == "POST" else request.GET
    kind, choices = said.get("type", found.type), lines_of(said.get("choices", ""))
    if kind == CustomType.CHOICE and not choices and not found.offered:
        choices = values_held(found.name, MOST_GUESSED)
    context: dict[str, Any] = {"field": found, "name": found.name}
    try:
        wanted = as_type(found, kind, choices)
        context["form"] = form = RetypeForm(found, wanted, request.POST or None)
        form.told = request.GET
        if form.is_valid():
            wanted = form.wanted
            done = change_type(found, wanted.type, choices=wanted.offered, answers=_answers(said), by=request.user)
            messages.success(request, _became(done) % _said_of(found))
            return redirect("contacts:field", pk)
        checked = check_type(found.name, wanted, _answers(said))
        context["error"] = " ".join(str(one) for one in form.non_field_errors())
    except UnsafeChangeError as error:
        checked = error.check
        context["error"] = str(error)
    except BadFieldError as error:
        messages.error(request, str(error))
        return redirect("contacts:field", pk)
    return _ask(request, context, wanted, checked)


@needs("contacts.fields")
def declare_field(request: Request) -> HttpResponse:
    """Declare what people hold under a name already: the same question, then the declaration."""
    said = request.POST if request.method == "POST" else request.GET
    name, kind = said.get("name", "").strip(), said.get("type", CustomType.TEXT)
    choices = lines_of(said.get("choices", ""))
    if kind == CustomType.CHOICE and not choices:
        choices = values_held(name, MOST_GUESSED)
    context: dict[str, Any] = {"name": name, "help_line": said.get("help_line", "")}
    try:
        if request.method == "POST":
            more = {"choices": choices, "help_line": context["help_line"], "answers": _answers(said)}
            made = declare_held(name, type=kind, by=request.user, **more)
            messages.success(request, _("“%(field)s” is a field of every contact now.") % {"field": made.label})
            return redirect(FIELDS)
        wanted = as_type(FieldDefinition(name=check_name(name)), kind, choices)
        checked = check_type(name, wanted)
    except UnsafeChangeError as error:
        wanted, checked = as_type(FieldDefinition(name=name), kind, choices), error.check
        context["error"] = str(error)
    except BadFieldError as error:
        messages.error(request, str(error))
        return redirect(FIELDS)
    return _ask(request, context, wanted, checked)


def uses_of(name: str, user_id: int | None) -> list[tuple[Any, Sequence[Any]]]:
    """Who relies on a field, by kind."""
    found = [(one.label, one.uses(name, user_id)) for one in house.field_users]
    return [(label, uses) for label, uses in found if uses]


def _list_context(form: DefineForm) -> dict[str, Any]:
    held, counted_at = held_fields()
    people = {one.name: one for one in held}
    rows = list(FieldDefinition.objects.order_by("position", "pk"))
    known = {one.name for one in rows}
    active = [one for one in rows if one.archived_at is None]
    return {
        "going": {"changes": shown_changes(RETYPE)},
        "form": form,
        "rows": [_row(one, people.get(one.name)) for one in active],
        "archived": [_row(one, people.get(one.name)) for one in rows if one.archived_at is not None],
        "undeclared": [
            {
                "held": one,
                "list_url": _list_url(one.name),
                "guess": CustomType(one.guess).label,
                "twin": next((row.label for row in rows if row.folded == folded_name(one.name)), ""),
            }
            for one in [one for one in held if one.name not in known][:MOST_UNDECLARED]
        ],
        "counted_at": counted_at,
    }


def _row(one: FieldDefinition, held: Held | None) -> dict[str, Any]:
    return {"field": one, "people": held.people if held else 0, "list_url": _list_url(one.name)}


def _show(request: Request, found: FieldDefinition, context: dict[str, Any], *, status: int) -> HttpResponse:
    context |= {
        "uses": uses_of(found.name, request.user.pk),
        "types": CustomType.choices,
        "going": {"changes": shown_changes(RETYPE, field=found.pk)},
    }
    return render(request, "contacts/field.html", context, status=status)


def _ask(request: Request, context: dict[str, Any], wanted: FieldDefinition, checked: Check) -> HttpResponse:
    """The page that says what would become of the values."""
    ids = [pk for one in checked.unfit for pk in one.contact_ids]
    people = {pk: shown(request, one) for pk, one in Contact.objects.in_bulk(ids).items()} if ids else {}
    context |= {
        "wanted": wanted,
        "checked": checked,
        "choices": "\n".join(wanted.offered),
        "types": CustomType.choices,
        "unfit": [
            {
                "value": one,
                "people": [people[pk] for pk in one.contact_ids if pk in people],
                "list_url": _list_url(context["name"], one.text),
            }
            for one in checked.unfit
        ],
        "uses": uses_of(context["name"], request.user.pk),
    }
    return render(request, "contacts/field_type.html", context, status=422 if context.get("error") else 200)


def _answers(post: QueryDict) -> Mapping[str, str]:
    """Value → what stands in its place, of those that somebody said something about; "" where it is to go."""
    found: dict[str, str] = {}
    for key in post:
        if key.startswith("was-"):
            number = key.removeprefix("was-")
            becomes = post.get(f"becomes-{number}", "").strip()
            if becomes or post.get(f"drop-{number}"):
                found[str(post[key]).replace("\r\n", "\n")] = becomes
    return found


def _is_held(name: str) -> bool:
    return field_named(name) is None and bool(values_held(name.strip(), 1))


def _asked(said: Mapping[str, Any]) -> str:
    return urlencode({**said, "choices": "\n".join(said["choices"])})


def _became(done: Check) -> str:
    if done.is_long:
        return _("“%(field)s” takes values of the type %(type)s from now on. Those that people have follow.")
    return _("“%(field)s” is of the type %(type)s now.")


def _said_of(found: FieldDefinition) -> dict[str, Any]:
    return {"field": found.label, "type": CustomType(found.type).label}


def _list_url(name: str, value: str | None = None) -> str:
    """The list of people narrowed to those who have the field, or this value there."""
    line = {"name": name, "op": "set"} if value is None else {"name": name, "op": "=", "value": value}
    return f"{reverse('people:list')}?{urlencode({'f': json.dumps({'field': line}, ensure_ascii=False)})}"
