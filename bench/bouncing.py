"""How well returned mail is read, on real messages beside the repository: who, and what kind; CPU a message. No database.

The aims: an address in 0.95 of sisimai's bounces and complaints, 0.97 of flufl's expected addresses, every complaint
known as one, no auto-reply taken for a bounce. Without the messages it says so.
"""

import json
import time
from pathlib import Path

from delivery.bounces.bouncing import Returned, read_returned
from tests.inputs import INPUTS
from workspaces.models import Workspace

TURNS = 5


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    data = INPUTS / "bounces"
    if not data.is_dir():
        print("no real messages here: bounces is absent")
        return
    raws = {path.name: path.read_bytes() for path in sorted((data / "sisimai").glob("*.eml"))}
    _tell_sisimai({name: read_returned(raw) for name, raw in raws.items()})
    _tell_flufl(data)
    seconds = min(_seconds(list(raws.values())) for _ in range(TURNS))
    print(f"CPU                  {seconds / len(raws) * 1e6:,.0f} µs a message")


def _tell_sisimai(read: dict[str, Returned]) -> None:
    replies = [one for name, one in read.items() if name.startswith("rfc3834")]
    reports = [one for name, one in read.items() if name.startswith("arf-")]
    others = [one for name, one in read.items() if not name.startswith("rfc3834")]
    named = sum(bool(one.addresses) and one.kind in {"bounce", "complaint"} for one in others)
    print(f"sisimai, an address  {named} of {len(others)} ({named / len(others):.3f}; aim 0.95)")
    print(f"complaints           {sum(one.kind == 'complaint' for one in reports)} of {len(reports)} (aim all)")
    taken = sum(one.kind in {"bounce", "complaint"} for one in replies)
    print(f"auto-replies         {taken} of {len(replies)} taken for a bounce (aim 0)")
    print(f"hard, of the bounces {sum(one.hardness == 'hard' for one in others)}")


def _tell_flufl(data: Path) -> None:
    wanted, right, odd = 0, 0, 0
    for name, row in json.loads((data / "flufl_expected.json").read_text()).items():
        found = set(read_returned((data / "flufl" / name).read_bytes()).addresses)
        addresses = {address.lower() for address in row["addresses"]}
        wanted, right, odd = wanted + len(addresses), right + len(addresses & found), odd + len(found - addresses)
    print(f"flufl, expected      {right} of {wanted} ({right / wanted:.3f}; aim 0.97), {odd} others")


def _seconds(raws: list[bytes]) -> float:
    begun = time.process_time()
    for raw in raws:
        read_returned(raw)
    return time.process_time() - begun
