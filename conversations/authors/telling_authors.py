"""What follows when authors turn out to be contacts: their words, and our answers to them, go to the timeline."""

from collections.abc import Mapping, Sequence

from conversations.authors.complaining import bring_along
from conversations.conversation_state import refresh
from conversations.models import Conversation, Mention, PublicAuthor
from conversations.recording_mentions import tell_answers, tell_ledger

MAIL = {"email", "mail"}
PHONES = {"sms", "whatsapp"}  # who writes there is a number


def tell_about(authors: Sequence[PublicAuthor], contacts: Mapping[int, int]) -> None:
    """These authors (by their numbers) are these contacts from now on. May be repeated."""
    if not authors:
        return
    for author in authors:
        author.contact_id = contacts[author.pk]
    PublicAuthor.objects.bulk_update(authors, ["contact"])
    ids = [author.pk for author in authors]
    tell_ledger(
        Mention.objects.filter(author__in=ids, touchpoint_id=None, deleted_at=None, twin_of=None).select_related(
            "author", "conversation"
        )
    )
    tell_answers(ids)
    bring_along(authors)
    refresh(Conversation.objects.filter(author__in=ids).values_list("pk", flat=True))
