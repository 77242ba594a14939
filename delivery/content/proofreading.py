"""Proofreading: whether everybody will get what was written for them.

The email is laid out once, with its template tags inside, and written for each person afterwards. That is right only
if it comes to the same as writing it first and laying it out then. Here both are done, for each way that the
conditions can turn out, and compared: elements, attributes, words; not how they look (style, classes of MJML). The
part in plain text must say the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from delivery.content.compiling import lay_out_once
from delivery.content.framing import DRAWN, lay_out, normal, take_body
from delivery.content.liquid import BadTemplateError
from delivery.content.marking import HIDDEN, KEPT, Keeper
from delivery.content.texts import write_text
from delivery.models import Message
from workspaces.current import OpenWorkspace

OPENS = {"if", "unless", "case", "for", "capture", "comment"}
GOES_ON = {"elsif", "else", "when"}
MOST_WAYS, MOST_LAID_OUT = 40, 2_000_000  # characters in all: a page of 300 kB is tried in a few ways only
# Comments, what stands in the head, and the <tbody> that a parser adds to a table with rows.
UNSEEN = re.compile(r"<!--.*?-->|</?tbody>|<style\b.*?</style>|<meta\b[^>]*>|<link\b[^>]*>", re.DOTALL)
LOOKS = re.compile(r' style="[^"]*"')
ALL_BUT_CONTENT = re.compile(r' (?!href=|src=|alt=)[\w:-]+="[^"]*"')
EMPTY = re.compile(r"<p></p>|<ul></ul>|<ol></ol>")  # a list whose loop has nothing to say
SPACES = re.compile(r"\s*(<[^>]*>)\s*|\s+")
Way = Mapping[str, int]


@dataclass
class _Block:
    """An `{% if … %}` with its branches; equal conditions turn out alike, so `key` is what it asks."""

    key: str
    tag: str
    begins: dict[int, int] = field(default_factory=dict)  # number of a tag → the branch that begins behind it
    ends: int = -1
    has_else: bool = False

    @property
    def ways(self) -> int:
        """In how many ways it can turn out."""
        return 1 + max(self.begins.values()) + (not self.has_else)


def proofread(message: Message, workspace: OpenWorkspace) -> None:
    """BadTemplateError, with the tag that it is about, when somebody would get something else than was written."""
    page = lay_out_once(Keeper(), message, workspace)
    keeper = Keeper()  # words are numbered alike in both
    source, preheader = take_body(keeper, message.content), keeper.take(message.content.preheader)
    blocks = _blocks(keeper, source)
    if not blocks:
        return
    text, is_mjml = write_text(page), message.content.body_format in DRAWN
    most = max(3, min(MOST_WAYS, MOST_LAID_OUT // len(page)))
    for about, way in list(_ways(blocks))[:most]:
        body = _turned_out(keeper, source, blocks, way)
        first = lay_out(keeper, body, message=message, workspace=workspace, preheader=preheader)
        then = normal(_without_blocks(keeper, _turned_out(keeper, page, blocks, way)))
        words = _without_blocks(keeper, _turned_out(keeper, text, blocks, way))
        is_alike = _said(_without_blocks(keeper, first), is_mjml=is_mjml) == _said(then, is_mjml=is_mjml)
        if not is_alike or words.split() != write_text(then).split():
            raise BadTemplateError(
                _(
                    "what stands behind %(tag)s would not be sent as it is written: put whole elements, such as a whole"
                    " row of a table, between the tag and its end"
                )
                % {"tag": about}
            )


def _blocks(keeper: Keeper, source: str) -> list[_Block]:
    """The blocks of a text, outer ones first; none when they do not fit (reading the template says so)."""
    found: list[_Block] = []
    stack: list[_Block] = []
    for match, inside in keeper.blocks_in(source):
        number, (name, _space, rest) = int(match[1]), inside.partition(" ")
        if stack and stack[-1].key.startswith("comment") and name != "endcomment":
            continue
        if name in OPENS:
            lone = f" {number}" if name in {"for", "capture", "comment"} else ""
            block = _Block(f"{name} {rest.strip()}{lone}", keeper.tags[number])
            block.begins[number] = -1 if name == "case" else 0
            found.append(block)
            stack.append(block)
        elif name in GOES_ON and stack:
            block = stack[-1]
            block.begins[number] = max(block.begins.values()) + 1
            block.has_else |= name == "else"
        elif name.startswith("end"):
            if not stack or not stack[-1].key.startswith(name[3:]):
                return []
            stack.pop().ends = number
    return [] if stack else found


def _ways(blocks: list[_Block]) -> Iterator[tuple[str, Way]]:
    """(the tag that it is about, how each condition turns out): all alike, then each one differently."""
    counts: dict[str, tuple[int, str]] = {}
    for block in blocks:
        counts[block.key] = (max(block.ways, counts.get(block.key, (0, ""))[0]), block.tag)
    for number in range(max(count for count, _tag in counts.values())):
        yield blocks[0].tag, {key: min(number, count - 1) for key, (count, _tag) in counts.items()}
    for key, (count, tag) in counts.items():
        for number in range(1, count):
            yield tag, {**dict.fromkeys(counts, 0), key: number}


def _turned_out(keeper: Keeper, text: str, blocks: list[_Block], way: Way) -> str:
    """The text with those branches only that are taken; the tags stay."""
    begins = {number: (block, branch) for block in blocks for number, branch in block.begins.items()}
    ends = {block.ends for block in blocks}
    taken: list[bool] = []
    out, at = [], 0
    for match, _inside in keeper.blocks_in(text):
        number = int(match[1])
        if all(taken):
            out.append(text[at : match.start()])
        at = match.end()
        out.append(match[0])
        if number in begins:
            block, branch = begins[number]
            if branch > min(block.begins.values()):
                del taken[-1:]
            hidden = block.key.startswith(("comment", "capture"))  # what they hold stands nowhere, or elsewhere
            taken.append(branch == way[block.key] and not hidden)
        elif number in ends:
            del taken[-1:]
    return "".join([*out, text[at:]])


def _without_blocks(keeper: Keeper, html: str) -> str:
    html = HIDDEN.sub(r"\1", html)
    return KEPT.sub(lambda match: "" if keeper.tags[int(match[1])].startswith("{%") else match[0], html)


def _said(html: str, *, is_mjml: bool) -> str:
    """What a page says, without how it looks."""
    html = (ALL_BUT_CONTENT if is_mjml else LOOKS).sub("", UNSEEN.sub("", html))
    return EMPTY.sub("", SPACES.sub(lambda match: match[1] or " ", html))
