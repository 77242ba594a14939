"""Who is one person with whom: merges and their undo, and pairs that wait for somebody to decide."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from contacts.api.changing import explained
from contacts.api.reading import find_contact, read_contact
from contacts.api.shapes import ContactShape
from contacts.duplicates.comparing import proposed_survivor
from contacts.duplicates.deciding import merge_contacts, part, undo_merge
from contacts.models import DuplicatePair, MergeRecord
from lib.pages import write_cursor
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, Taken, newest_first
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
PairState = StrEnum("PairState", {name: name.lower() for name in DuplicatePair.State.names})  # type: ignore[misc]


class Merge(Taken):
    """Who else this contact is."""

    other_id: Id = Field(description="Who is the same person: folded in, and given back by an undo.")
    take: list[str] = Field([], max_length=200, description="Fields in which the other's value is kept.")


class MergePair(Taken):
    """Who stays."""

    survivor_id: Id | None = Field(None, description="Left out: whose ways to reach are better proven.")
    take: list[str] = Field([], max_length=200, description="Fields in which the other's value is kept.")


class MergeShape(Schema):
    """Two contacts that somebody joined."""

    id: int
    survivor_id: int
    merged_id: int
    fields: list[str] = Field(description="The fields that were taken from the one who was folded in.")
    at: datetime
    undone_at: datetime | None


class PairEvidence(Schema):
    """What speaks for it or against, in thousandths of the score."""

    field: str
    how: str
    milli: int


class PairShape(Schema):
    """Two contacts that may be one person."""

    id: int
    left_id: int
    right_id: int
    score: float
    evidence: list[PairEvidence]
    state: PairState
    found_at: datetime


class PairsAsked(Paged):
    """Which pairs."""

    state: PairState = PairState.OPEN  # type: ignore[attr-defined]


@router.post("/contacts/{contact_id}/merge", response={201: MergeShape}, summary="Merge two contacts")
@scope("contacts:write")
def merge(request: HttpRequest, contact_id: Id, said: Merge) -> Status:
    """Both are one person from now on, who keeps this contact's fields. A no of either counts for both."""
    survivor, loser = find_contact(contact_id), find_contact(said.other_id)
    with explained():
        record = merge_contacts(survivor.pk, loser.pk, by=None, take=said.take)
    return Status(201, _merge_shape(record))


@router.get("/merges", response=PageOf[MergeShape], summary="Merges")
@scope("contacts:read")
def list_merges(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """Newest first, those that were undone too."""
    rows, after = newest_first(MergeRecord.objects.all(), asked)
    return {"items": [_merge_shape(row) for row in rows], "next": after}


@router.post("/merges/{merge_id}/undo", response=MergeShape, summary="Undo a merge")
@scope("contacts:write")
def undo(request: HttpRequest, merge_id: Id) -> dict[str, Any]:
    """Both stand for themselves again, in whatever order merges are undone. 409 where it was undone already."""
    record = MergeRecord.objects.filter(pk=merge_id).first()
    if record is None:
        raise nothing_here("merge")
    if not undo_merge(record, by=None):
        raise Problem(409, "This merge was undone already.", code="undone_already")
    record.refresh_from_db()
    return _merge_shape(record)


@router.get("/duplicates", response=PageOf[PairShape], summary="Pairs that may be one person")
@scope("contacts:read")
def list_duplicates(request: HttpRequest, asked: Query[PairsAsked]) -> dict[str, Any]:
    """The likeliest first."""
    rows = DuplicatePair.objects.filter(state=asked.state.value).order_by("-score_milli", "pk")
    if key := asked.place(int, int):
        rows = rows.filter(score_milli__lte=key[0]).exclude(score_milli=key[0], pk__lte=key[1])
    found = list(rows[: asked.limit + 1])
    shown, last = found[: asked.limit], found[asked.limit - 1] if len(found) > asked.limit else None
    return {
        "items": [_pair_shape(row) for row in shown],
        "next": write_cursor(last.score_milli, last.pk) if last else None,
    }


@router.post("/duplicates/{pair_id}/merge", response={201: ContactShape}, summary="They are one person")
@scope("contacts:write", "contacts:read")
def merge_pair(request: HttpRequest, pair_id: Id, said: MergePair) -> Status:
    """Merges the two. 409 where one of them is no longer there, or both are one already."""
    pair = _pair(pair_id)
    both = {pair.left_id, pair.right_id}
    survivor = said.survivor_id or proposed_survivor(pair.left, pair.right)
    if survivor not in both:
        raise refuse("body.survivor_id", "The one who stays is one of the two.")
    with explained():
        merge_contacts(survivor, (both - {survivor}).pop(), by=None, take=said.take, score_milli=pair.score_milli)
    return Status(201, read_contact(survivor))


@router.post("/duplicates/{pair_id}/part", response=PairShape, summary="They are two people")
@scope("contacts:write")
def part_pair(request: HttpRequest, pair_id: Id) -> dict[str, Any]:
    """They are asked about again only when something more speaks for it. 409 where they were merged."""
    pair = _pair(pair_id)
    if pair.state == DuplicatePair.State.MERGED:
        raise Problem(409, "They are merged: undo that.", code="merged_already")
    part(pair, by=None)
    return _pair_shape(pair)


def _pair(pk: int) -> DuplicatePair:
    pair = DuplicatePair.objects.select_for_update(of=("self",)).select_related("left", "right").filter(pk=pk).first()
    if pair is None:
        raise nothing_here("pair")
    return pair


def _merge_shape(row: MergeRecord) -> dict[str, Any]:
    return {
        "id": row.pk,
        "survivor_id": row.survivor_id,
        "merged_id": row.loser_id,
        "fields": sorted(name.strip() for name in row.changes),
        "at": row.at,
        "undone_at": row.undone_at,
    }


def _pair_shape(row: DuplicatePair) -> dict[str, Any]:
    return {
        "id": row.pk,
        "left_id": row.left_id,
        "right_id": row.right_id,
        "score": row.score_milli / 1000,
        "evidence": row.evidence,
        "state": row.state,
        "found_at": row.found_at,
    }
