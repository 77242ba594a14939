"""Pages of lists: a new one, people put on it and taken off by hand."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts.models import Contact
from contacts.showing import sees_names, shown
from lib.asked import whole_number
from lib.clock import now
from lib.local_words import date_format
from segments.builder.drafting import Rule
from segments.forms import ListForm, PeopleForm
from segments.models import Segment, SegmentPick
from segments.picking import make_list, people_named, pick, unpick
from segments.seeing import may_change, visible
from workspaces.auditing import audit
from workspaces.languages import team_language
from workspaces.permissions import may, needs
from workspaces.requests import Request

SHOWN, TOLD = 50, 20


@needs("segments.own")
def new_list(request: Request) -> HttpResponse:
    """A list that does not exist yet: its name."""
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_private = form.cleaned_data["is_private"] or not may(request.membership.role, "segments.edit")
        made = make_list(form.cleaned_data["name"], owner_id=int(request.user.pk or 0), is_private=is_private)
        Segment.objects.filter(pk=made.pk).update(description=form.cleaned_data["description"])
        audit("segment.saved", by=request.user, target=made)
        return redirect("segments:segment", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "segments/new_list.html", {"form": form}, status=status)


@needs("segments.own")
@require_POST
def add_people(request: Request, pk: int) -> HttpResponse:
    """Put people on a list, or take them off ("do" is "remove"), by their emails or numbers."""
    found = _list(request, pk)
    form = PeopleForm(request.POST)
    if not form.is_valid():
        return _answer(request, found, form, status=422)
    lines = form.cleaned_data["people"].splitlines()
    if not sees_names(request):  # whose address is known here is told to nobody who sees no addresses
        lines = [line for line in lines if line.strip().isdigit()]
    people, unknown = people_named(lines)
    if request.POST.get("do") == "remove":
        number = unpick(found, people)
        said = ngettext("%(n)s person left the list.", "%(n)s people left the list.", number) % {"n": number}
    else:
        number = pick(found, people, by_id=request.user.pk)
        said = ngettext("%(n)s person came to the list.", "%(n)s people came to the list.", number) % {"n": number}
    audit("segment.saved", by=request.user, target=found)
    return _answer(request, found, PeopleForm(), said=said, unknown=unknown[:TOLD], unknown_count=len(unknown))


@needs("segments.own")
@require_POST
def remove_person(request: Request, pk: int) -> HttpResponse:
    """Take one person off a list."""
    found = _list(request, pk)
    if (person := whole_number(request.POST.get("person", ""))) is not None:
        unpick(found, [person])
        audit("segment.saved", by=request.user, target=found)
    return redirect("segments:segment", found.pk)


def keep_as_list(request: Request, name: str, rule: Rule) -> Segment:
    """A list of those who fit `rule` today, under a name that is free. RuleError, TooSlowError."""
    with team_language():
        day = date_format(now(), "j M Y")
        words = _("%(name)s on %(day)s") if name else _("List of %(day)s")
    wanted = words % {"name": name[:80], "day": day}
    taken = set(Segment.objects.filter(name__startswith=wanted).values_list("name", flat=True))
    free = next(one for one in (wanted, *(f"{wanted} ({n})" for n in range(2, len(taken) + 3))) if one not in taken)
    is_private = not may(request.membership.role, "segments.edit")
    made = make_list(free, owner_id=int(request.user.pk or 0), is_private=is_private, rule=rule)
    audit("segment.saved", by=request.user, target=made)
    return made


def people_of(request: Request, found: Segment) -> dict[str, Any]:
    """The newest people on a list, for its page, and the form that adds others."""
    rows = SegmentPick.objects.filter(segment=found).order_by("-picked_at", "-pk")[: SHOWN + 1]
    people = Contact.objects.in_bulk([one.contact_id for one in rows])
    picks = [{"person": shown(request, people[one.contact_id]), "at": one.picked_at} for one in rows[:SHOWN]]
    is_more = len(rows) > SHOWN
    return {"picks": picks, "is_more": is_more, "people_form": PeopleForm(), "may_pick": may_change(request, found)}


def _answer(request: Request, found: Segment, form: PeopleForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"segment": found, **people_of(request, found), **more, "people_form": form}
    return render(request, "segments/list_people.html", context, status=status)


def _list(request: Request, pk: int) -> Segment:
    found = get_object_or_404(visible(request), pk=pk, is_list=True)
    if not may_change(request, found):
        raise PermissionDenied
    return found
