"""Lists: segments whose people somebody picks by hand, from a rule as it fits today, or by their addresses."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from django.db import transaction

from contacts.addresses import BadAddressError, normalise_email
from contacts.models import Contact, Identity
from lib.clock import now
from lib.sql import run_sql
from segments.builder.drafting import Rule
from segments.members.growing import keep_counts
from segments.members.membership import recheck
from segments.models import Segment, SegmentPick
from segments.rules.counting import ids_fitting
from segments.whom import whom_of
from workspaces.current import current_workspace_id

MOST_AT_ONCE = 5_000  # addresses that somebody types or pastes


class NoListError(ValueError):
    """This segment has a rule: nobody is put into it by hand."""


@transaction.atomic
def make_list(name: str, *, owner_id: int, is_private: bool = False, rule: Rule | None = None) -> Segment:
    """A new list of this name; with `rule`, of those who fit it now. RuleError, TooSlowError."""
    people = ids_fitting(rule) if rule is not None else set()
    made = Segment.objects.create(name=name, owner_id=owner_id, is_private=is_private, is_list=True)
    made.rule = {"all": [{"picked": {"list": made.pk}}]}
    made.save(update_fields=["rule"])
    pick(made, sorted(people), by_id=owner_id)
    return made


@transaction.atomic
def pick(segment: Segment, contact_ids: Sequence[int], *, by_id: int | None = None) -> int:
    """Put these contacts on a list; they are its members at once, and that is news. Returns how many are new there.

    May be repeated. Holds the segment's row. NoListError.
    """
    _hold(segment)
    params = {
        "workspace": current_workspace_id(),
        "segment": segment.pk,
        "contacts": list(contact_ids),
        "now": now(),
        "by": by_id,
    }
    came = [row[0] for row in run_sql("segments/pick", params)]
    _look_again(segment, came)
    return len(came)


@transaction.atomic
def unpick(segment: Segment, contact_ids: Sequence[int]) -> int:
    """Take these people off a list, with everybody merged into them; that is news. Returns how many left it.

    May be repeated. Holds the segment's row. NoListError.
    """
    _hold(segment)
    whom = whom_of(contact_ids)
    gone = SegmentPick.objects.filter(segment=segment, contact__in=whom.members)
    left = set(gone.values_list("contact_id", flat=True))
    gone.delete()
    _look_again(segment, sorted(left))
    return len(whom_of(sorted(left)).survivors) if left else 0


def people_named(lines: Iterable[str]) -> tuple[list[int], list[str]]:
    """(the contacts whose email or number stands in the lines, the lines that name nobody), at most MOST_AT_ONCE."""
    said = [one for line in lines if (one := line.strip().strip('",;').strip())][:MOST_AT_ONCE]
    emails: dict[str, str] = {}
    for one in said:
        with suppress(BadAddressError):
            emails[one] = normalise_email(one)
    rows = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__in=set(emails.values()))
    owners = dict(rows.values_list("value", "contact_id"))
    numbers = [int(one) for one in said if one.isascii() and one.isdigit() and len(one) < 19]
    known = set(Contact.objects.filter(pk__in=numbers, erased_at=None).values_list("pk", flat=True))
    found: dict[str, int | None] = {
        one: owners.get(emails.get(one, "")) or (int(one) if one.isdigit() and int(one) in known else None)
        for one in said
    }
    return sorted({one for one in found.values() if one}), [line for line, one in found.items() if one is None]


def _hold(segment: Segment) -> None:
    held = Segment.objects.select_for_update().get(pk=segment.pk)
    if not held.is_list:
        raise NoListError(held.name)


def _look_again(segment: Segment, contact_ids: Sequence[int]) -> None:
    if contact_ids:
        recheck(contact_ids, segments=[segment])
    segment.refresh_from_db(fields=["member_count"])
    segment.refreshed_at = now()
    segment.save(update_fields=["refreshed_at"])
    keep_counts([segment])
