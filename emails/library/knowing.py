"""Interest tags as the library needs them: which there are, and what an old one means now."""

from collections.abc import Iterable

from django.db.models import BigIntegerField, F, Func, QuerySet, Value
from django.db.models.functions import Coalesce

from emails.models import LibraryItem
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


def living_tags(tags: Iterable[int]) -> dict[int, int]:
    """Those of these tags that there are → what each means now. One statement, none for none."""
    wanted = set(tags)
    rows = InterestTag.objects.filter(pk__in=wanted).values_list("pk", Coalesce("merged_into_id", "pk"))
    return dict(rows) if wanted else {}


def on_tag_moved(tag_id: int, into_id: int | None) -> None:
    """News: what was about this tag is about the other, or about it no more. One statement."""
    kept = _without("tags", tag_id)
    if into_id is not None:
        kept = Func(_without(kept, into_id), _number(into_id), function="array_append")
    carrying: QuerySet[LibraryItem] = LibraryItem.objects.filter(tags__contains=[tag_id])
    carrying.update(tags=kept)


def _without(tags: str | Func, tag_id: int) -> Func:
    return Func(F(tags) if isinstance(tags, str) else tags, _number(tag_id), function="array_remove")


def _number(tag_id: int) -> Value:
    return Value(tag_id, output_field=BigIntegerField())
