"""The accounts on networks that are a person's, on their own page: one more is proven by a code, each can be taken away."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.models import Contact
from conversations.authors.account_codes import accounts_of, make_code
from conversations.authors.parting import StillNamedError, part_author
from conversations.channels import network_icon, network_name, vouches
from conversations.models import Connection
from lib.asked import whole_number
from lib.counting_up import count_up
from portal.preferences import Change, Proof

MOST_CODES, HOUR = 5, 3_600


def accounts_shown(contact: Contact) -> dict[str, Any]:
    """`rows`: what is known to be theirs; `ours`: where a code can be sent, as (network, account of ours)."""
    rows = [
        {
            "pk": one.pk,
            "name": one.handle if "@" in one.handle or "." in one.handle else one.name or one.handle,
            "network": network_name(one.network),
            "icon": network_icon(one.network),
        }
        for one in accounts_of(contact)
    ]
    ours = [
        (network_name(one.network), f"@{acct}")
        for one in Connection.objects.filter(is_active=True).order_by("network", "pk")
        if (acct := str(one.settings.get("acct", ""))) and vouches(one)
    ]
    return {"rows": rows, "ours": ours}


def begin_account(contact: Contact, _said: QueryDict, _proof: Proof) -> Change | None:
    """A code to send from the account; five an hour. None where we are on no network that proves who writes."""
    ours = accounts_shown(contact)["ours"]
    if not ours:
        return None
    if count_up(f"account-codes:{contact.workspace_id}:{contact.pk}", HOUR) > MOST_CODES:
        return Change(_("You have five codes already; each works for a week."))
    where = ", ".join(f"{account} ({network})" for network, account in ours)
    words = _("Send %(code)s to %(where)s from your account, best in a direct message. It works once, for a week.")
    return Change(words % {"code": make_code(contact), "where": where})


def part_account(contact: Contact, said: QueryDict, _proof: Proof) -> Change | None:
    """The pressed account is not theirs. None for one that was not theirs before."""
    pk = whole_number(said.get("account", ""))
    author = next((one for one in accounts_of(contact) if one.pk == pk), None)
    if author is None:
        return None
    try:
        part_author(author, by=None, why="Their own page")
    except StillNamedError:
        return Change(_("We know this account from you in another way. Tell us below, and we take it away."))
    return Change(_("Saved: this account is not yours."))
