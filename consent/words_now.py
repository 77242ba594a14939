"""The word that counts now of people for every topic, as a set: what the API says of each contact as `consents`.

A word about everything is a word about a topic of which nothing newer was said, as the gate decides it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from consent.models import Consent, ConsentNow, Topic
from contacts.channels import Channel
from contacts.models import Merged
from lib.clock import now

Spot = tuple[int, int | None]  # channel, topic


class WordState(StrEnum):
    """How a person stands towards a topic on a channel."""

    GIVEN = "given"
    REQUESTED = "requested"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NONE = "none"


def words_of(contact_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """For each of these people, who stand for themselves, every topic by email, and whatever was said on other channels."""
    topics: dict[int | None, str | None] = {None: None}
    topics |= dict(Topic.objects.order_by("position", "pk").values_list("pk", "key"))
    spots: dict[int, dict[Spot, str]] = defaultdict(dict)
    for contact, spot in _requests(contact_ids):
        spots[contact][spot] = WordState.REQUESTED
    for row in ConsentNow.objects.filter(contact__in=list(contact_ids)):
        spots[row.contact_id][row.channel, row.topic_id] = _state(row)
    return {one: _complete(spots[one], topics) for one in contact_ids}


def _requests(contact_ids: Sequence[int]) -> Iterable[tuple[int, Spot]]:
    """Who was asked to confirm and what, also in the name of somebody who turned out to be them."""
    owner = {one: one for one in contact_ids}
    owner |= dict(Merged.objects.filter(survivor__in=list(contact_ids)).values_list("loser_id", "survivor_id"))
    asked = Consent.objects.filter(contact__in=list(owner), state=Consent.State.REQUESTED)
    for contact, channel, topic in asked.values_list("contact_id", "channel", "topic_id").distinct():
        yield owner[contact], (channel, topic)


def _state(row: ConsentNow) -> str:
    if row.state == Consent.State.WITHDRAWN:
        return WordState.WITHDRAWN
    return WordState.EXPIRED if row.expires_at and row.expires_at <= now() else WordState.GIVEN


def _complete(said: dict[Spot, str], topics: dict[int | None, str | None]) -> list[dict[str, Any]]:
    """Every topic on every channel on which something was said, and by email in any case."""
    channels = sorted({int(Channel.EMAIL), *(channel for channel, _topic in said)})
    return [
        {"topic": key, "channel": Channel(channel).name.lower(), "state": _word(said, channel, topic)}
        for channel in channels
        for topic, key in topics.items()
    ]


def _word(said: dict[Spot, str], channel: int, topic: int | None) -> str:
    """Of a topic of which nothing was settled the word about everything counts, unless that only asks."""
    own, of_everything = said.get((channel, topic)), said.get((channel, None), WordState.NONE)
    if own in {None, WordState.REQUESTED} and of_everything not in {WordState.NONE, WordState.REQUESTED}:
        return of_everything
    return own or WordState.NONE
