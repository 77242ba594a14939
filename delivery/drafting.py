"""Changing an email made of blocks: kept at once, with what it was, and drawn anew in the brand's look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from delivery.models import Content, ContentVersion, Message
from emails.blocks.base import Block
from emails.drawing import draw
from emails.kits import canvas_for, current_look
from emails.look import Look
from emails.reading import BadBlocksError, check_blocks, read_blocks, write_blocks
from lib.clock import now

ONE_VERSION = timedelta(minutes=5)
MOST_VERSIONS = 200


class NotADraftError(ValueError):
    """The email is approved or out: its words stay as they are."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a change. `clash`: somebody else had written meanwhile; their words are this version now."""

    version: int
    clash: ContentVersion | None = None


@transaction.atomic
def change_email(
    content: Content,
    blocks: Sequence[Block],
    *,
    based_on: int | None = None,
    by_id: int | None = None,
    subject: str | None = None,
    preheader: str | None = None,
    puts_over: bool = False,
) -> Saved:
    """Keep these blocks; what stood before is a version of its own. BadBlocksError, NotADraftError: nothing changes.

    `based_on` is the version that the writer saw. Where another was written meanwhile the last word wins, and the
    other is kept beside it; None: they were changed as they stand now. `puts_over`: the writer saw the other's words
    and puts these over them.
    """
    held = hold_draft(content)
    text = write_blocks(check_blocks(blocks))
    words = (text, held.subject if subject is None else subject, held.preheader if preheader is None else preheader)
    if words == (held.blocks, held.subject, held.preheader):
        return Saved(held.version)
    is_stale = based_on is not None and held.version != based_on and held.changed_by_id != by_id
    is_clash = is_stale or puts_over
    kept = _keep(held, by_id, is_clash=is_clash)
    held.blocks, held.subject, held.preheader = words
    held.body_format, held.version, held.changed_at = Content.Format.BLOCKS, held.version + 1, now()
    held.changed_by_id = by_id
    held.body = drawn(text, current_look())
    held.save()
    content.refresh_from_db()
    return Saved(held.version, kept if is_stale else None)


@transaction.atomic
def keep_beside(
    content: Content,
    blocks: Sequence[Block],
    *,
    by_id: int | None,
    subject: str | None = None,
    preheader: str | None = None,
) -> ContentVersion:
    """What was not kept because somebody else wrote meanwhile stands in the history: nothing that was typed is lost.

    The same member's next try within minutes takes the place of the one before. BadBlocksError, NotADraftError.
    """
    held = hold_draft(content)
    words = {
        "blocks": write_blocks(check_blocks(blocks)),
        "subject": held.subject if subject is None else subject,
        "preheader": held.preheader if preheader is None else preheader,
        "made_at": now(),
    }
    newest = held.versions.order_by("-number").first()
    is_again = newest is not None and newest.is_clash and newest.by_id == by_id
    if newest is not None and is_again and now() - newest.made_at < ONE_VERSION:
        for name, value in words.items():
            setattr(newest, name, value)
        newest.save()
        return newest
    facts = words | {"body_format": Content.Format.BLOCKS, "by_id": by_id, "is_clash": True}
    return ContentVersion.objects.create(content=held, number=_next_number(held), **facts)


def drawn(text: str, look: Look, *, marks: bool = False) -> str:
    """The MJML of an email's blocks, each between `marks` where somebody edits it. BadBlocksError."""
    blocks = read_blocks(text)
    return draw(blocks, canvas_for(blocks, look), marks=marks)


def redraw_drafts() -> int:
    """Drafts take on the look that the brand has now; what is approved stays as it was approved. How many."""
    look, changed = current_look(), 0
    for content in _drafts().iterator(chunk_size=100):
        try:
            changed += _redraw(content, look)
        except (BadBlocksError, NotADraftError):
            continue
    return changed


@transaction.atomic
def _redraw(content: Content, look: Look) -> int:
    hold_draft(content)
    body = drawn(content.blocks, look)
    return Content.objects.filter(pk=content.pk, version=content.version).update(body=body)


def restore(content: Content, version: ContentVersion, *, by_id: int | None) -> Saved:
    """An older version stands again; what stood till now is a version too. BadBlocksError, NotADraftError."""
    if not version.blocks:
        return _restore_by_hand(content, version, by_id=by_id)
    return change_email(
        content,
        read_blocks(version.blocks),
        based_on=content.version,
        by_id=by_id,
        subject=version.subject,
        preheader=version.preheader,
    )


@transaction.atomic
def _restore_by_hand(content: Content, version: ContentVersion, *, by_id: int | None) -> Saved:
    held = hold_draft(content)
    _keep(held, by_id, is_clash=False)
    held.subject, held.preheader = version.subject, version.preheader
    held.body_format, held.body, held.blocks = version.body_format, version.body, ""
    held.version, held.changed_at, held.changed_by_id = held.version + 1, now(), by_id
    held.save()
    content.refresh_from_db()
    return Saved(held.version)


def hold_draft(content: Content) -> Content:
    """The content as it stands now, locked till the transaction ends. NotADraftError."""
    held = Content.objects.select_for_update(no_key=True).get(pk=content.pk)
    messages = Message.objects.select_for_update(no_key=True).filter(content=held)  # whoever approves one waits
    if any(state != Message.State.DRAFT for state in messages.values_list("state", flat=True)):
        raise NotADraftError
    return held


def _drafts() -> QuerySet[Content]:
    fixed = Message.objects.exclude(state=Message.State.DRAFT).filter(content=OuterRef("pk"))
    return Content.objects.filter(~Exists(fixed), body_format=Content.Format.BLOCKS)


def _keep(content: Content, by_id: int | None, *, is_clash: bool) -> ContentVersion | None:
    """The words as they stand, unless the same member's last change is minutes old."""
    by_hand = content.body_format != Content.Format.BLOCKS
    if not (content.body.strip() if by_hand else content.blocks):
        return None
    newest = content.versions.order_by("-number").first()
    same = content.changed_by_id == by_id and newest is not None and newest.by_id == by_id and not newest.is_clash
    if same and not is_clash and newest is not None and now() - newest.made_at < ONE_VERSION:
        return None
    number = _next_number(content)
    kept = ContentVersion.objects.create(
        content=content,
        number=number,
        subject=content.subject,
        preheader=content.preheader,
        blocks="" if by_hand else content.blocks,
        body_format=content.body_format,
        body=content.body if by_hand else "",
        by_id=content.changed_by_id,
        is_clash=is_clash,
    )
    content.versions.filter(number__lte=number - MOST_VERSIONS).delete()
    return kept


def _next_number(content: Content) -> int:
    return (content.versions.aggregate(most=Max("number"))["most"] or 0) + 1
