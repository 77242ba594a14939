"""Two conversations with one person become one, and can be parted again for 30 days."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, NullIf

from conversations.conversation_state import refresh
from conversations.events import tell_merged
from conversations.merges.drafts import join_drafts, part_drafts
from conversations.merges.state import kept_of, read_kept, stand_as_one
from conversations.merges.threads import all_merged_into, hold_hearing
from conversations.models import (
    Case,
    Conversation,
    ConversationMerge,
    ConversationTag,
    Forward,
    Mention,
    PublicAuthor,
    Reply,
    TeamNote,
    TeamNoteMention,
)
from lib.clock import now
from workspaces.auditing import audit
from workspaces.models import User

State = Conversation.State
UNDONE_FOR = timedelta(days=30)
MOST_SUGGESTED = 20


class CannotMergeError(ValueError):
    """These two stay two; `code` says why: same, merged, other_person, other_readers, spam or two_cases."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CannotPartError(ValueError):
    """The merge stays; `code` says why: too_late (30 days), or later (one that came after it is to be undone first)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def suggest_merges(conversation: Conversation) -> list[Conversation]:
    """The other conversations of this person that wait or sleep and could be merged into it, the newest first. One query."""
    rows = _of_the_person(conversation).filter(state__in=[State.WAITING, State.SNOOZED])
    rows = rows.filter(is_public=conversation.is_public).exclude(pk=conversation.pk)
    return list(rows.select_related("author", "connection").order_by("-last_at", "-pk")[:MOST_SUGGESTED])


def merges_into(conversation: Conversation) -> list[ConversationMerge]:
    """What was merged into it and can be parted again, the newest first. One query."""
    rows = ConversationMerge.objects.filter(survivor=conversation, undone_at=None, merged_at__gt=now() - UNDONE_FOR)
    return list(rows.select_related("lost__connection", "lost__author").order_by("-pk"))


@transaction.atomic
def merge_conversations(lost: Conversation, survivor: Conversation, *, by: User | None) -> ConversationMerge:
    """Everything said, noted, tagged, begun and promised in `lost` stands in `survivor`, with what its thread brings.

    May be repeated: the merge that stands comes back. CannotMergeError changes nothing. Waits for messages that are being
    stored; locks both conversations.
    """
    hold_hearing()
    rows = _locked(lost.pk, survivor.pk)
    lost, survivor = rows[lost.pk], rows[survivor.pk]
    if same := ConversationMerge.objects.filter(lost=lost, survivor=survivor, undone_at=None).first():
        return same
    _check(lost, survivor)
    merge = ConversationMerge(lost=lost, survivor=survivor, by_id=by.pk if by else None)
    merge.before = {"lost": kept_of(lost), "survivor": kept_of(survivor)}
    merge.moved = _move(lost, survivor)
    stand_as_one(survivor, lost)
    nothing = dict.fromkeys(("waiting_since", "due_at", "due_minutes", "resolve_by", "wake_at", "snoozed_until"))
    Conversation.objects.filter(pk=lost.pk).update(state=State.MERGED, changed_at=now(), **nothing)
    survivor.refresh_from_db()
    merge.before["after"] = kept_of(survivor)
    merge.save()
    audit("conversation.merged", by=by, target=survivor, lost=lost.pk)
    tell_merged(merge)
    return merge


@transaction.atomic
def undo_merge(merge: ConversationMerge, *, by: User | None, ever: bool = False) -> None:
    """What moved stands where it stood, with all that belongs to those messages; what came later stays with the survivor.

    May be repeated. CannotPartError changes nothing; with `ever` it is never too late. Locks both conversations.
    """
    hold_hearing()
    held = ConversationMerge.objects.select_for_update().get(pk=merge.pk)
    if held.undone_at is not None:
        return
    if not ever and held.merged_at <= now() - UNDONE_FOR:
        raise CannotPartError("too_late")
    rows = _locked(held.lost_id, held.survivor_id)
    lost, survivor = rows[held.lost_id], rows[held.survivor_id]
    if survivor.state == State.MERGED:
        raise CannotPartError("later")
    _move_back(held, lost, survivor)
    _stand_apart(held, lost, survivor)
    ConversationMerge.objects.filter(pk=held.pk).update(undone_at=now())
    refresh([lost.pk, survivor.pk])
    audit("conversation.parted", by=by, target=survivor, lost=lost.pk)
    tell_merged(held, undone=True)


def part_from_others(author: PublicAuthor, *, by: User | None) -> None:
    """What this author wrote stands in no conversation with another author's words any more, however long ago it did.

    Two queries where nothing was merged.
    """
    while True:
        standing = ConversationMerge.objects.filter(undone_at=None).select_related("lost", "survivor")
        mixed = standing.exclude(lost__author=F("survivor__author"))
        found = mixed.filter(survivor__author=author) | mixed.filter(lost__author=author)
        merge = found.order_by("-pk").first()
        if merge is None:
            return
        while later := standing.filter(lost=merge.survivor).first():  # the outermost one first
            merge = later
        undo_merge(merge, by=by, ever=True)


def _of_the_person(conversation: Conversation) -> QuerySet[Conversation]:
    """Conversations with the same author, or with another account of the same contact."""
    author = conversation.author
    if author.contact_id:
        return Conversation.objects.filter(author__contact=author.contact_id)
    return Conversation.objects.filter(author=author)


def _locked(*pks: int) -> dict[int, Conversation]:
    rows = Conversation.objects.filter(pk__in=pks).select_related("author")
    return {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}


def _check(lost: Conversation, survivor: Conversation) -> None:
    if lost.pk == survivor.pk:
        raise CannotMergeError("same")
    if State.MERGED in {lost.state, survivor.state}:
        raise CannotMergeError("merged")
    if not _of_the_person(survivor).filter(pk=lost.pk).exists():
        raise CannotMergeError("other_person")
    if lost.is_public != survivor.is_public:  # what answers the one would be read as an answer in the other
        raise CannotMergeError("other_readers")
    if (lost.state == State.SPAM) != (survivor.state == State.SPAM):
        raise CannotMergeError("spam")
    if Case.objects.filter(conversation__in=[lost, survivor], closed_at=None).count() > 1:
        raise CannotMergeError("two_cases")


def _move(lost: Conversation, survivor: Conversation) -> dict[str, object]:
    """Messages remember whose thread they belong to; of the rest, which rows they were."""
    Mention.objects.filter(conversation=lost).update(
        conversation=survivor, heard_in_id=Coalesce("heard_in_id", lost.pk)
    )
    Reply.objects.filter(conversation=lost).update(conversation=survivor)
    Forward.objects.filter(conversation=lost).update(conversation=survivor)
    TeamNoteMention.objects.filter(conversation=lost).update(conversation=survivor)
    held = ConversationTag.objects.filter(conversation=survivor).values_list("folded", flat=True)
    moving: dict[str, QuerySet[TeamNote] | QuerySet[Case] | QuerySet[ConversationTag]] = {
        "notes": TeamNote.objects.filter(conversation=lost),
        "cases": Case.objects.filter(conversation=lost),
        "tags": ConversationTag.objects.filter(conversation=lost).exclude(folded__in=list(held)),
    }
    moved: dict[str, object] = {}
    for name, rows in moving.items():
        pks = moved[name] = list(rows.order_by("pk").values_list("pk", flat=True))
        rows.model._default_manager.filter(pk__in=pks).update(conversation=survivor)
    return moved | join_drafts(lost, survivor)


def _move_back(merge: ConversationMerge, lost: Conversation, survivor: Conversation) -> None:
    """What stands elsewhere by now (split off, or gone) stays there."""
    theirs = Mention.objects.filter(conversation=survivor, heard_in_id__in=all_merged_into(lost.pk))
    Reply.objects.filter(conversation=survivor, mention__in=theirs).update(conversation=lost)
    Forward.objects.filter(conversation=survivor, mention__in=theirs).update(conversation=lost)
    theirs.update(conversation=lost, heard_in_id=NullIf("heard_in_id", lost.pk))
    notes = TeamNote.objects.filter(pk__in=merge.moved["notes"], conversation=survivor)
    TeamNoteMention.objects.filter(note__in=notes).update(conversation=lost)
    notes.update(conversation=lost)
    Case.objects.filter(pk__in=merge.moved["cases"], conversation=survivor).update(conversation=lost)
    ConversationTag.objects.filter(pk__in=merge.moved["tags"], conversation=survivor).update(conversation=lost)
    part_drafts(merge.moved, lost, survivor)


def _stand_apart(merge: ConversationMerge, lost: Conversation, survivor: Conversation) -> None:
    """Both as they stood before, but for what was changed since: what was closed since is closed in both."""
    before, after, today = merge.before["survivor"], merge.before["after"], kept_of(survivor)
    back = {name: before[name] if today[name] == after[name] else today[name] for name in today}
    Conversation.objects.filter(pk=survivor.pk).update(**read_kept(back))
    facts = read_kept(merge.before["lost"])
    if survivor.closed_at and today["closed_at"] != after["closed_at"]:
        facts |= {"closed_at": survivor.closed_at, "reopened_at": None, "snoozed_until": None}
    state = State.SPAM if State.SPAM in {survivor.state, merge.before["lost"]["state"]} else State.WAITING
    Conversation.objects.filter(pk=lost.pk).update(state=state, **facts)
