"""One step on the page of an email of blocks: what was pressed or typed becomes the email's next version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.email_clashes import WORDS, Clash, clash_of_block, clash_of_words, digest_of_words, writer_of
from delivery.drafting import Saved, change_email, hold_draft, keep_beside
from delivery.models import Content
from emails import editing
from emails.block_forms import BlockForm, form_for
from emails.blocks.base import Block, Rule
from emails.joining import join
from emails.reading import BadBlocksError, read_blocks
from lib.asked import whole_number
from lib.foreign.foreign_json import BadJsonError, read_json
from segments.builder.drafting import in_shape
from segments.builder.wording import understand
from segments.leaf_types.base import RuleError
from segments.rules.compiler import check_rule

MOST_LINES = 12  # of a block's condition
MOST_LEAF = 1_000


@dataclass
class Step:
    """What became of it. `chosen` is the block whose form is open afterwards; `form` one that was not taken;
    `is_typing`: its form stands already and must be left alone; `trouble` a sentence, "" when all went well.
    `clash`: somebody else wrote the same meanwhile, and nothing was changed. `before`: the blocks as they were, where
    they are others now. `joins`: the change was made to what stands now; `puts_over`: over words that were seen.
    """

    content: Content
    by_id: int
    chosen: str = ""
    form: BlockForm | None = None
    is_typing: bool = False
    trouble: str = ""
    saved: Saved | None = None
    clash: Clash | None = None
    before: str | None = None
    joins: bool = True
    puts_over: bool = False


def take_step(content: Content, post: Mapping[str, str], *, by_id: int) -> Step:
    """Do what `post` says ("do", and what belongs to it) and keep it. NotADraftError.

    What cannot be done is told in `trouble`, and nothing is changed.
    """
    action, _colon, rest = post.get("do", "").partition(":")
    block_id, _colon, more = rest.partition(":")
    held = hold_draft(content)
    step = Step(held, by_id, chosen=post.get("chosen", "") or block_id)
    try:
        blocks = read_blocks(held.blocks)
        verb = VERBS.get(action)
        changed = verb(step, blocks, block_id, more, post) if verb else None
        if changed is not None:
            _keep(step, changed, post, words=_written(step, post) if action == "words" else {})
    except editing.NoSuchBlockError:
        step.trouble = _("This block is gone meanwhile. Nothing was changed.")
    except (BadBlocksError, RuleError) as error:
        step.trouble = error.text if isinstance(error, RuleError) else str(error)
    return step


def _keep(step: Step, changed: list[Block], post: Mapping[str, str], *, words: Mapping[str, str]) -> None:
    """The list is the email's, unless it clashes; what clashes stands in the history."""
    content, by_id = step.content, step.by_id
    if step.clash:
        keep_beside(content, changed, by_id=by_id, **words)
        return
    based_on = None if step.joins else whole_number(post.get("version", "")) or content.version
    before = content.blocks
    step.saved = change_email(content, changed, based_on=based_on, by_id=by_id, puts_over=step.puts_over, **words)
    step.before = before if content.blocks != before else None


def _written(step: Step, post: Mapping[str, str]) -> dict[str, str]:
    """Of subject and preview line what this member wrote: what stands as it was seen is left as it stands now."""
    said = {name: post[name][:200] for name in WORDS if name in post}
    seen = {name: post.get(f"was_{name}") for name in said}
    said = {name: text for name, text in said.items() if text != seen[name]}
    now = {name: getattr(step.content, name) for name in said}
    others = [name for name, text in said.items() if seen[name] is not None and now[name] not in {seen[name], text}]
    is_own = "own" in post and step.content.changed_by_id == step.by_id
    step.puts_over = bool(others) and (is_own or post.get("over") == digest_of_words(step.content))
    if others and not step.puts_over:
        step.clash = clash_of_words(step.content, said, step.by_id)
    return said


Verb = Callable[[Step, list[Block], str, str, Mapping[str, str]], list[Block] | None]


def _words(step: Step, blocks: list[Block], _id: str, _more: str, _post: Mapping[str, str]) -> list[Block]:
    step.is_typing = True
    return blocks


def _save(step: Step, blocks: list[Block], block_id: str, _more: str, post: Mapping[str, str]) -> list[Block] | None:
    block = blocks[editing.place_of(blocks, block_id)]
    form = form_for(block, post)
    step.is_typing = True
    if not form.is_valid():
        step.form = form
        step.trouble = " ".join(str(one) for errors in form.errors.values() for one in errors)
        return None
    changed = editing.change(blocks, block_id, form.facts())
    seen, now = post.get("seen"), editing.digest_of(block)
    step.joins = seen is not None
    if seen in {None, now} or changed == blocks:
        return changed
    is_own = "own" in post and writer_of(step.content, block) == step.by_id  # as it is in a tab that closes
    step.puts_over = is_own or post.get("over") == now
    if not step.puts_over:
        step.form, step.clash = form, clash_of_block(step.content, block, form, changed, step.by_id)
    return changed


