"""Mail servers of a workspace: their password, what a connection needs, whether they work."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from campaigns.content.mime import Letterhead
from campaigns.messengers.smtp import Account, Smtp
from campaigns.models import Campaign, MailServer
from ecrm.lib.sealing import seal, unseal
from workspaces.models import Workspace


def keep_password(server: MailServer, password: str) -> None:
    """Seal the password into the row; saves."""
    server.sealed_password = seal(password, workspace_id=server.workspace_id, purpose=_purpose(server))
    server.save(update_fields=["sealed_password"])


def account_of(server: MailServer) -> Account:
    """What a connection needs. SealBrokenError when the key has changed."""
    password = unseal(server.sealed_password, workspace_id=server.workspace_id, purpose=_purpose(server))
    return Account(server.host, server.port, server.security, server.username, password)


def connect(server: MailServer, beat: Callable[[], None] = lambda: None) -> Smtp:
    """An open connection. ServerDownError, AskedToWaitError."""
    return Smtp(account_of(server), beat=beat, hello=urlsplit(settings.ECRM_URL).hostname or "localhost")


def note_health(server: MailServer, error: str = "") -> None:
    """Remember whether it worked just now."""
    moment = server.tested_at if error else timezone.now()
    MailServer.objects.filter(pk=server.pk).update(last_error=error[:300], tested_at=moment)


def sending_domain(server: MailServer) -> str:
    """The domain that our letters speak for."""
    return server.from_email.rpartition("@")[2]


def letterhead(server: MailServer, workspace: Workspace, campaign: Campaign | None) -> Letterhead:
    """The header lines of every letter of a campaign; a test has no campaign. BadHeaderError."""
    domain = sending_domain(server)
    topic = campaign.topic.key if campaign and campaign.topic else "letters"
    return Letterhead.of(
        from_name=server.from_name,
        from_email=server.from_email,
        reply_to=server.reply_to,
        list_id=f"{topic}.{workspace.slug}.{domain}",
        list_name=workspace.name,
        feedback_id=f"{campaign.pk if campaign else 0}:{workspace.pk}:{topic}:ecrm",
    )


def _purpose(server: MailServer) -> str:
    return f"mailserver:{server.pk}"
