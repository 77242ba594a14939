"""What an email may know beside its reader's fields, because of what it was sent for: an order's lines, an address to confirm."""

from collections.abc import Mapping
from typing import Any

from consent.sign_up_forms.confirming import confirmation_fields
from delivery.codes import example_codes
from delivery.models import Message, TransactionalSend, TransactionalTemplate
from workspaces.current import OpenWorkspace


def occasion_fields(message: Message, workspace: OpenWorkspace, occasion: int) -> Mapping[str, Any]:
    """More fields of everybody of this occasion. At most one statement."""
    if message.purpose == Message.Purpose.CONFIRMATION:
        return confirmation_fields(workspace, occasion)
    if message.purpose == Message.Purpose.TRANSACTIONAL and occasion:
        told = TransactionalSend.objects.filter(pk=occasion, message=message).values_list("data", flat=True).first()
        return {"data": told or {}}
    return {}


def example_fields(message: Message) -> Mapping[str, Any]:
    """The same for a look at what is being written: the example of its template, codes that are nobody's."""
    codes = example_codes(message.content)
    if message.purpose != Message.Purpose.TRANSACTIONAL:
        return codes
    found = TransactionalTemplate.objects.filter(draft=message).values_list("example", flat=True).first()
    return {**codes, "data": found or {}}
