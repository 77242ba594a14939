"""What was expected and what happened, line by line."""

import time
from dataclasses import dataclass, field


@dataclass
class Line:
    """One thing that was checked."""

    what: str
    expected: object
    actual: object
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.expected == self.actual


@dataclass
class Table:
    """All lines of a walk; printed as they come."""

    lines: list[Line] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def title(self, text: str) -> None:
        """Begin a part of the walk."""
        print(f"\n{time.monotonic() - self.started:6.1f} s  {text}", flush=True)

    def check(self, what: str, expected: object, actual: object, note: str = "") -> None:
        """Note one expectation and what came of it."""
        line = Line(what, expected, actual, note)
        self.lines.append(line)
        mark = "ok " if line.holds else "NO "
        tail = "" if line.holds else f"   expected {_short(expected)}"
        print(f"    {mark} {what:<58} {_short(actual):>12}{tail}   {note}", flush=True)

    def finish(self) -> int:
        """Print the verdict; 0 when every line holds."""
        wrong = [line for line in self.lines if not line.holds]
        print(f"\n{len(self.lines) - len(wrong)} of {len(self.lines)} hold, {time.monotonic() - self.started:.0f} s")
        for line in wrong:
            print(f"  NO  {line.what}: expected {_short(line.expected)}, got {_short(line.actual)}")
        return 1 if wrong else 0


def _short(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
