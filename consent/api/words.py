"""How the word that counts for a contact is written in the API."""

from enum import StrEnum
from typing import Annotated

from ninja import Schema
from pydantic import Field

from consent.words_now import WordState
from contacts.channels import Channel

ChannelName = StrEnum("ChannelName", {name: name.lower() for name in Channel.names})  # type: ignore[misc]

type Page = Annotated[str, Field(max_length=300, pattern=r"^(https?://\S+)?$")]  # a proof that somebody can look up


class Word(Schema):
    """The word that counts for one topic (null: everything) on one channel."""

    topic: str | None
    channel: ChannelName
    state: WordState


Words = list[Word]
