"""What stands on a sender's page: where its provider tells, and what we know from there."""

from datetime import timedelta
from typing import Any

from delivery.models import Sender
from lib.clock import now
from lib.sql import load_sql, run_dicts
from messengers.models import TemplateLook, WhatsAppTemplate
from messengers.rcs.addresses import hook_address as rcs_address
from messengers.rcs.messenger import KIND as RCS
from messengers.whatsapp.addresses import hook_address, verify_token
from messengers.whatsapp.codes import meaning_of
from messengers.whatsapp.messenger import KIND
from workspaces.current import current_workspace_id
from workspaces.requests import Request

LATELY = timedelta(days=28)


def whatsapp_panel(request: Request, sender: Sender) -> dict[str, Any] | None:
    """Its webhook, its templates, and what WhatsApp refused lately with cause and fix; None for other senders."""
    if sender.kind != KIND:
        return None
    found = WhatsAppTemplate.objects.filter(sender=sender)
    return {
        "sender": sender,
        "address": hook_address(request.workspace.pk, sender.pk),
        "verify": verify_token(request.workspace.pk, sender.pk),
        "look": TemplateLook.objects.filter(sender=sender).first(),
        "templates": [(one, text_for(one)) for one in found],
        "answers": [(row["code"], row["times"], meaning_of(row["code"])) for row in _answers(sender)],
    }


def rcs_panel(request: Request, sender: Sender) -> dict[str, Any] | None:
    """Its webhook; None for other senders."""
    return {"address": rcs_address(request.workspace.pk, sender.pk)} if sender.kind == RCS else None


def text_for(template: WhatsAppTemplate) -> str:
    """What a campaign says to send it: a line for each place."""
    lines = [f"template: {template.name} {template.language}"]
    lines += ["header: https://"] if template.header in {"IMAGE", "VIDEO", "DOCUMENT"} else []
    return "\n".join([*lines, *(f"{place}: " for place in template.parameters)])


def _answers(sender: Sender) -> list[dict[str, Any]]:
    params = {"workspace": current_workspace_id(), "sender": sender.pk, "since": now() - LATELY}
    return run_dicts(load_sql("messengers/whatsapp_answers"), params)
