"""Web push on other rooms' pages: what a website needs, beside the sender; somebody's browsers, beside the person."""

from typing import Any

from contacts.models import Contact
from delivery.models import PUSH_KIND, Sender
from lib.links import public_link
from messengers.models import PushSubscription
from messengers.push.subscribing import live_of
from workspaces.requests import Request

ECRM_FILE = "ecrm-push.js"


def website_panel(request: Request, sender: Sender) -> dict[str, Any] | None:
    """The public key, the page of our own, and the two ways to ask on a website."""
    if sender.kind != PUSH_KIND:
        return None
    home = public_link("push_door", "browser_KEY").partition("/v1/")[0]
    return {
        "public_key": sender.settings.get("public_key", ""),
        "count": PushSubscription.objects.filter(sender=sender, gone_at=None).count(),
        "page": f"{home}/p/{request.workspace.slug}/push/",
        "file": ECRM_FILE,
        "door": public_link("push_door", "YOUR_KEY"),
        "worker": f"{home}/t/push-worker.js",
    }


def browsers_panel(_request: Request, contact: Contact) -> dict[str, Any] | None:
    """On which browsers they get notifications."""
    rows = list(live_of([contact.pk]).order_by("-seen_at", "-pk"))
    return {"rows": rows} if rows else None
