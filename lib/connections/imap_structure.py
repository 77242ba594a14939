"""What a mailbox says of the parts of an email (BODYSTRUCTURE, RFC 3501, 7.4.2), so that a large one need not be read."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(rb'\s*(?:(?P<open>\()|(?P<close>\))|"(?P<said>(?:[^"\\]|\\.)*)"|(?P<atom>[^\s()"]+))', re.DOTALL)
LITERAL = re.compile(rb"\{\d+\+?\}\Z")
DEEPEST, MOST = 50, 20_000
type Node = bytes | list["Node"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an email, or an email in it: its kind ("image/png"), how it is written, its size as it is written."""

    kind: str
    encoding: str = ""
    size: int = 0
    content_id: str = ""
    disposition: str = ""
    typed: dict[str, str] = field(default_factory=dict)  # parameters of its kind, and of its disposition
    disposed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Structure:
    """The parts of an email, one in another."""

    root: Node

    def parts(self) -> Iterator[Part]:
        """Those without parts, in the order of the email."""
        return _parts(self.root)


def read_structure(rows: Iterable[object]) -> Structure | None:
    """What stands in the answer to a FETCH of one BODYSTRUCTURE, as imaplib hands it over. None where it is no such thing."""
    said = b""
    for row in rows:
        if isinstance(row, tuple) and len(row) > 1:
            said += LITERAL.sub(b"", row[0]) + b'"' + re.sub(rb'(["\\])', rb"\\\1", row[1]) + b'"'
        elif isinstance(row, bytes):
            said += row
    _head, word, told = said.partition(b"BODYSTRUCTURE")
    tree = _tree(told) if word else None
    return Structure(tree) if tree else None


def _tree(told: bytes) -> list[Node] | None:
    """The first list in it. None where it has no end, or is deeper or longer than an email's can be."""
    stack: list[list[Node]] = []
    for count, found in enumerate(TOKEN.finditer(told)):
        if count > MOST or len(stack) > DEEPEST:
            return None
        if found["open"]:
            stack.append([])
        elif found["close"]:
            if len(stack) < 2:
                return stack[0] if stack else None
            done = stack.pop()
            stack[-1].append(done)
        elif stack:
            said = found["said"]
            stack[-1].append(found["atom"] if said is None else re.sub(rb"\\(.)", rb"\1", said, flags=re.DOTALL))
    return None


def _parts(node: Node) -> Iterator[Part]:
    if not isinstance(node, list) or not node:
        return
    if isinstance(node[0], list):
        for one in node:
            if not isinstance(one, list):
                return  # the kind of the whole, and what is said of it
            yield from _parts(one)
        return
    if len(node) < 7:
        return
    disposition: list[Node] = next((one for one in node[7:] if isinstance(one, list) and _is_disposition(one)), [])
    yield Part(
        kind=f"{_word(node[0])}/{_word(node[1])}".lower(),
        typed=_pairs(node[2]),
        content_id="" if node[3] == b"NIL" else _word(node[3]),
        encoding=_word(node[5]).lower(),
        size=int(size) if (size := _word(node[6])).isdecimal() and len(size) < 16 else 0,
        disposition=_word(disposition[0]).lower() if disposition else "",
        disposed=_pairs(disposition[1]) if len(disposition) > 1 else {},
    )


def _is_disposition(node: list[Node]) -> bool:
    return bool(node) and _word(node[0]).lower() in {"attachment", "inline"}


def _pairs(node: Node) -> dict[str, str]:
    words = [_word(one) for one in node] if isinstance(node, list) else []
    return {name.lower(): value for name, value in zip(words[::2], words[1::2], strict=False)}


def _word(node: Node) -> str:
    return node.decode("utf-8", "replace") if isinstance(node, bytes) else ""
