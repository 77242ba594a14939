"""Markdown whose lines may be template tags: a list or a quote that stands in a loop stays one list, and ends with it.

To Markdown a line with a tag is a word like any other: behind a list it would be the last words of its last item, and the
loop would end inside of that item. So such lines stand apart from lists and quotes, and the lists that a loop or a
condition makes into several become one again, with the tags between their items.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt

from delivery.content.marking import KEPT, Keeper

OPENS_BLOCK = re.compile(r" {0,3}(?:(?:[-*+]|\d{1,9}[.)])(?:\s|$)|>)")
HEADING = re.compile(r" {0,3}#{1,6}(?:\s|$)")
FENCE = re.compile(r" {0,3}(?:```|~~~)")
ELEMENT = re.compile(rf"<(/?)([a-z][a-z0-9]*)[^>]*>|{KEPT.pattern}")
ALONE = {"hr", "br", "img"}
LISTS = {"ul", "ol"}
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")


class _Piece(NamedTuple):
    """A list ("ul", "ol") or a template tag ("tag", with what stands in it) that stands in nothing else; or another block."""

    kind: str
    start: int
    end: int
    said: str = ""


OTHER = _Piece("", 0, 0)


def markdown_html(keeper: Keeper, text: str) -> str:
    """The HTML of a text with a word in each tag's place."""
    html = keeper.free_lonely(str(_markdown.render(_stand_apart(keeper, text))))
    return _join_lists(html, list(_pieces(keeper, html)))


def _stand_apart(keeper: Keeper, text: str) -> str:
    """A blank line between a line of tags and the list or quote before and after it, or what it does not end in."""
    lines, found, wide = text.split("\n"), list[str](), _wide(keeper, text)
    in_block = in_fence = False
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        in_fence ^= bool(FENCE.match(line))
        if in_fence or not keeper.is_lonely(line):
            in_block = not in_fence and (bool(OPENS_BLOCK.match(line)) or (in_block and bool(line.strip())))
            found.append(line)
            continue
        found += ["", line] if in_block or number in wide else [line]
        if OPENS_BLOCK.match(following) or number in wide:
            found.append("")
        in_block = False
    return "\n".join(found)


def _wide(keeper: Keeper, text: str) -> set[int]:
    """The numbers of the lines with a tag that has its end, or its beginning, in another block."""
    found, tags = set[int](), list[tuple[int, _Piece]]()
    for number, line in enumerate([*text.split("\n"), ""]):
        tags += [(number, _Piece("tag", 0, 0, said)) for _match, said in keeper.blocks_in(line)]
        if not line.strip() or OPENS_BLOCK.match(line) or HEADING.match(line):
            matched = _matched([piece for _number, piece in tags])
            found |= {at for place, (at, piece) in enumerate(tags) if place not in matched and not _stands(piece)}
            tags = []
    return found


def _stands(tag: _Piece) -> bool:
    """Whether it neither begins, parts nor ends anything."""
    return tag.said.partition(" ")[0] in {"assign", "echo", "cycle", "increment", "decrement"}


def _pieces(keeper: Keeper, html: str) -> Iterator[_Piece]:
    """What stands side by side on the outmost level, in its order."""
    depth, start = 0, 0
    for match in ELEMENT.finditer(html):
        name, is_end = match[2], match[1] == "/"
        if name is None:
            if depth == 0:
                yield _Piece("tag", *match.span(), keeper.tags[int(match[3])][2:-2].strip("-").strip())
        elif name in ALONE:
            if depth == 0:
                yield _Piece(name, *match.span())
        elif not is_end:
            start = start if depth else match.start()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                yield _Piece(name, start, match.end())


def _join_lists(html: str, pieces: list[_Piece]) -> str:
    """Lists with tags between them as one list, wherever each of these tags has its end among them, too."""
    joined, at = list[str](), 0
    for run in _runs(pieces):
        kind = next(one.kind for one in run if one.kind in LISTS)
        items = [_inside(html[one.start : one.end]) if one.kind in LISTS else html[one.start : one.end] for one in run]
        joined += [html[at : run[0].start], f"<{kind}>\n", "\n".join(items), f"\n</{kind}>"]
        at = run[-1].end
    return "".join(joined) + html[at:]


def _runs(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Lists of one kind and tags side by side, each tag with its end: at least one of each."""
    for beside in _side_by_side(pieces):
        matched, run = _matched(beside), list[_Piece]()
        for number, piece in enumerate([*beside, OTHER]):
            if piece.kind in LISTS or number in matched:
                run.append(piece)
                continue
            if {one.kind for one in run} > {"tag"}:
                yield run
            run = []


def _side_by_side(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Tags and lists of one kind that nothing else stands between."""
    beside, kinds = list[_Piece](), set[str]()
    for piece in [*pieces, OTHER]:
        if piece.kind in LISTS and kinds <= {piece.kind}:
            beside.append(piece)
            kinds = {piece.kind}
        elif piece.kind == "tag":
            beside.append(piece)
        else:
            yield beside
            beside, kinds = ([piece], {piece.kind}) if piece.kind in LISTS else ([], set())


def _matched(pieces: list[_Piece]) -> set[int]:
    """The places of those tags that open, part or end something which opens and ends here."""
    open_at, found = list[tuple[str, list[int]]](), set[int]()
    for number, piece in enumerate(pieces):
        if piece.kind != "tag":
            continue
        word = piece.said.partition(" ")[0]
        if word.startswith("end"):
            if open_at and open_at[-1][0] == word[3:]:
                found |= {*open_at.pop()[1], number}
        elif word in {"else", "elsif", "when"}:
            if open_at:
                open_at[-1][1].append(number)
        else:
            open_at.append((word, [number]))
    return found


def _inside(list_html: str) -> str:
    """The items of a list."""
    return list_html.partition(">")[2].rpartition("<")[0].strip("\n")
