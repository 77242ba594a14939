"""{"consent": {"channel": "email", "topic": "letter", "state": "given"}}, or withdrawn, none: the word that counts.

Without a topic: consent to everything. What counts is kept in consent_consentnow, as the gate decides it; the evidence
about one person comes from the ledger itself (consent/sql/newest_word.sql).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.eligibility import newest_word_sql, statement_params
from consent.models import Consent, Topic
from lib.local_words import in_sentence
from lib.sql import load_sql
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.leaf_types.channels import CHANNEL_CHOICES, CHANNELS, channel_said, channel_words, check_channel
from segments.rules.comparing import expect
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import named

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


SAID = {
    "en": {
        "given": "who gave consent to {topic} by {channel}",
        "withdrawn": "who withdrew consent to {topic} by {channel}",
        "none": "who never answered about {topic} by {channel}",
    },
    "de": {
        "given": "die in {topic} per {channel} eingewilligt haben",
        "withdrawn": "die die Einwilligung in {topic} per {channel} widerrufen haben",
        "none": "die zu {topic} per {channel} nie geantwortet haben",
    },
}
EVERYTHING = {"en": "everything", "de": "alles"}


class ConsentWords(Words):
    patterns = {
        "en": (
            "[gave|give|given|with|have] [their] (consent|permission) (to|for) [the|our] <topic:given> [by <channel>]",
            "(consented|agreed|subscribed) to [the|our] <topic:given> [by <channel>]",
            "(subscriber|subscribers|readers) (of|to) [the|our] <topic:given> [by <channel>]",
            "<topic:given> (subscriber|subscribers)",
            "(receive|get|with) [the|our] <topic:given> [by <channel>]",
            "(withdrew|revoked|withdrawn) [their] (consent|permission) (to|for|from) [the|our] <topic:withdrawn> [by <channel>]",
            "(unsubscribed|unsubscribe) from [the|our] <topic:withdrawn> [by <channel>]",
            "never answered (about|on) [the|our] <topic:none> [by <channel>]",
        ),
        "de": (
            "[mit] [der|ihre|ihrer] (einwilligung|zustimmung|erlaubnis) (für|in|zu|zum) [den|die|das|dem] <topic:given>"
            " [(per|über) <channel>] [gegeben|erteilt]",
            "[in|dem|der|zum] [den|die] <topic:given> [(per|über) <channel>] (eingewilligt|zugestimmt|abonniert) [haben]",
            "(abonnenten|abonnent|bezieher|leser) [des|der|von|vom] <topic:given>",
            "<topic:given> (abonnenten|abonnent)",
            "(mit|erhalten|bekommen) [den|dem|der] <topic:given>",
            "[die|ihre] (einwilligung|zustimmung) (für|in|zu|zum) [den|die|das] <topic:withdrawn> [(per|über) <channel>]"
            " (widerrufen|zurückgezogen)",
            "[sich] (vom|von|von dem|von der) <topic:withdrawn> [(per|über) <channel>] (abgemeldet|abbestellt)",
            "<topic:withdrawn> [(per|über) <channel>] (abbestellt|gekündigt)",
            "(zu|zum) [den|dem|der] <topic:none> [(per|über) <channel>] (nie|niemals|nicht) geantwortet",
        ),
    }
    is_head = True

    def slots(self) -> dict[str, Slot]:
        return {"topic": _one_topic, "channel": channel_said}

    def node(self, found: Found, scene: Scene) -> Node:
        state = next(one for one in STATES if one in found)
        return {"consent": {"state": state, "topic": found[state][0], "channel": found.get("channel", "email")}}

    def say(self, argument: Any, language: str) -> str:
        topic, names = argument.get("topic"), dict(Topic.objects.values_list("key", "name"))
        said = EVERYTHING[language]
        if topic is not None:
            is_alone = [*names, *names.values()].count(names.get(topic, topic)) == 1
            said = quoted(names[topic] if topic in names and is_alone else topic, language)
        channel = channel_words(argument["channel"], language)
        return SAID[language][argument["state"]].format(topic=said, channel=channel)


def _one_topic(scene: Scene, place: int) -> Iterator[tuple[int, tuple[str | None]]]:
    """A topic by its key or name, as a tuple; (None,) is everything."""
    if scene.word(place) in {"everything", "anything", "alles"}:
        yield place + 1, (None,)
    known: dict[str, str] = scene.look_up("topics", lambda: dict(Topic.objects.values_list("key", "name")))
    for end, name in named([*known, *known.values()], scene, place):
        yield end, (name if name in known else next(key for key, one in known.items() if one == name),)


class ConsentLeaf(LeafType):
    type = "consent"
    label = gettext_lazy("gave or withdrew consent")
    order = 60
    icon = "circle-check"
    form = ConsentForm
    reads = frozenset({"consent"})
    words = ConsentWords()

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
