"""The addresses at which providers tell of a sender's emails: made, shown, proven, and what comes in there.

The address holds a token of ours for one webhook, and nothing else opens it; the calls are proven in each provider's own
way. What proves nothing, cannot be read or means nothing is counted, and shown where the sender is set up.
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F

from delivery.models import ProviderWebhook, Sender
from delivery.presets import preset_of
from delivery.returns.brevo import Brevo
from delivery.returns.mailgun import Mailgun
from delivery.returns.mailjet import Mailjet
from delivery.returns.postmark import Postmark
from delivery.returns.provider import USER, Provider
from delivery.returns.resend import Resend
from delivery.returns.sendgrid import SendGrid
from delivery.returns.ses import Ses
from delivery.returns.taking import take_events
from lib.clock import now
from lib.links import public_link
from lib.sealing import SealBrokenError, seal, unseal
from lib.signing import make_token, read_token
from workspaces.auditing import audit
from workspaces.models import User

SCOPE = "delivery.provider"  # of the tokens in these addresses
PROVIDERS: tuple[type[Provider], ...] = (Brevo, Mailgun, Mailjet, Postmark, Resend, SendGrid, Ses)
BY_KEY = {one.key: one for one in PROVIDERS}


def webhook_of(sender: Sender) -> ProviderWebhook | None:
    """The sender's webhook, if it has one."""
    return ProviderWebhook.objects.filter(sender=sender).first()


def provider_of(webhook: ProviderWebhook) -> Provider:
    """How its calls are proven and read."""
    return BY_KEY[webhook.provider]()


def likely_provider(sender: Sender) -> str:
    """The key of the provider whose server or interface carries this sender's emails, "" for any other server."""
    key = sender.kind if sender.kind in BY_KEY else preset_of(str(sender.settings.get("host", ""))).key
    return key if key in BY_KEY else ""


@transaction.atomic
def set_up_webhook(sender: Sender, provider: str, secret: str, *, by: User | None) -> ProviderWebhook:
    """From now on this provider tells of the sender's emails, its calls proven by `secret`.

    Where the provider signs nothing, a password of ours stands in its place, whatever is given; an empty secret keeps the
    one that is there.
    Another provider begins with a new address.
    """
    Sender.objects.select_for_update().get(pk=sender.pk)
    webhook = webhook_of(sender)
    if webhook is not None and webhook.provider != provider:
        webhook.delete()
        webhook = None
    if webhook is None:
        webhook = ProviderWebhook.objects.create(sender=sender, provider=provider)
    if not BY_KEY[provider].asks_for:
        secret = "" if webhook.sealed_secret else secrets.token_urlsafe(24)
    if secret:
        webhook.sealed_secret = seal(secret.strip(), workspace_id=webhook.workspace_id, purpose=_purpose(webhook))
        webhook.save(update_fields=["sealed_secret"])
    audit("provider_webhook.set_up", by=by, target=webhook, provider=provider)
    return webhook


@transaction.atomic
def remove_webhook(webhook: ProviderWebhook, *, by: User | None) -> None:
    """Its address is nobody's from now on."""
    audit("provider_webhook.removed", by=by, target=webhook, provider=webhook.provider)
    webhook.delete()


def address_of(webhook: ProviderWebhook) -> str:
    """What is entered at the provider: with the password inside, where that is what proves its calls."""
    token = make_token(SCOPE, int(webhook.workspace_id or 0), webhook.pk)
    url = public_link("provider_events", token)
    if provider_of(webhook).asks_for:
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{USER}:{_secret(webhook)}@{parts.netloc}{parts.path}"


def read_webhook_token(token: str) -> tuple[int, int]:
    """(workspace, webhook) of an address. BadTokenError."""
    workspace_id, webhook_id = read_token(SCOPE, token, count=2)
    return workspace_id, webhook_id


def prove(webhook: ProviderWebhook, headers: Mapping[str, str], raw: bytes) -> None:
    """Return when the call is the provider's. ForgedError, BadBodyError. It may ask the provider for its key."""
    provider = provider_of(webhook)
    provider.verify(headers, raw, _secret(webhook))
    provider.confirm(raw)


@transaction.atomic
def take_call(webhook: ProviderWebhook, raw: bytes) -> dict[str, int]:
    """Let a proven call take effect: how many of its events spoke of emails of ours, of how many we know nothing.

    BadBodyError. May be repeated.
    """
    told = provider_of(webhook).read(raw)
    sender = Sender.objects.get(pk=webhook.sender_id)
    taken = take_events(told.events, sender=sender)
    unknown = told.unknown_count + len(told.events) - taken
    ProviderWebhook.objects.filter(pk=webhook.pk).update(
        heard_at=now(), taken_count=F("taken_count") + taken, unknown_count=F("unknown_count") + unknown
    )
    return {"taken": taken, "unknown": unknown}


def note_refusal(webhook: ProviderWebhook, why: str) -> None:
    """A call proved nothing, or could not be read: shown where the sender is set up."""
    ProviderWebhook.objects.filter(pk=webhook.pk).update(
        refused_at=now(), refused_count=F("refused_count") + 1, refusal=why[:200]
    )


def _secret(webhook: ProviderWebhook) -> str:
    """The secret; empty where it cannot be opened any more: then nothing is proven."""
    try:
        return unseal(webhook.sealed_secret, workspace_id=webhook.workspace_id, purpose=_purpose(webhook))
    except SealBrokenError:
        return ""


def _purpose(webhook: ProviderWebhook) -> str:
    return f"provider_webhook:{webhook.pk}"
