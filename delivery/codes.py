"""Codes of offers in what goes out: which pools a message reads, a code for each reader at the claim."""

from collections.abc import Mapping
from typing import Any

from delivery.content.compiling import CompiledMessage
from delivery.content.liquid import BadTemplateError
from delivery.events import tell_failed
from delivery.models import Content, Delivery, Message
from emails.offers.giving import give_codes, sample_codes
from emails.offers.reading import OFFER, keys_in, pools_named, what_stands_against
from lib.sql import array_of, array_of_texts, numbers_of, read_sql, run_text
from workspaces.current import current_workspace_id


def offers_of(compiled: CompiledMessage) -> list[str]:
    """The keys of the pools that it reads. BadTemplateError where one is not there, over or withdrawn."""
    keys = keys_in(compiled.paths)
    if against := what_stands_against(keys, pools_named(keys)):
        raise BadTemplateError(against[0])
    return keys


def take_codes(message: Message, occasion: int, fields: dict[int, dict[str, Any]]) -> None:
    """Put a code of each pool that it reads into the fields of these people; who gets none is excluded, and left out.

    Call where the message is claimed. No statement for a message without codes; see give_codes for others, and one
    where somebody goes without.
    """
    if not message.offers or not fields:
        return
    given = give_codes(message.offers, list(fields), message_id=message.pk, occasion=occasion)
    for who, codes in given.codes.items():
        fields[who][OFFER] = codes
    if given.without:
        _exclude(message, occasion, given.without)
        for who in given.without:
            del fields[who]


def example_codes(content: Content) -> Mapping[str, Any]:
    """The field of offers for a look at a content: codes that are nobody's. No statement where it names none."""
    return sample_codes(content.subject, content.preheader, content.body)


def _exclude(message: Message, occasion: int, reasons: Mapping[int, str]) -> None:
    params = numbers_of(Delivery.State) | {
        "workspace": current_workspace_id(),
        "message": message.pk,
        "occasion": occasion,
        "contacts": array_of(reasons),
        "reasons": array_of_texts(list(reasons.values())),
    }
    run_text(read_sql("delivery/exclude"), params)
    tell_failed(message, list(reasons))
