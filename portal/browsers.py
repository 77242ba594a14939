"""The browsers on which a person gets notifications, on their own page: each can be ended."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.models import Contact
from lib.asked import whole_number
from messengers.models import PushSubscription
from messengers.push.subscribing import end_browser, find_push_sender, live_of
from portal.preferences import SOURCE, Change, Proof


def browsers_of(contact: Contact) -> dict[str, Any]:
    """What the page shows: the browsers, and whether more may be added."""
    return {"rows": list(live_of([contact.pk]).order_by("-seen_at", "-pk")), "may_add": find_push_sender() is not None}


def end_one(contact: Contact, said: QueryDict, proof: Proof) -> Change | None:
    """The pressed browser gets nothing more; of the last one that is a no to notifications. None for another's."""
    pk = whole_number(said.get("browser", ""))
    row: PushSubscription | None = live_of([contact.pk]).select_related("contact").filter(pk=pk).first() if pk else None
    if row is None:
        return None
    end_browser(
        row,
        proof={"source": SOURCE, "page": proof.page, "language": proof.language, "ip": proof.ip, "agent": proof.agent},
    )
    return Change(_("Saved: no more notifications on this browser."))
