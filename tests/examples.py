"""How many examples a property is tried with: half of what it names; ECRM_EXAMPLES=4 looks eight times as hard."""

import os

SHARE = float(os.environ.get("ECRM_EXAMPLES", "0.5"))


def examples(count: int) -> int:
    """`count` times the share that this run asks for, and never fewer than five."""
    return max(5, round(count * SHARE))
