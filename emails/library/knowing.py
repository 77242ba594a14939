"""What people are interested in, as blocks that choose for them ask it."""

from collections.abc import Mapping, Sequence


def interests_of(contact_ids: Sequence[int]) -> Mapping[int, Mapping[int, float]]:
    """Contact → {tag: how strong}, of those of whom something is known."""
    return {}


def tag_choices() -> list[tuple[int, str]]:
    """Interest tags, by name."""
    return []
