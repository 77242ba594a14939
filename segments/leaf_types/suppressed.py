"""{"suppressed": {"channel": "email"}}: an address of theirs stands on the suppression list."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.eligibility import statement_params, stopped_sql
from lib.local_words import in_sentence
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.leaf_types.channels import CHANNEL_CHOICES, CHANNELS, channel_said, channel_words, check_channel
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words


class SuppressedForm(LeafForm):
    channel = forms.ChoiceField(label=gettext_lazy("By"), choices=CHANNEL_CHOICES)


class SuppressedWords(Words):
    patterns = {
        "en": (
            "[on|in] [the] (suppression list|do-not-contact list|do not contact list|block list) [for <channel>]",
            "(suppressed|blocked) [for <channel>]",
        ),
        "de": (
            "[auf|in] [der|die] (sperrliste|ausschlussliste|nicht-kontaktieren-liste) [für <channel>] [stehen]",
            "gesperrt [für <channel>]",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {"channel": channel_said}

    def node(self, found: Found, scene: Scene) -> Node:
        return {"suppressed": {"channel": found.get("channel", "email")}}

    def say(self, argument: Any, language: str) -> str:
        channel = channel_words(argument["channel"], language)
        if language == "de":
            return f"die auf der Sperrliste für {channel} stehen"
        return f"who are on the suppression list for {channel}"


class SuppressedLeaf(LeafType):
    type = "suppressed"
    label = gettext_lazy("is on the suppression list (“do not contact”)")
    order = 65
    icon = "hand-stop"
    form = SuppressedForm
    reads = frozenset({"suppression"})
    words = SuppressedWords()

    class Argument(msgspec.Struct, **STRICT):
        channel: str

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        check_channel(argument.channel, path)

    def condition(self, query: QueryBuilder) -> str:
        return query.people(f"SELECT DISTINCT one.person_id AS contact_id FROM ({self._stopped(query)}) AS one")

    def phrase(self) -> Phrase:
        label = in_sentence(CHANNELS[self.argument.channel].label)
        return Phrase(_("is on the suppression list"), _("for"), label, self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        query = QueryBuilder.about(members)
        moments = [row["at"] for row in query.rows(self._stopped(query))]
        if not moments:
            return Evidence(_("not on the list"), None, False)
        return Evidence(_("on the list"), min(moments), True)

    def _stopped(self, query: QueryBuilder) -> str:
        query.params |= statement_params()
        channel = CHANNELS[self.argument.channel]
        return stopped_sql(
            channel=channel,
            channel_sql=query.param(int(channel)),
            only_held=query.only("held.contact_id"),
            only_people=query.only("p.id"),
        )
