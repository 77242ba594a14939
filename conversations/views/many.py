"""What is done with all that were picked in the list."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts.showing import sees_names
from conversations.answers.approving import APPROVE, likes_need_approval
from conversations.assigning import NotAMemberError, answerers
from conversations.inbox.acting_on_many import BACK, MOST, Outcome, act_on_many
from conversations.views.acts import moment_of
from conversations.views.inbox import list_context, view_of
from lib.asked import whole_number
from lib.web.htmx import with_toast
from workspaces.models import User
from workspaces.permissions import may, needs
from workspaces.requests import Request

NAMED = 5  # so many of those that were left are told one by one


@require_POST
@needs("social.answer")
def act_on_picked(request: Request) -> HttpResponse:
    """One act on all that were picked; those it cannot be done to are told. The address may say the act, too: an undo."""
    said = request.POST if "act" in request.POST else request.GET
    asked = (whole_number(one) for one in said.getlist("pick")[:MOST])
    picked = {one for one in asked if one is not None}
    act, facts = said.get("act", ""), _facts(said)
    if facts is None:
        return _told(request, _("There is no such member. Nothing changed."), status=422)
    if act == "like" and not may(request.membership.role, APPROVE):
        return _told(request, likes_need_approval(), status=403)
    try:
        outcome = act_on_many(picked, act, by=request.user, **facts)
    except NotAMemberError:
        return _told(request, _("This person answers nobody here. Nothing changed."), status=422)
    except KeyError:
        return _told(request, _("There is no such act. Nothing changed."), status=422)
    undo = ""
    if act in BACK and outcome.done:
        query = urlencode({"act": "reopen", "pick": outcome.done}, doseq=True)
        undo = f"{reverse('conversations:many')}?{query}"
    return _told(request, _in_words(act, outcome, names=sees_names(request)), undo=undo)


def _facts(said: Any) -> dict[str, Any] | None:
    """What the act needs; None where it names somebody who is not there."""
    chosen = said.get("to", "")
    to = User.objects.filter(pk=whole_number(chosen) or 0).first() if chosen else None
    if chosen and to is None:
        return None
    return {"to": to, "until": moment_of(said.get("until", "")), "tag": said.get("tag", "")}


def _in_words(act: str, outcome: Outcome, *, names: bool) -> str:
    """How many it was done to, and for whom it was not, and why."""
    n = len(outcome.done)
    words = {
        "close": ngettext("%(n)d conversation done.", "%(n)d conversations done.", n),
        "spam": ngettext("%(n)d marked as spam.", "%(n)d marked as spam.", n),
        "snooze": ngettext("%(n)d out of sight until then.", "%(n)d out of sight until then.", n),
        "reopen": ngettext("%(n)d conversation waits again.", "%(n)d conversations wait again.", n),
        "assign": ngettext("%(n)d conversation given.", "%(n)d conversations given.", n),
        "tag": ngettext("%(n)d conversation tagged.", "%(n)d conversations tagged.", n),
        "like": ngettext("%(n)d liked.", "%(n)d liked.", n),
    }
    told = [words[act] % {"n": n}]
    for row, why in outcome.left[:NAMED]:
        who = str(row.author) if names else f"#{row.pk}"
        told.append(_("Not %(who)s: %(why)s.") % {"who": who, "why": why})
    if outcome.left[NAMED:]:
        more = len(outcome.left) - NAMED
        told.append(ngettext("And %(n)d more was left.", "And %(n)d more were left.", more) % {"n": more})
    return " ".join(told)


def _told(request: Request, text: str, *, undo: str = "", status: int = 200) -> HttpResponse:
    """The list again, with what was done; a plain browser is sent to it."""
    view = view_of(request)
    if not request.htmx:
        (messages.success if status == 200 else messages.error)(request, text)
        return redirect(f"{reverse('conversations:inbox')}?{view.query}")
    context = list_context(request, None) | {"picking": status != 200, "receivers": answerers(), "oob": True}
    return with_toast(render(request, "conversations/many.html", context, status=status), text, undo_url=undo)
