"""What the demo's people ask by law: some wait with their clock, most were answered."""

import random
from datetime import datetime, timedelta

from backstage.demo.people import Person
from privacy.models import PrivacyRequest
from privacy.terms import due_date
from workspaces.current import current_workspace
from workspaces.models import User

Kind, Way, Identity, State = PrivacyRequest.Kind, PrivacyRequest.Way, PrivacyRequest.Identity, PrivacyRequest.State
WAITING = [  # kind, way, days ago, checked how, in their words
    (Kind.ERASE, Way.EMAIL, 27, Identity.FROM_ADDRESS, "Please delete everything you have about me."),
    (Kind.ACCESS, Way.PHONE, 6, Identity.UNCHECKED, "What do you know about me, and where from?"),
    (Kind.CORRECT, Way.OWN_PAGE, 1, Identity.SIGNED_LINK, "My street is spelt with a double s."),
]
ANSWERED = 14


def make_requests(dice: random.Random, people: list[Person], now: datetime, team: list[User]) -> None:
    """Three that wait, and the answered ones of the year so far."""
    some = dice.sample(people, len(WAITING) + ANSWERED)
    rows = [
        _request(one, kind, way, now - timedelta(days=days), identity, words, team[0])
        for one, (kind, way, days, identity, words) in zip(some, WAITING, strict=False)
    ]
    for one in some[len(WAITING) :]:
        kind = dice.choices([Kind.ACCESS, Kind.CORRECT, Kind.OBJECT, Kind.MOVE], [8, 3, 2, 1])[0]
        at = now - timedelta(days=dice.randint(35, 250))
        row = _request(one, kind, Way.OWN_PAGE, at, Identity.SIGNED_LINK, "", team[0])
        row.state, row.answered_at = State.ANSWERED, at + timedelta(days=dice.randint(0, 6))
        row.steps = [*row.steps, _step(row.answered_at, "answered", team[0])]
        rows.append(row)
    PrivacyRequest.objects.bulk_create(rows)


def _request(one: Person, kind: str, way: str, at: datetime, identity: str, words: str, who: User) -> PrivacyRequest:
    row = PrivacyRequest(
        kind=kind,
        contact=one.contact,
        way=way,
        received_at=at,
        due_on=due_date(at, current_workspace().zone),
        identity=identity,
        details=words,
        assignee_id=who.pk if identity else None,
    )
    row.steps = [_step(at, "asked", None)]
    if identity:
        row.steps = [*row.steps, _step(at + timedelta(hours=3), "checked", who)]
    return row


def _step(at: datetime, what: str, by: User | None) -> dict[str, object]:
    return {"at": at.isoformat(), "by": by.pk if by else None, "what": what, "note": ""}
