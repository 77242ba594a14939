"""A no to one topic by email, written down for many people with the reason. A yes is never given for anybody."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.consenting import withdraw_all
from consent.eligibility import read_eligibilities
from consent.models import Consent, Topic
from consent.settling import undo_words
from contacts.channels import Channel
from segments.people.bulk.base import Before, BulkError, BulkVerb, Doing
from workspaces.models import User

LONGEST_REASON = 100


class Withdraw(BulkVerb):
    """Taken back, the no was never said: what stood before counts again, of who had said nothing nothing."""

    name = "withdraw"
    label = gettext_lazy("No more of the topic")

    def read(self, post: QueryDict) -> dict[str, Any]:
        topic = Topic.objects.filter(key=post.get("topic", "")).first()
        reason = post.get("reason", "").strip()
        if topic is None:
            raise BulkError(_("Choose a topic."))
        if not reason or len(reason) > LONGEST_REASON:
            raise BulkError(_("Say why, in at most %(n)s characters: it is kept as the proof.") % {"n": LONGEST_REASON})
        return {"topic": topic.key, "name": topic.name, "reason": reason}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        topic = _topic(doing)
        if topic is None:
            return {}
        by = User(pk=doing.by_id)
        added = withdraw_all(people, topic=topic, channel=Channel.EMAIL, source=doing.argument["reason"], by=by)
        ours = _words(sorted(added), topic)
        return {one: {"pk": ours.get(one)} for one in added}

    def undo(self, before: Before, doing: Doing) -> set[int]:
        topic = _topic(doing)
        stands = _words(list(before), topic) if topic else {}
        written = {one["pk"] for person, one in before.items() if one["pk"] and stands.get(person) == one["pk"]}
        ours = Consent.objects.filter(pk__in=written, by_id=doing.by_id, source=doing.argument["reason"])
        return undo_words(list(ours.values_list("pk", flat=True)), by_id=doing.by_id)

    def said(self, argument: Mapping[str, Any]) -> str:
        return _("no more of “%(topic)s” by email") % {"topic": argument["name"]}


def _topic(doing: Doing) -> Topic | None:
    return Topic.objects.filter(key=doing.argument["topic"]).first()


def _words(people: Sequence[int], topic: Topic) -> dict[int, int]:
    """Person → the word that counts for them now."""
    found = read_eligibilities(Channel.EMAIL, topic.pk, people)
    return {person: one.word_id for person, one in found.items() if one.word_id}
