"""The read door of interests: how strong each is now, for any number of people in one statement."""

from collections.abc import Collection, Iterable

from contacts.folding import folded
from engagement.interests.strength import AT_LEAST, Strength, left_now, strength_sql
from engagement.models import InterestTag
from engagement.models.interests import LONGEST_TAG
from lib.sql import array_of, load_sql, run_prepared
from workspaces.current import current_workspace_id

MOST_NAMES = 10


class NoTagError(ValueError):
    """A name that cannot be one of a tag: it is empty."""


def interests_of(
    contact_ids: Collection[int], *, at_least: float = AT_LEAST[Strength.LITTLE]
) -> dict[int, dict[int, float]]:
    """Contact → tag → strength now, the strongest first. One statement, whatever the number.

    Who was merged into somebody has that person's interests. "Not interested" leaves the tag out, "interested" makes it
    strong at least. Who has none is left out, and so is what is fainter than `at_least`.
    """
    if not contact_ids:
        return {}
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(sorted(set(contact_ids))),
        "left": left_now(),
        "at_least": at_least,
    }
    text = load_sql("engagement/interests_of", strength=strength_sql("i", "%(left)s"))
    found: dict[int, dict[int, float]] = {}
    for contact, tag, value in run_prepared(text, params):
        found.setdefault(contact, {})[tag] = value
    return found


def key_of(name: str) -> str:
    """A name as it is compared: folded, one space between words, at most 60 characters. NoTagError when empty."""
    key = folded(" ".join(name.replace("\0", "").split()), LONGEST_TAG)
    if not key:
        raise NoTagError("A tag needs a name.")
    return key


def is_name(text: str) -> bool:
    """Whether this can be the name of a tag: more than blanks, of whatever script."""
    return bool(text.replace("\0", "").strip())


def tags_named(names: Iterable[str]) -> dict[str, InterestTag]:
    """Name as given → the tag it means now; names that mean none are left out. One statement."""
    keys = {name: key_of(name) for name in names if is_name(name)}
    if not keys:
        return {}
    rows = InterestTag.objects.filter(key__in=set(keys.values())).select_related("merged_into")
    by_key = {row.key: row.merged_into or row for row in rows}
    return {name: by_key[key] for name, key in keys.items() if key in by_key}


def tag_for(name: str) -> InterestTag:
    """The tag of this name, made if need be. NoTagError. May be repeated."""
    key_of(name)
    return tags_for([name])[name]


def tags_for(names: Collection[str]) -> dict[str, InterestTag]:
    """Name as given → its tag, made if need be: empty names are left out. Three statements at most."""
    found = tags_named(names)
    lacking = [name for name in names if name not in found and is_name(name)]
    if lacking:
        made = {key_of(name): " ".join(name.replace("\0", "").split())[:LONGEST_TAG] for name in reversed(lacking)}
        rows = [InterestTag(key=key, name=shown) for key, shown in sorted(made.items())]
        InterestTag.objects.bulk_create(rows, ignore_conflicts=True)
        found |= tags_named(lacking)
    return found


def interest_names(contact_ids: Collection[int], most: int = MOST_NAMES) -> dict[int, list[str]]:
    """Contact → names of what they are interested in, strongest first, 10 at most. Two statements, one where nobody is."""
    found = interests_of(contact_ids)
    names = names_of({tag for strengths in found.values() for tag in strengths})
    return {who: [names[tag] for tag in strengths if tag in names][:most] for who, strengths in found.items()}


def names_of(tag_ids: Iterable[int]) -> dict[int, str]:
    """Tag → how it is shown. One statement."""
    ids = set(tag_ids)
    return dict(InterestTag.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
