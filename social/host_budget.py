"""How often one host is asked by all of us together: its limit counts requests by address, not by connection.

Counted in Valkey in windows of five minutes, as the servers do. Without Valkey nothing is counted here; the server's own
429 is honoured anyway.
"""

from conversations.channels import ChannelError
from lib.clock import now
from lib.counting_up import count_up

WINDOW_SECONDS = 300
FOR_LOOKS = 240
FOR_ANSWERS = 290  # of the 300 that servers of the Mastodon family allow: an answer never waits behind looks


class BudgetSpentError(ChannelError):
    """We asked this host as often as we may; `wait` says for how long."""


def spend(host: str, *, is_answer: bool = False) -> None:
    """Count one request to this host. BudgetSpentError when it has had enough of us in these five minutes."""
    moment = int(now().timestamp())
    key = f"host-budget:{host}:{moment // WINDOW_SECONDS}"
    if count_up(key, 2 * WINDOW_SECONDS) > (FOR_ANSWERS if is_answer else FOR_LOOKS):
        left = WINDOW_SECONDS - moment % WINDOW_SECONDS
        raise BudgetSpentError(f"{host} was asked as often as it allows; we wait", wait=left + 1)
