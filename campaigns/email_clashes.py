"""Two wrote the same block, or the same subject: both texts side by side, so that whoever came second can choose."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from delivery.models import Content
from emails.block_forms import BlockForm, RichText, form_for
from emails.blocks.base import Block
from emails.editing import digest_of
from emails.reading import BadBlocksError, read_blocks, write_blocks
from emails.rich_text import plain
from workspaces.models import User

WORDS = ("subject", "preheader")
LOOKS_BACK = 20  # versions, for who wrote last
Row = tuple[str | Promise, str, str]


@dataclass(frozen=True, slots=True)
class Clash:
    """What two wrote. `of`: the block's id, or "words" of the subject and the preview line.

    `rows`: of what differs its label, theirs and mine. `theirs` names what stands now (sent back as `over`, mine goes over
    it); `who` wrote it, "" when nobody knows; `is_me`: the same member, in another window. `mine`: the blocks as they
    would be with mine, so that it can be had again.
    """

    of: str
    who: str
    is_me: bool
    theirs: str
    rows: Sequence[Row]
    mine: str = ""
    values: dict[str, str] = field(default_factory=dict)


def clash_of_block(content: Content, block: Block, form: BlockForm, blocks: Sequence[Block], by_id: int) -> Clash:
    """`block` stands now, a valid `form` says what this member wrote, `blocks` is the list with it."""
    who = writer_of(content, block)
    return Clash(
        of=block.id,
        who=_name(who),
        is_me=who == by_id,
        theirs=digest_of(block),
        rows=_rows(form_for(block), form),
        mine=write_blocks(blocks),
    )


def clash_of_words(content: Content, said: dict[str, str], by_id: int) -> Clash:
    """Somebody else wrote the subject or the preview line that is `said` anew."""
    labels = {"subject": _("Subject"), "preheader": _("Preview line")}
    now = {name: getattr(content, name) for name in WORDS}
    rows = [(labels[name], now[name], said[name]) for name in WORDS if name in said and said[name] != now[name]]
    who = content.changed_by_id
    return Clash(of="words", who=_name(who), is_me=who == by_id, theirs=digest_of_words(content), rows=rows, values=now)


def digest_of_words(content: Content) -> str:
    """By which it shows whether subject and preview line are those that somebody saw. 16 digits."""
    said = "\0".join(getattr(content, name) for name in WORDS)
    return blake2b(said.encode(), digest_size=8).hexdigest()


def writer_of(content: Content, block: Block) -> int | None:
    """Who wrote the block as it stands: whoever changed the email last, unless it stood in an older version already."""
    who, said = content.changed_by_id, digest_of(block)
    for version in content.versions.filter(is_clash=False).order_by("-number")[:LOOKS_BACK]:
        try:
            stood = any(one.id == block.id and digest_of(one) == said for one in read_blocks(version.blocks))
        except BadBlocksError:
            return who
        if not stood:
            return who
        who = version.by_id
    return who


def _rows(theirs: BlockForm, mine: BlockForm) -> list[Row]:
    rows: list[Row] = []
    for name, one in theirs.fields.items():
        there, here = _said(one, theirs[name].initial), _said(one, mine.cleaned_data.get(name))
        if there == here and isinstance(one.widget, RichText):
            there, here = str(theirs[name].initial or ""), str(mine.cleaned_data.get(name) or "")
        if there != here:
            rows.append((one.label or "", there, here))
    return rows


def _said(one: forms.Field, value: Any) -> str:
    """A field's value in words."""
    if isinstance(one.widget, RichText):
        return plain(str(value or ""))
    if isinstance(one, forms.BooleanField):
        return _("Yes") if value else _("No")
    choices = dict(getattr(one, "choices", ()) or ())
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(str(choices.get(each, choices.get(str(each), each))) for each in values if each not in {None, ""})


def _name(user_id: int | None) -> str:
    return User.objects.filter(pk=user_id or 0).values_list("name", flat=True).first() or ""
