"""Consent asked for and not yet given: somebody named an address and ticked topics, and nobody knows yet whose it is."""

from collections.abc import Sequence
from typing import Unpack

from django.db import transaction

from consent.consenting import Proof, keep_wording, proof_columns, tell_of_words
from consent.models import Consent, Suppression, Topic
from contacts.addresses import address_hash
from contacts.channels import Channel
from contacts.models import Contact


@transaction.atomic
def request_consent(
    contact: Contact,
    topics: Sequence[Topic],
    *,
    wording: str,
    channel: int = Channel.EMAIL,
    **proof: Unpack[Proof],
) -> None:
    """Write down what was asked for, with its proof: a row a topic. It allows nothing and takes nothing back.

    Each call adds; whoever calls it sees to it that one request is one call.
    """
    sentence = keep_wording(wording)
    rows = [
        Consent(
            contact=contact,
            topic=topic,
            channel=channel,
            state=Consent.State.REQUESTED,
            wording=sentence,
            **proof_columns(proof),
        )
        for topic in topics
    ]
    Consent.objects.bulk_create(rows)
    tell_of_words([contact.pk])


def wants_nothing(address: str, *, channel: int = Channel.EMAIL) -> bool:
    """Whether the owner of this normalised address objected to everything or was erased, and has not taken it back."""
    listed = Suppression.objects.filter(channel=channel, address_hash=address_hash(address), lifted_at=None)
    return listed.filter(reason__in=[Suppression.Reason.OBJECTION, Suppression.Reason.ERASED]).exists()
