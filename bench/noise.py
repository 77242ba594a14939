"""How noisy the machine was meanwhile: CPU that others took, and how long a second of our own CPU took on the clock."""

import os
import time
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
ROUNDS = 2_000_000


class Noise:
    """From its making on; `told` says it in a line. On systems without /proc only the clock's part."""

    def __init__(self, proc: Path) -> None:
        self.proc, self.began = proc, time.perf_counter()
        self.busy, self.ours = self._busy(), self._ours()
        self.stretch = stretch()

    def told(self) -> str:
        """One line: `noise: …`."""
        stretched = max(self.stretch, stretch())
        told = f"a second of CPU took {stretched:.2f} s, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs"
        if self.busy is None:
            return f"noise:   {told}"
        lasted = (time.perf_counter() - self.began) * (os.cpu_count() or 1)
        others = max(0.0, (self._busy() or 0.0) - self.busy - (self._ours() - self.ours))
        share = others / lasted if lasted else 0.0
        verdict = "quiet" if share < 0.1 and stretched < 1.1 else "noisy: take the figures for an upper bound"
        return f"noise:   others took {share:.0%} of the machine, {told}: {verdict}"

    def _busy(self) -> float | None:
        """Seconds that all CPUs together have worked since the machine started; None where nobody counts."""
        try:
            fields = [int(one) for one in (self.proc / "stat").read_text().splitlines()[0].split()[1:9]]
        except OSError:
            return None
        user, nice, system, _idle, _iowait, irq, softirq, steal = fields
        return (user + nice + system + irq + softirq + steal) / TICKS

    def _ours(self) -> float:
        """Seconds of CPU of this process and of all that descends from it: the sink, our PostgreSQL, our Valkey."""
        known: dict[int, tuple[int, int]] = {}
        for entry in self.proc.glob("[0-9]*"):
            with suppress(OSError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                known[int(entry.name)] = (int(fields[1]), sum(int(one) for one in fields[11:15]))
        family, grown = set[int](), {os.getpid()}
        while grown - family:
            family |= grown
            grown = {pid for pid, (parent, _spent) in known.items() if parent in family}
        return sum(known[pid][1] for pid in family if pid in known) / TICKS


def stretch() -> float:
    """Seconds on the clock for a second of our CPU, by a loop of some tens of milliseconds; 1.0 when nobody disturbs."""
    wall, cpu = time.perf_counter(), time.process_time()
    total = 0
    for number in range(ROUNDS):
        total += number
    spent = time.process_time() - cpu
    return max(1.0, (time.perf_counter() - wall) / spent) if spent else 1.0
