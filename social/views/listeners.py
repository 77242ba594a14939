"""What one connection listens to besides what is written to us: hashtags and words."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from conversations.models import Connection, WatchedQuery
from lib.written_meanwhile import MeanwhileForm, held
from social.connecting import network_of
from social.watching import LONGEST_WORDS, MOST, CannotWatchError, change_watched, found_lately, unwatch, watch
from workspaces.permissions import needs
from workspaces.requests import Request


class WatchForm(forms.Form):
    """A hashtag or words, of the kinds that the server can be asked for."""

    kind = forms.ChoiceField(label=_("What"))
    query = forms.CharField(label=_("Hashtag or words"), max_length=LONGEST_WORDS + 1)

    def __init__(self, *args: Any, finds: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        kind: Any = self.fields["kind"]
        kind.choices = [one for one in WatchedQuery.Kind.choices if one[0] in finds]


class QueryForm(MeanwhileForm):
    """What a listener that stands looks for instead."""

    query = forms.CharField(label=_("Look for this instead"), max_length=LONGEST_WORDS + 1)

    def __init__(self, row: WatchedQuery, data: Any = None) -> None:
        super().__init__(data, initial={"query": row.query}, auto_id=f"look-{row.pk}-%s")


@require_GET
@needs("social.connect")
def listeners(request: Request, pk: int) -> HttpResponse:
    """The list, each with its last success and what it brought this week."""
    connection, can = _found(pk)
    return _page(request, connection, can, WatchForm(finds=can.finds))


@require_POST
@needs("social.connect")
def add(request: Request, pk: int) -> HttpResponse:
    """One more. What is refused stays in the form, with the reason."""
    connection, can = _found(pk)
    form = WatchForm(request.POST, finds=can.finds)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = watch(connection, given["kind"], given["query"], finds=can.finds, by=request.user)
        except CannotWatchError as error:
            form.add_error("query", str(error))
        else:
            words = _now("%(name)s is looked for from now on. What it finds asks for no answer.")
            messages.success(request, words % {"name": made})
            return redirect("social:listeners", connection.pk)
    return _page(request, connection, can, form, status=422)


@require_POST
@needs("social.connect")
def change(request: Request, pk: int, watched: int) -> HttpResponse:
    """It looks for something else. What is refused stays in its form, with the reason, and nothing changes."""
    connection, can = _found(pk, held(Connection.objects.all(), request))
    row = get_object_or_404(WatchedQuery.objects.select_related("connection"), pk=watched, connection=connection)
    form = QueryForm(row, request.POST)
    if form.is_valid():
        try:
            made = change_watched(row, form.cleaned_data["query"], by=request.user)
        except CannotWatchError as error:
            form.add_error("query", str(error))
        else:
            words = _now("%(name)s is looked for from now on. What was found before stays.")
            messages.success(request, words % {"name": made})
            return redirect("social:listeners", connection.pk)
    return _page(request, connection, can, WatchForm(finds=can.finds), changed={row.pk: form}, status=422)


@require_POST
@needs("social.connect")
def remove(request: Request, pk: int, watched: int) -> HttpResponse:
    """One less; what it found stays."""
    connection, _can = _found(pk)
    row = get_object_or_404(WatchedQuery.objects.select_related("connection"), pk=watched, connection=connection)
    unwatch(row, by=request.user)
    messages.success(request, _now("It is looked for no more. What it found stays in the inbox."))
    return redirect("social:listeners", connection.pk)


def _found(pk: int, rows: QuerySet[Connection] | None = None) -> tuple[Connection, Any]:
    """The connection, of these `rows` or of all, and what it can do; 404 where nothing can be listened to."""
    connection = get_object_or_404(Connection.objects.all() if rows is None else rows, pk=pk)
    can = network_of(connection).capabilities()
    if not can.finds:
        raise Http404
    return connection, can


def _page(
    request: Request,
    connection: Connection,
    can: Any,
    form: WatchForm,
    *,
    changed: Mapping[int, QueryForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`changed`: of a listener by number, the form that was sent and refused."""
    counts, sent = found_lately(connection), changed or {}
    rows = list(WatchedQuery.objects.filter(connection=connection))
    context = {
        "connection": connection,
        "can": can,
        "rows": [
            {"row": row, "count": counts.get(str(row), 0), "form": sent.get(row.pk) or QueryForm(row)} for row in rows
        ],
        "form": form if len(rows) < MOST else None,
        "most": MOST,
        "inbox": reverse("conversations:inbox"),
    }
    return render(request, "social/listeners.html", context, status=status)
