"""{"consent": {"channel": "email", "topic": "letter", "state": "given"}}, or withdrawn, none: the word that counts.

Without a topic: consent to everything. What counts is kept in consent_consentnow, as the gate decides it; the evidence
about one person comes from the ledger itself (consent/sql/newest_word.sql).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.eligibility import newest_word_sql, statement_params
from consent.models import Consent, Topic
from lib.local_words import in_sentence
from lib.sql import load_sql
from segments.comparing import expect
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.leaf_types.channels import CHANNEL_CHOICES, CHANNELS, check_channel

STATES = {
    "given": gettext_lazy("consented to"),
    "withdrawn": gettext_lazy("withdrew consent to"),
    "none": gettext_lazy("never answered about"),
}
TESTS = {
    "given": "word.state = %(given)s AND NOT word.lapsed",
    "withdrawn": "word.state = %(withdrawn)s",
    "none": "TRUE",  # there is a word: the leaf is its negation
}

STANDING = {
    "given": " AND k.state = %(given)s AND (k.expires_at IS NULL OR k.expires_at > %(r_now)s)",
    "withdrawn": " AND k.state = %(withdrawn)s",
    "none": "",
}


class ConsentForm(LeafForm):
    state = forms.ChoiceField(label=gettext_lazy("They"), choices=list(STATES.items()))
    topic = forms.ChoiceField(label=gettext_lazy("Topic"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("By"), choices=CHANNEL_CHOICES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [(topic.key, topic.name) for topic in Topic.objects.all()]
        self.fields["topic"].choices = [*topics, ("", _("everything"))]  # type: ignore[attr-defined]

    def argument(self) -> dict[str, Any]:
        return {**self.cleaned_data, "topic": self.cleaned_data["topic"] or None}


class ConsentLeaf(LeafType):
    type = "consent"
    label = gettext_lazy("gave or withdrew consent")
    order = 60
    icon = "circle-check"
    form = ConsentForm
    reads = frozenset({"consent"})

    class Argument(msgspec.Struct, **STRICT):
        channel: str
        state: str
        topic: str | None = None

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        check_channel(argument.channel, path)
        expect(argument.state in STATES, path, _("The answer is given, withdrawn or none."))
        known = argument.topic is None or Topic.objects.filter(key=argument.topic).exists()
        expect(known, path, _("There is no topic “%(topic)s”.") % {"topic": argument.topic})

    @classmethod
    def usual(cls) -> Iterable[Any]:
        topics = Topic.objects.values_list("key", flat=True)
        return [
            {"channel": "email", "topic": key, "state": state} for key in topics for state in ("given", "withdrawn")
        ]

    def condition(self, query: QueryBuilder) -> str:
        inside = query.people(self._standing(query))
        return f"(NOT {inside})" if self.argument.state == "none" else inside

    def phrase(self) -> Phrase:
        topic = self._topic()
        by = _("by %(channel)s") % {"channel": in_sentence(CHANNELS[self.argument.channel].label)}
        value = f"{topic.name if topic else _('everything')} {by}"
        return Phrase(STATES[self.argument.state], "", value, self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        query = QueryBuilder.about(members)
        test = TESTS[self.argument.state]
        rows = query.rows(f"SELECT word.*, ({test}) AS fits FROM ({self._word(query)}) AS word")
        if not rows:
            return Evidence(_("no answer"), None, self.argument.state == "none")
        word = rows[0]
        said = _("expired") if word["lapsed"] else Consent.State(word["state"]).label
        holds = word["fits"] != (self.argument.state == "none")
        return Evidence(", ".join(part for part in (str(said), word["source"]) if part), word["at"], holds)

    def moves_with_time(self) -> bool:
        """A consent can expire."""
        return self.argument.state == "given"

    def _standing(self, query: QueryBuilder) -> str:
        query.params |= statement_params()
        topic, channel = self._topic(), query.param(int(CHANNELS[self.argument.channel]))
        holes = {"channel": channel, "test": STANDING[self.argument.state], "only": query.only("k.contact_id")}
        on_everything = load_sql("segments/consent_now", topic="IS NULL", **holes)
        if topic is None:
            return on_everything
        is_topic = f"= {query.param(topic.pk)}"
        return load_sql(
            "segments/consent_now_of_topic",
            on_topic=load_sql("segments/consent_now", topic=is_topic, **holes),
            on_everything=on_everything,
            channel=channel,
            topic=is_topic,
        )

    def _word(self, query: QueryBuilder) -> str:
        query.params |= statement_params()
        channel, topic = CHANNELS[self.argument.channel], self._topic()
        return newest_word_sql(
            channel=channel,
            channel_sql=query.param(int(channel)),
            topic_sql=query.param(topic.pk if topic else None),
            now_sql="%(r_now)s",
            only=query.only("said.contact_id"),
        )

    def _topic(self) -> Topic | None:
        return Topic.objects.filter(key=self.argument.topic).first() if self.argument.topic else None
