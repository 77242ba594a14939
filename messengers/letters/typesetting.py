"""Letters as pages: typst lays them out, in this process, from a template of ours and data alone.

Nothing is fetched: no package is named in the template, and only the fonts that come with typst are used.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import segno
import typst

TEMPLATE = Path(__file__).with_name("letter.typ")
NOWHERE = "/nonexistent"
LONGEST = 20_000  # letters of one letter: more is never four pages


class TypesettingError(ValueError):
    """A letter that cannot be laid out; the text says why."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all letters of a run have in common. `layout`: din or us; lines are as they stand."""

    layout: str = "din"
    title: str = ""
    language: str = "en"
    return_line: str = ""
    block: Sequence[str] = ()
    dated: str = ""
    closing: Sequence[str] = ()
    footer: str = ""
    code_says: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One person's: the lines of the window, the subject, the text, what the code leads to ("": no code)."""

    address: Sequence[str]
    subject: str
    text: str
    link: str = ""


def typeset(sheet: Sheet, letters: Sequence[Letter]) -> bytes:
    """All letters as one PDF. TypesettingError."""
    return bytes(_compiled(sheet, letters, "pdf"))


def picture(sheet: Sheet, letter: Letter) -> list[bytes]:
    """The pages of one letter as SVG. TypesettingError."""
    found = _compiled(sheet, [letter], "svg")
    return [found] if isinstance(found, bytes) else list(found)


def count_pages(sheet: Sheet, letter: Letter) -> int:
    """How many pages a letter is. TypesettingError."""
    if len(letter.text) > LONGEST:
        raise TypesettingError(f"{len(letter.text)} letters")
    return len(picture(sheet, letter))


def _compiled(sheet: Sheet, letters: Sequence[Letter], kind: Any) -> Any:
    told = {name: getattr(sheet, name) for name in Sheet.__slots__} | {"letters": [_told(one) for one in letters]}
    try:
        return typst.Compiler(
            str(TEMPLATE),
            root=str(TEMPLATE.parent),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
            package_path=NOWHERE,
            package_cache_path=NOWHERE,
        ).compile(format=kind)
    except RuntimeError as error:
        raise TypesettingError(str(error)[:200]) from error


def _told(one: Letter) -> dict[str, Any]:
    paragraphs = [part.split("\n") for part in one.text.replace("\r\n", "\n").strip().split("\n\n") if part.strip()]
    return {
        "address": list(one.address),
        "subject": one.subject,
        "paragraphs": paragraphs,
        "code": _runs(one.link) if one.link else [],
    }


def _runs(link: str) -> list[Any]:
    """The code as its width and its black runs: (row, from, to), with the quiet zone that readers want."""
    rows = [bytes(row) for row in segno.make(link, error="m", micro=False).matrix_iter(border=2)]
    found: list[Any] = [len(rows)]
    for number, row in enumerate(rows):
        at = 0
        for is_black, run in groupby(row):
            width = len(list(run))
            if is_black:
                found.append([number, at, at + width])
            at += width
    return found


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
