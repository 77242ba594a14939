"""Deciding: two contacts are merged, or are not the same; and a merge is taken back, in any order.

Nothing is copied but the fields that somebody chose: rows of the one who is folded in stay theirs and are read through
the link, so that an undo gives back exactly what was.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from contacts.duplicates.comparing import Field, compare_fields
from contacts.duplicates.finding import DIFFERS
from contacts.fields import is_own
from contacts.history.saying import saying
from contacts.merging import link_contacts, survivor_of, unlink_contact
from contacts.models import Contact, DuplicatePair, FieldValue, MergeRecord
from contacts.news import contacts_changed
from lib.clock import now
from workspaces.auditing import audit
from workspaces.models import User

OWNER = " owner"  # among the changes of a merge: no field has a blank in front of its name


class NotThereError(ValueError):
    """One of the two is no contact any more, or both are one already."""


@transaction.atomic
def merge_contacts(
    survivor_id: int, loser_id: int, *, by: User | None, take: Collection[str] = (), score_milli: int | None = None
) -> MergeRecord:
    """The loser is the same person as the survivor from now on, who keeps their fields but those in `take`.

    Fields that only the loser has are taken as well, and so is who looks after them. Addresses, tags, roles, companies,
    notes and everything that happened are read through the link. NotThereError.
    """
    people = hold(survivor_id, loser_id)
    survivor, loser = people[survivor_id], people[loser_id]
    fields = compare_fields(survivor, loser)
    with saying(f"merged with contact {loser.pk}", by_id=by.pk if by else None):
        changes = {one.name: _take(survivor, one) for one in fields if one.of_loser and _is_taken(one, take)}
        if survivor.owner_id is None and loser.owner_id is not None:
            changes[OWNER] = [None, loser.owner_id]
            survivor.owner_id = loser.owner_id
        survivor.save()
    link_contacts(loser.pk, survivor.pk, reason="merged by hand" if by else "merged by itself")
    record = MergeRecord.objects.create(
        loser=loser, survivor=survivor, changes=changes, by_id=by.pk if by else None, score_milli=score_milli
    )
    _pairs_of(survivor.pk, loser.pk).update(
        state=DuplicatePair.State.MERGED, decided_by_id=by.pk if by else None, decided_at=now()
    )
    audit("contact.merged", by=by, target=survivor, other=loser.pk, fields=sorted(changes))
    contacts_changed.tell(contact_ids=sorted(people))
    return record


@transaction.atomic
def undo_merge(record: MergeRecord, *, by: User | None) -> bool:
    """Both stand for themselves again, with what each had; what somebody wrote since stays with the survivor.

    False where it was taken back already. The pair counts as "not the same" from then on.
    """
    record = MergeRecord.objects.select_for_update().get(pk=record.pk)
    if record.undone_at is not None:
        return False
    people = {one.pk: one for one in _held([record.survivor_id, record.loser_id])}
    survivor = people[record.survivor_id]
    with saying(f"merge with contact {record.loser_id} taken back", by_id=by.pk if by else None):
        for name, change in record.changes.items():
            if not _hand_on(record, name, change):
                _give_back(survivor, name, change)
        survivor.save()
    unlink_contact(record.loser_id)
    record.undone_at, record.undone_by_id = now(), by.pk if by else None
    record.save(update_fields=["undone_at", "undone_by_id"])
    for pair in _pairs_of(record.survivor_id, record.loser_id):
        part(pair, by=by)
    audit("contact.parted", by=by, target=survivor, other=record.loser_id)
    contacts_changed.tell(contact_ids=sorted(people))
    return True


def part(pair: DuplicatePair, *, by: User | None) -> None:
    """These are two people: they are asked about again only when something more speaks for it. May be repeated."""
    pair.state = DuplicatePair.State.DIFFERENT
    pair.decided_on = sorted(one["field"] for one in pair.evidence if one["how"] != DIFFERS)
    pair.decided_by_id, pair.decided_at = by.pk if by else None, now()
    pair.save(update_fields=["state", "decided_on", "decided_by_id", "decided_at"])


def hold(*contact_ids: int) -> dict[int, Contact]:
    """Both contacts, locked in the order of their ids. NotThereError unless both are there and stand for themselves."""
    people = {one.pk: one for one in _held(contact_ids)}
    if len(people) != len(set(contact_ids)) or len(people) < 2:
        raise NotThereError(contact_ids)
    if any(one.erased_at or survivor_of(one.pk) != one.pk for one in people.values()):
        raise NotThereError(contact_ids)
    return people


def _held(contact_ids: Collection[int]) -> list[Contact]:
    return list(Contact.objects.select_for_update().filter(pk__in=contact_ids).order_by("pk"))


def _pairs_of(one: int, other: int) -> Any:
    return DuplicatePair.objects.filter(left=min(one, other), right=max(one, other))


def _is_taken(field: Field, take: Collection[str]) -> bool:
    return field.name in take or not field.of_survivor


def _take(survivor: Contact, field: Field) -> list[Any]:
    """Write the loser's value; returns [what the survivor had, what it has now]."""
    if is_own(field.name):
        before = getattr(survivor, field.name)
        setattr(survivor, field.name, field.of_loser)
        return [before, field.of_loser]
    row = FieldValue.objects.filter(contact=survivor, name=field.name).first()
    before = _kept(row) if row else None
    row = row or FieldValue(contact=survivor, name=field.name)
    row.text, row.number, row.moment, row.updated_at = field.of_loser, field.number, field.moment, now()
    row.save()
    return [before, field.of_loser]


def _kept(row: FieldValue) -> dict[str, Any]:
    return {
        "text": row.text,
        "number": row.number,
        "moment": row.moment and row.moment.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def _hand_on(record: MergeRecord, name: str, change: list[Any]) -> bool:
    """A later merge that wrote the same field gives back, when it is undone, what was before this one."""
    later = MergeRecord.objects.filter(survivor=record.survivor_id, undone_at=None, pk__gt=record.pk).order_by("pk")
    for one in later:
        if name in one.changes:
            one.changes[name][0] = change[0]
            one.save(update_fields=["changes"])
            return True
    return False


def _give_back(survivor: Contact, name: str, change: list[Any]) -> None:
    before, after = change
    if name == OWNER:
        survivor.owner_id = before if survivor.owner_id == after else survivor.owner_id
        return
    if is_own(name):
        if getattr(survivor, name) == after:
            setattr(survivor, name, before)
        return
    row = FieldValue.objects.filter(contact=survivor, name=name).first()
    if row is None or row.text != after:
        return
    if before is None:
        row.delete()
        return
    _restore(row, before)


def _restore(row: FieldValue, before: Mapping[str, Any]) -> None:
    row.text, row.number = before["text"], before["number"]
    row.moment = parse_datetime(before["moment"]) if before["moment"] else None
    row.updated_at = parse_datetime(before["updated_at"]) or now()
    row.save()
