"""`/segments`: those that are not somebody's own, their members, and why a person is in or out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from contacts.api.reading import find_contact, read_contacts
from contacts.api.shapes import ContactShape
from lib.pages import write_cursor
from lib.sql import run_sql
from segments.leaf_types.base import RuleError
from segments.models import Segment
from segments.rules.counting import count_lines
from segments.rules.explaining import explain
from segments.rules.statements import TooSlowError
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, page_by_id
from workspaces.api.problems import Problem, nothing_here
from workspaces.current import current_workspace_id

router = Router()


class SegmentShape(Schema):
    """A group of people, by a rule."""

    id: int
    name: str
    description: str
    rule: dict[str, Any]
    member_count: int = Field(description="As of the last look.")
    refreshed_at: datetime | None
    is_being_filled: bool
    created_at: datetime


class CountShape(Schema):
    """How many fit the rule at this moment, of how many known people."""

    people: int
    of: int


class LineShape(Schema):
    """One condition of the rule, for one person."""

    path: str = Field(description="Where it stands in the rule: 0.2 is the third child of the first.")
    condition: str
    holds: bool
    counts: bool = Field(description="It helps the person in.")
    decides: bool = Field(description="It would be otherwise without it.")
    evidence: str
    since: datetime | None


class ExplanationShape(Schema):
    """Whether a person fits, and by what."""

    contact_id: int
    fits: bool
    lines: list[LineShape]


@router.get("/segments", response=PageOf[SegmentShape], summary="List segments")
@scope("segments:read")
def list_segments(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """Who made it first first. Private ones are their owner's, and no key's."""
    rows, after = page_by_id(_visible(), asked)
    return {"items": rows, "next": after}


@router.get("/segments/{segment_id}", response=SegmentShape, summary="One segment")
@scope("segments:read")
def get_segment(request: HttpRequest, segment_id: Id) -> Segment:
    """Its rule as it is kept."""
    return _segment(segment_id)


@router.get("/segments/{segment_id}/count", response=CountShape, summary="Count a segment")
@scope("segments:read")
def count_segment(request: HttpRequest, segment_id: Id) -> dict[str, Any]:
    """Counted now, and not as of the last look. 409 where its rule can be read no more, 504 where it takes too long."""
    segment = _segment(segment_id)
    with _explained():
        count = count_lines(segment.rule)
    return {"people": count.people, "of": count.of}


@router.get("/segments/{segment_id}/members", response=PageOf[ContactShape], summary="Members of a segment")
@scope("segments:read", "contacts:read")
def list_members(request: HttpRequest, segment_id: Id, asked: Query[Paged]) -> dict[str, Any]:
    """As of the last look, which is seconds old; who came to us first first."""
    place = asked.place(int)
    params = {
        "workspace": current_workspace_id(),
        "segment": _segment(segment_id).pk,
        "after": place[0] if place else 0,
        "limit": asked.limit + 1,
    }
    ids = [int(row[0]) for row in run_sql("segments/api_members", params)]
    shown = ids[: asked.limit]
    return {"items": read_contacts(shown), "next": write_cursor(shown[-1]) if len(ids) > asked.limit else None}


@router.get("/segments/{segment_id}/explain/{contact_id}", response=ExplanationShape, summary="Why in, why out")
@scope("segments:read", "contacts:read")
def explain_person(request: HttpRequest, segment_id: Id, contact_id: Id) -> dict[str, Any]:
    """Each condition for this person, with what we know that decides it, at this moment."""
    segment, contact = _segment(segment_id), find_contact(contact_id)
    with _explained():
        found = explain(segment.rule, contact)
    return {
        "contact_id": contact.pk,
        "fits": found.fits,
        "lines": [
            {
                "path": ".".join(map(str, line.path)),
                "condition": str(line.phrase),
                "holds": line.holds,
                "counts": line.counts,
                "decides": line.decides,
                "evidence": str(line.evidence.text) if line.evidence else "",
                "since": line.evidence.since if line.evidence else None,
            }
            for line in found.lines
        ],
    }


def _visible() -> Any:
    return Segment.objects.filter(is_private=False)


def _segment(pk: int) -> Segment:
    found = _visible().filter(pk=pk).first()
    if found is None:
        raise nothing_here("segment")
    return found  # type: ignore[no-any-return]


@contextmanager
def _explained() -> Iterator[None]:
    """What a rule may be refused for, as problems."""
    try:
        yield
    except RuleError as error:
        raise Problem(409, f"The rule of this segment can be read no more: {error}", code="broken_rule") from error
    except TooSlowError as error:
        raise Problem(504, str(error)) from error