def _add(step: Step, blocks: list[Block], kind: str, _more: str, post: Mapping[str, str]) -> list[Block]:
    changed, step.chosen = editing.add(blocks, kind or post.get("kind", ""), after=post.get("chosen", ""))
    return changed


def _copy(step: Step, blocks: list[Block], block_id: str, _more: str, _post: Mapping[str, str]) -> list[Block]:
    changed, step.chosen = editing.duplicate(blocks, block_id)
    return changed


def _remove(step: Step, blocks: list[Block], block_id: str, _more: str, post: Mapping[str, str]) -> list[Block] | None:
    seen, block = post.get("seen"), blocks[editing.place_of(blocks, block_id)]
    step.joins = seen is not None
    if seen not in {None, editing.digest_of(block)}:
        step.chosen = block_id
        step.trouble = _("Somebody else changed this block meanwhile. Read it first; it is still there.")
        return None
    step.chosen = editing.neighbour_of(blocks, block_id)
    return editing.remove(blocks, block_id)


def _move(step: Step, blocks: list[Block], block_id: str, more: str, _post: Mapping[str, str]) -> list[Block]:
    here = editing.place_of(blocks, block_id)
    to = {"up": max(0, here - 1), "down": here + 1, "top": 0, "end": len(blocks)}.get(more)
    number = whole_number(more) if to is None else to
    step.chosen = block_id
    return editing.move(blocks, block_id, here if number is None else number)


def _paste(step: Step, blocks: list[Block], after: str, _more: str, post: Mapping[str, str]) -> list[Block]:
    changed, step.chosen = editing.paste(blocks, post.get("text", ""), after=after or post.get("chosen", ""))
    return changed


def _replace(step: Step, blocks: list[Block], _id: str, _more: str, post: Mapping[str, str]) -> list[Block]:
    """The list that is given; with the one that it replaces (`from`), what others changed since stays theirs."""
    wanted = read_blocks(post.get("blocks", ""))
    step.joins = "from" in post
    if not step.joins:
        return wanted
    joined = join(read_blocks(post["from"]), wanted, blocks)
    if joined.left:
        step.trouble = _("Somebody else changed the same block meanwhile: theirs stands.")
    return joined.blocks


def _show_to(step: Step, blocks: list[Block], block_id: str, _more: str, post: Mapping[str, str]) -> list[Block]:
    """A line more for a block's condition: a leaf that was chosen, or a sentence."""
    step.chosen = block_id
    block = blocks[editing.place_of(blocks, block_id)]
    lines = list(in_shape(block.when)["all"]) if block.when else []
    new = _lines_of(_leaf(post.get("leaf", "")) or _said(post.get("who", "")))
    if len(lines) + len(new) > MOST_LINES:
        raise BadBlocksError(_("A condition has at most %(n)d lines. Make a segment of it.") % {"n": MOST_LINES})
    check_rule({"all": new})
    return editing.show_to(blocks, block_id, {"all": [*lines, *new]})


def _drop(step: Step, blocks: list[Block], block_id: str, more: str, _post: Mapping[str, str]) -> list[Block]:
    """A line less of a block's condition; without any everybody sees it."""
    step.chosen = block_id
    block, at = blocks[editing.place_of(blocks, block_id)], whole_number(more)
    lines = list(in_shape(block.when)["all"]) if block.when else []
    left = [line for place, line in enumerate(lines) if place != at]
    return editing.show_to(blocks, block_id, {"all": left} if left else None)


def _lines_of(rule: Rule) -> list[Rule]:
    """The lines that all have to hold."""
    return list(rule["all"]) if list(rule) == ["all"] else [rule]


def _leaf(text: str) -> Rule | None:
    if not text:
        return None
    try:
        leaf = read_json(text[:MOST_LEAF])
    except BadJsonError as error:
        raise BadBlocksError(_("This condition cannot be read. Nothing was changed.")) from error
    if not isinstance(leaf, dict):
        raise BadBlocksError(_("This condition cannot be read. Nothing was changed."))
    return leaf


def _said(sentence: str) -> Rule:
    said = understand(sentence[:MOST_LEAF])
    if said.rule is None:
        words = sentence.strip()[:60]
        raise BadBlocksError(
            _("“%(words)s” was not understood. Nothing was changed.") % {"words": words}
            if words
            else _("Say who sees it: a tag, a topic, a segment, a level.")
        )
    return said.rule


VERBS: Mapping[str, Verb] = {
    "words": _words, "save": _save, "add": _add, "copy": _copy, "remove": _remove, "move": _move, "paste": _paste,
    "replace": _replace, "who": _show_to, "drop": _drop,
}  # fmt: skip
