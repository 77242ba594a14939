"""What is done while no workspace is open, on the connection of the test that asks."""

from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from workspaces import current


def with_none_open(do: Callable[[], Any]) -> Any:
    """What `do` returns. An empty context would open a connection of its own where a loop runs in this thread."""
    context = copy_context()
    context.run(current._open.set, None)
    return context.run(do)
