"""Words by which conversations are found again."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count

from contacts.folding import folded
from conversations.inbox.live import tell_inbox
from conversations.models import Conversation, ConversationTag
from lib.foreign.cleaning import to_line
from workspaces.auditing import audit
from workspaces.models import User

LONGEST, MOST, OFFERED = 60, 20, 12


class NoTagError(ValueError):
    """A tag needs a word, and a conversation has twenty at most."""


@transaction.atomic
def tag_conversation(conversation: Conversation, name: str, *, by: User | None) -> ConversationTag:
    """The conversation bears this word, as it was first written. May be repeated. NoTagError."""
    word = to_line(name, LONGEST).lstrip("#").strip()
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    held = ConversationTag.objects.filter(conversation=conversation)
    same = held.filter(folded=folded(word, LONGEST)).first()
    if same is not None:
        return same
    if not word or held.count() >= MOST:
        raise NoTagError(name)
    made = ConversationTag.objects.create(conversation=conversation, name=_as_known(word))
    audit("conversation.tagged", by=by, target=conversation, tag=made.name)
    tell_inbox()
    return made


@transaction.atomic
def untag_conversation(conversation: Conversation, pk: int, *, by: User | None) -> None:
    """It does not bear this word any more. May be repeated."""
    found = ConversationTag.objects.filter(conversation=conversation, pk=pk).first()
    if found is not None:
        found.delete()
        audit("conversation.untagged", by=by, target=conversation, tag=found.name)
        tell_inbox()


@transaction.atomic
def set_tags(conversation: Conversation, names: Sequence[str], *, by: User | None) -> None:
    """It bears these words and no others. May be repeated. NoTagError changes nothing."""
    wanted = {folded(to_line(one, LONGEST).lstrip("#").strip(), LONGEST) for one in names}
    for held in ConversationTag.objects.filter(conversation=conversation):
        if held.folded not in wanted:
            untag_conversation(conversation, held.pk, by=by)
    for one in names:
        tag_conversation(conversation, one, by=by)


def tags_used() -> list[str]:
    """The words that stand most often, to choose from."""
    rows = ConversationTag.objects.order_by().values_list("name").annotate(n=Count("pk")).order_by("-n", "name")
    return [name for name, _n in rows[:OFFERED]]


def _as_known(word: str) -> str:
    """As it is written where it stands already: one way to write a word."""
    found = ConversationTag.objects.filter(folded=folded(word, LONGEST)).order_by("pk")
    return found.values_list("name", flat=True).first() or word
