"""News: what one room tells and others hear. Each room's `news.py` declares its own; ecrm/flow.py says who hears."""

from collections.abc import Callable
from typing import Any


class News:
    """A piece of news with a name and named arguments, told inside the transaction that made it true.

    Those who hear it run there and then, in the order in which flow.py connects them, and get exactly the arguments
    that it carries; what raises rolls everything back. Anything slow goes on the agenda, once for all of a batch.
    `unheard` says why nobody listens, where nobody does. Django's signals would do, but hide order and arguments.
    """

    def __init__(self, name: str, *carries: str, unheard: str = "") -> None:
        self.name, self.carries, self.unheard = name, frozenset(carries), unheard
        self.hearers: list[Callable[..., object]] = []

    def connect(self, hearer: Callable[..., object]) -> None:
        """From now on `hearer` is told. Only ecrm/flow.py calls this; connecting twice is connecting once."""
        if hearer not in self.hearers:
            self.hearers.append(hearer)

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens: what only they would need does not have to be found."""
        return bool(self.hearers)

    def tell(self, **facts: Any) -> None:
        """Tell everybody who listens. TypeError when the arguments are not those that it carries."""
        if facts.keys() != self.carries:
            raise TypeError(f"{self.name} carries {sorted(self.carries)}, not {sorted(facts)}.")
        for hearer in self.hearers:
            hearer(**facts)

    def __repr__(self) -> str:
        return f"News({self.name!r})"
