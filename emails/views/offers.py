"""Pages of offer codes: the pools, one of them, its codes as a table."""

import codecs
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emails.models import OfferPool
from emails.offers.adding import MOST, Added, NotTakenError, TooManyCodesError, add_codes
from emails.offers.exporting import codes_as_csv
from emails.offers.finding import figures_of, pools_found
from emails.offers.forms import ChangeForm, CodesForm, MakeForm, PoolForm
from emails.offers.generating import BadAmountError, ask_for_codes
from emails.offers.keeping import BadPoolError, change_pool, make_pool, withdraw_pool
from emails.offers.saying import row_of
from lib.foreign.cleaning import to_storable
from lib.local_words import number
from lib.written_meanwhile import held
from workspaces.auditing import audit
from workspaces.panels import panels_at
from workspaces.permissions import may, needs
from workspaces.requests import Request

MOST_SHOWN = 200


@needs("campaigns.see")
@require_safe
def offers(request: Request) -> HttpResponse:
    """The pools, newest first, each with what is left of it and what it brought."""
    pools = list(pools_found()[:MOST_SHOWN])
    figures = figures_of(pools)
    rows = [row_of(one, figures[one.pk]) for one in pools]
    context = {"rows": rows, "can_edit": may(request.membership.role, "campaigns.edit")}
    return render(request, "emails/offers.html", context)


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """A new pool."""
    form = PoolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pool = make_pool(form.cleaned_data, by=request.user)
        except BadPoolError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(
                request, _("The offer is there. Now it needs its codes.") if not pool.is_shared else _("Saved.")
            )
            return redirect("emails:offer", pool.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "emails/offers/new.html", {"form": form}, status=status)


@needs("campaigns.see")
@require_http_methods(["GET", "HEAD"])
def offer(request: Request, pk: int) -> HttpResponse:
    """One pool: what is left, given and redeemed, by which campaigns; its codes are added here."""
    return _page(request, get_object_or_404(OfferPool, pk=pk))


@needs("campaigns.edit")
@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """Another name, worth or end."""
    pool = get_object_or_404(held(OfferPool.objects.all(), request), pk=pk)
    form = _change_form(pool, request.POST)
    if not form.is_valid():
        return _page(request, pool, change=form)
    try:
        change_pool(pool, form.cleaned_data, by=request.user)
    except BadPoolError as error:
        form.add_error(error.field, str(error))
        return _page(request, pool, change=form)
    messages.success(request, _("Saved."))
    return redirect("emails:offer", pk)


@needs("campaigns.edit")
@require_POST
def add(request: Request, pk: int) -> HttpResponse:
    """Codes from lines and from a file."""
    pool, form = get_object_or_404(OfferPool, pk=pk), CodesForm(request.POST, request.FILES, auto_id="codes-%s")
    if not form.is_valid():
        return _page(request, pool, codes=form)
    try:
        messages.success(request, _told(add_codes(pool, _lines(form.cleaned_data), by=request.user)))
    except TooManyCodesError:
        form.add_error(None, _("More than %(n)s lines. Nothing was added.") % {"n": number(MOST)})
        return _page(request, pool, codes=form)
    except NotTakenError:
        messages.error(request, _("Everybody has the same code of this offer."))
    return redirect("emails:offer", pk)


@needs("campaigns.edit")
@require_POST
def make(request: Request, pk: int) -> HttpResponse:
    """Codes made by chance."""
    pool, form = get_object_or_404(OfferPool, pk=pk), MakeForm(request.POST, auto_id="make-%s")
    if form.is_valid():
        said = form.cleaned_data
        try:
            ask_for_codes(pool, said["count"], prefix=said["begins"], length=said["length"], by=request.user)
        except BadAmountError as error:
            form.add_error("count", str(error))
        else:
            return redirect("emails:offer", pk)
    return _page(request, pool, make=form)


@needs("campaigns.edit")
@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Nothing of it is given or taken any more, or (`again`) it is."""
    pool, again = get_object_or_404(OfferPool, pk=pk), "again" in request.POST
    withdraw_pool(pool, by=request.user, again=again)
    said = _("The offer stands again.") if again else _("Withdrawn. No code of it is given or taken from now on.")
    messages.success(request, said)
    return redirect("emails:offer", pk)


@needs("workspace.settings")
@require_safe
def table(request: Request, pk: int) -> StreamingHttpResponse:
    """Every code of a pool as CSV."""
    pool = get_object_or_404(OfferPool, pk=pk)
    audit("offer.codes_taken", by=request.user, target=pool)
    name = slugify(f"{pool.key}-codes")
    head = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(codes_as_csv(pool), content_type="text/csv; charset=utf-8", headers=head)


def _page(request: Request, pool: OfferPool, **forms: Any) -> HttpResponse:
    role = request.membership.role
    context = {
        "pool": pool,
        "row": row_of(pool, figures_of([pool])[pool.pk]),
        "panels": panels_at("offer.after", request, pool),
        "change": forms.get("change") or _change_form(pool),
        "codes": forms.get("codes") or CodesForm(auto_id="codes-%s"),
        "make": forms.get("make")
        or MakeForm(initial={"begins": pool.prefix, "length": pool.length}, auto_id="make-%s"),
        "can_edit": may(role, "campaigns.edit"),
        "can_take": may(role, "workspace.settings"),
    }
    return render(request, "emails/offers/offer.html", context, status=422 if forms else 200)


def _change_form(pool: OfferPool, data: QueryDict | None = None) -> ChangeForm:
    said = {name: getattr(pool, name) for name in ("name", "worth", "expires_at")}
    return ChangeForm(data, initial=said, auto_id="change-%s")


def _lines(said: dict[str, Any]) -> Iterable[str]:
    """What was pasted, then what stands in the file."""
    yield from map(to_storable, said["lines"].splitlines())
    if said["file"]:
        said["file"].seek(0)
        for line in codecs.iterdecode(said["file"], "utf-8-sig", errors="replace"):
            yield from map(to_storable, line.splitlines())


def _told(added: Added) -> str:
    """What became of the lines, with numbers."""
    said = [_("%(n)s codes added.") % {"n": number(added.added)}]
    if added.known:
        said.append(_("%(n)s were there already.") % {"n": number(added.known)})
    if added.refused:
        text = _("%(n)s are no codes (longer than 64 letters, or unreadable): lines %(lines)s.")
        said.append(text % {"n": number(len(added.refused)), "lines": added.told})
    return " ".join(said)
