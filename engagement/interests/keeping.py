"""The workspace's tags: renamed, merged, removed, and what each is used for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from engagement.interests.reading import key_of
from engagement.interests.rebuilding import rebuild_interests
from engagement.interests.strength import AT_LEAST, Strength, left_now
from engagement.models import Interest, InterestDay, InterestTag, InterestWord, LinkTag, PageRule
from engagement.models.interests import LONGEST_TAG, Said
from engagement.news import tag_moved
from lib.clock import now
from lib.sql import load_sql, run_sql
from touchpoints.kinds import KINDS
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import User

WORK = "engagement.interests"
AT_ONCE = 2_000  # people counted anew while somebody waits; more are left to the agenda
DAYS = 30
NEWEST = 20_000  # page views that rules are tried on


class NameTakenError(ValueError):
    """Another tag has this name."""


class SameTagError(ValueError):
    """A tag cannot be merged into itself."""


@dataclass(frozen=True, slots=True)
class Use:
    """A tag with how many people are interested a little at least, links of messages and pages that are about it."""

    tag: InterestTag
    people: int
    links: int
    pages: int


def uses_of_tags() -> list[Use]:
    """Every tag that stands for itself, by name. Four statements."""
    little = AT_LEAST[Strength.LITTLE] / left_now()
    drawn = Interest.objects.filter(Q(said=Said.WANTS) | Q(said=Said.NOTHING, sum__gte=little))
    counted = [
        dict(rows.values_list("tag_id").annotate(count=Count("pk")))
        for rows in (drawn, LinkTag.objects.all(), PageRule.objects.all())
    ]
    rows = InterestTag.objects.filter(merged_into=None)
    return [Use(row, *(numbers.get(row.pk, 0) for numbers in counted)) for row in rows]


@transaction.atomic
def rename_tag(tag: InterestTag, name: str, *, by: User | None) -> InterestTag:
    """It is shown under this name, and found under its earlier ones too. NoTagError, NameTakenError."""
    shown, key = " ".join(name.replace("\0", "").split())[:LONGEST_TAG], key_of(name)
    other = InterestTag.objects.filter(key=key).first()
    if other and tag.pk not in (other.pk, other.merged_into_id):
        raise NameTakenError(other.name)
    if other is None:
        InterestTag.objects.create(key=key, name=shown, merged_into=tag)
    tag.name = shown
    tag.save(update_fields=["name"])
    audit("interest.renamed", by=by, target=tag)
    return tag


@transaction.atomic
def merge_tags(tag: InterestTag, into: InterestTag, *, by: User | None) -> None:
    """What was about `tag` is about `into`, and so are the people; segments and emails that name `tag` mean `into`.

    Of two words of one person the newer counts. SameTagError.
    """
    into = into.merged_into or into
    if tag.pk == into.pk:
        raise SameTagError(tag.name)
    people = _drawn_to(tag)
    for model, same in ((LinkTag, ("message_id", "number")), (PageRule, ("begins",))):
        there = model.objects.filter(tag=into, **{name: OuterRef(name) for name in same})
        model.objects.filter(tag=tag).exclude(Exists(there)).update(tag=into)
        model.objects.filter(tag=tag).delete()
    newer = InterestWord.objects.filter(tag=tag, contact_id=OuterRef("contact_id"), at__gt=OuterRef("at"))
    InterestWord.objects.filter(Exists(newer), tag=into).delete()
    said = InterestWord.objects.filter(tag=into, contact_id=OuterRef("contact_id"))
    InterestWord.objects.filter(tag=tag).exclude(Exists(said)).update(tag=into)
    InterestWord.objects.filter(tag=tag).delete()
    InterestTag.objects.filter(merged_into=tag).update(merged_into=into)
    InterestTag.objects.filter(pk=tag.pk).update(merged_into=into)
    tag_moved.tell(tag_id=tag.pk, into_id=into.pk)
    audit("interest.merged", by=by, target=tag)
    count_anew(people)


@transaction.atomic
def remove_tag(tag: InterestTag, *, by: User | None) -> None:
    """It is gone with its earlier names; nobody is drawn to it, and nothing is about it any more."""
    people = _drawn_to(tag)
    InterestDay.objects.filter(contact_id__in=people, tag=tag).delete()
    for model in (Interest, InterestWord, LinkTag, PageRule):
        model.objects.filter(tag=tag).delete()
    tag_moved.tell(tag_id=tag.pk, into_id=None)
    audit("interest.removed", by=by, target=tag)
    InterestTag.objects.filter(merged_into=tag).delete()
    InterestTag.objects.filter(pk=tag.pk).delete()
    count_anew(people)


def count_anew(people: Sequence[int] | None = None) -> None:
    """The interests of these people are counted anew: at once where they are few, else soon; None: everybody's, soon."""
    if people is None or len(people) > AT_ONCE:
        agenda.set_due(WORK)
    elif people:
        rebuild_interests(people)


def rules_with_visits() -> list[dict[str, Any]]:
    """Each rule for pages: the beginning of the address, its tags, and how many of the newest 20,000 page views of the last
    30 days fit.
    """
    params = {
        "workspace": current_workspace_id(),
        "page": KINDS["page"].code,
        "since": now() - timedelta(days=DAYS),
        "newest": NEWEST,
    }
    visits = dict(run_sql("engagement/visits_of_rules", params, address=load_sql("engagement/interest_address")))
    rules: dict[str, list[InterestTag]] = {}
    for row in PageRule.objects.select_related("tag"):
        rules.setdefault(row.begins, []).append(row.tag)
    return [
        {"begins": begins, "tags": sorted(tags, key=str), "visits": visits.get(begins, 0)}
        for begins, tags in sorted(rules.items())
    ]


def _drawn_to(tag: InterestTag) -> list[int]:
    return list(Interest.objects.filter(tag=tag).order_by("contact_id").values_list("contact_id", flat=True))
