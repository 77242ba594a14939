"""At the counter: a code is typed, whose it is is seen, it is redeemed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts.models import Contact
from contacts.showing import shown
from emails.models import OfferCode, OfferPool
from emails.offers.forms import RedeemForm
from emails.offers.keeping import withdraw_code
from emails.offers.reading import fold
from emails.offers.redeeming import AlreadyRedeemedError, NotRedeemedError, Use, redeem
from emails.offers.saying import money
from lib.foreign.cleaning import to_storable
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("touchpoints.log")
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: Request) -> HttpResponse:
    """`?code=` looks one up; POST redeems it."""
    if request.method == "POST":
        form = RedeemForm(request.POST)
        if form.is_valid() and _redeemed(request, form):
            return redirect("emails:redeem")
        return _page(request, form, request.POST.get("code", ""), status=422)
    code = request.GET.get("code", "")
    return _page(request, RedeemForm(initial={"code": code} if code else None), code)


@needs("campaigns.edit")
@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """A code is taken by nobody any more."""
    row = get_object_or_404(OfferCode, pk=pk, is_shared=False)
    if withdraw_code(row, by=request.user):
        messages.success(request, _("Withdrawn: %(code)s. Nobody can use it any more.") % {"code": row.code})
    else:
        messages.error(request, _("%(code)s was used or withdrawn before. Nothing was changed.") % {"code": row.code})
    return redirect(f"{reverse('emails:redeem')}?{urlencode({'code': row.code})}")


def _redeemed(request: Request, form: RedeemForm) -> bool:
    said = form.cleaned_data
    try:
        found = redeem(Use(said["code"], value_minor=said["value"], order=said["order"]), by=request.user)
    except AlreadyRedeemedError as error:
        at = date_format(localtime(error.at), "DATETIME_FORMAT", use_l10n=True)
        form.add_error("code", _("This code was used already, on %(at)s.") % {"at": at})
        return False
    except NotRedeemedError as error:
        form.add_error("code", str(error))
        return False
    text = _("Redeemed: %(code)s, %(offer)s.") if found.is_new else _("This order had redeemed %(code)s, %(offer)s.")
    messages.success(request, text % {"code": found.row.code, "offer": found.row.pool.name})
    return True


def _page(request: Request, form: RedeemForm, code: str, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "asked": code.strip()[:200], "found": _look_up(request, code) if code.strip() else None}
    return render(request, "emails/offers/redeem.html", context, status=status)


def _look_up(request: Request, code: str) -> dict[str, Any]:
    """What is known of a code: its offer, how it stands, whose it is for those who may know."""
    folded = fold(to_storable(code[:200]))
    row = OfferCode.objects.filter(is_shared=False, folded=folded).select_related("pool").first()
    pool = row.pool if row else OfferPool.objects.exclude(shared_folded="").filter(shared_folded=folded).first()
    if pool is None:
        return {}
    contact = Contact.objects.filter(pk=row.contact_id).first() if row and row.contact_id else None
    value = row.value_minor if row else None
    return {
        "pool": pool,
        "row": row,
        "person": shown(request, contact) if contact else None,
        "value": money(value, row.currency) if row and value is not None else "",
        "can_withdraw": bool(row and not row.redeemed_at and not row.withdrawn_at)
        and may(request.membership.role, "campaigns.edit"),
        "is_open": not pool.is_over and not (row and (row.redeemed_at or row.withdrawn_at)),
    }
