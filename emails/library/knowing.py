"""Interest tags as the library needs them: which there are, and what an old one means now."""

from collections.abc import Iterable

from engagement.models import InterestTag


def tag_choices() -> list[tuple[int, str]]:
    """The tags that stand for themselves, by name."""
    return list(InterestTag.objects.filter(merged_into=None).values_list("pk", "name"))


def meanings() -> dict[int, int]:
    """Tag that was merged → the one it means now. One statement."""
    return dict(InterestTag.objects.exclude(merged_into=None).values_list("pk", "merged_into_id"))


def meant(tags: Iterable[int], moved: dict[int, int]) -> tuple[int, ...]:
    """These tags as they are known now, each once."""
    return tuple(dict.fromkeys(moved.get(one, one) for one in tags))
