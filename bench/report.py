"""docs/benchmarks.md: what each benchmark printed when it was last run; the others' sections stay as they are."""

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench` (`ARGS="recording pages"` for some): CPU time of Python and of PostgreSQL, medians of five and more,
beside the limit or the naive way in the same run. Most are taken in the world of `bench/world.py`: a million people and
five million facts in one workspace, a hundred small ones beside it (`BENCH_SCALE` multiplies). The line `noise` says
what else the machine did meanwhile; on a noisy one the figures are upper bounds.
"""
SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


class Tee(io.StringIO):
    """What is printed, on the screen and kept."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]
        return super().write(text)


def write_section(name: str, printed: str, *, page: Path = PAGE) -> None:
    """Replace what stands under this benchmark's name."""
    found = dict(SECTION.findall(page.read_text())) if page.exists() else {}
    found[name] = f"\n{datetime.now(UTC):%Y-%m-%d}\n\n```\n{printed.strip()}\n```\n\n"
    page.write_text(HEAD + "\n" + "".join(f"## {one}\n{text}" for one, text in sorted(found.items())).rstrip() + "\n")
