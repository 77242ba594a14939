"""Rebuilding scores from the ledger: of some people, or of everybody by ranges of contacts, each its own transaction.

A rebuild writes only what differs, so that one of a workspace that is right reads and writes nothing. Each range is
whole when it is done: scores before and after it are both true under the model in force, and a rebuild that is stopped
goes on by being started again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Max

from contacts.models import Contact, Merged
from engagement.announcing_levels import SWEEP
from engagement.audiences import audience_sql
from engagement.formula import SUMS
from engagement.modelling import current_model
from engagement.models import DayWeight, Score
from engagement.news import scores_changed
from engagement.scoring import LEVELS_WORK, SUM_NAMES, days_sql, model_params, sums_sql
from lib.clock import LAST_MOMENT
from lib.sql import load_sql, run_sql, run_text
from segments.rules.statements import bounded
from touchpoints.models import Touchpoint
from workspaces import agenda
from workspaces.current import current_workspace, working_in
from workspaces.models import Workspace
from workspaces.surveying import survey

SUMS_AND_HEAT = (*SUMS, "heat")
RANGE = 20_000  # contacts of one transaction: under a second with five facts each
SAME = 1e-12  # a relative difference that comes from the order of additions alone
MOST_TRIES = 3
RANGE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Whom:
    """Which people a statement is about: a condition with {} for the column, and its parameters."""

    condition: str
    params: dict[str, Any]

    def __call__(self, column: str) -> str:
        return self.condition.replace("{}", column)


def these(contact_ids: Sequence[int]) -> Whom:
    """People by their ids."""
    return Whom("{} = ANY(%(contacts)s::bigint[])", {"contacts": list(contact_ids)})


def between(first: int, end: int) -> Whom:
    """People of a range of ids, `end` not included."""
    return Whom("({} >= %(first)s AND {} < %(end)s)", {"first": first, "end": end})


@transaction.atomic
def rebuild_scores(contact_ids: Sequence[int] | None = None) -> int:
    """Compute scores anew from the ledger, of these people (and who is linked to them) or of everybody, in one
    transaction.

    Incremental and rebuilt scores agree to 1e-9. Holds these people: recorders of theirs wait. Returns how many
    contacts have a score now. For everybody of a big workspace there is rebuild_workspace.
    """
    if contact_ids is None:
        _tell([one for whom in ranges() for one in _rebuild_range(whom)])
    elif contact_ids:
        _tell(_rebuild(these(_with_survivors(contact_ids))))
    return Score.objects.count()


def rebuild_workspace(workspace: Workspace) -> Iterator[tuple[int, int]]:
    """Everybody's scores anew, 20,000 contacts a transaction; yields (contacts looked at, scores changed) after each.

    May be stopped and repeated. A range that lost against a recorder (deadlock) is tried again.
    """
    with working_in(workspace):
        todo = ranges()
    for number, whom in enumerate(todo, 1):
        for tries in range(1, MOST_TRIES + 1):
            try:
                with working_in(workspace):
                    changed = _rebuild_range(whom)
                    _tell(changed)
                break
            except OperationalError:
                if tries == MOST_TRIES:
                    raise
        yield number * RANGE, len(changed)


def rebuild_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """Contacts were linked or parted, as (loser, survivor): all of them are counted again, at once."""
    rebuild_scores(sorted({one for pair in pairs for one in pair}))


def ranges() -> list[Whom]:
    """The ranges that hold every contact of the open workspace."""
    first, last = (
        Contact.objects.order_by("pk").values_list("pk", flat=True).first(),
        Contact.objects.aggregate(last=Max("pk"))["last"],
    )
    return [] if first is None else [between(at, at + RANGE) for at in range(first, last + 1, RANGE)]


def _with_survivors(contact_ids: Sequence[int]) -> list[int]:
    """These people, and those who stand for them: their facts are counted there."""
    survivors = Merged.objects.filter(loser__in=list(contact_ids)).values_list("survivor_id", flat=True)
    return sorted({*contact_ids, *survivors})


def _rebuild_range(whom: Whom) -> list[int]:
    """`_rebuild` of many: the planner knows how much there is by now, also in a workspace that only came in."""
    survey(Contact, Touchpoint, Merged, DayWeight, Score, grows=True)
    return _rebuild(whom)


def _rebuild(whom: Whom) -> list[int]:
    """Rebuild these people; returns whose scores changed."""
    params = model_params(current_model()) | whom.params | {"same": SAME, "sweep": SWEEP, "before": LAST_MOMENT}
    held = {"who": whom("p.id"), "whose": whom("m.survivor_id")}
    run_sql("engagement/hold_people", params, **held)
    with bounded(RANGE_SECONDS):
        found = run_text(_statement(whom.condition, current_workspace().scores_employees), params)[0][0]
    return [int(one) for one in found[1:-1].split(",")] if found else []


@cache
def _statement(condition: str, employees: bool) -> str:
    whom = Whom(condition, {})
    return load_sql(
        "engagement/rebuild",
        days=days_sql(facts_sql(whom), employees=employees, who=whom("p.id")),
        of_days=whom("d.contact_id"),
        of_scores=whom("s.contact_id"),
        sums=sums_sql("true", days="counted"),
        zero_sums=", ".join(f"coalesce(n.{name}, 0) AS {name}" for name in SUMS_AND_HEAT),
        differ=" OR ".join(
            f"abs(s.{name} - coalesce(n.{name}, 0)) > %(same)s * abs(s.{name})" for name in SUMS_AND_HEAT
        ),
        sum_names=SUM_NAMES,
        audience=audience_sql("changed.contact_id"),
        replaced=", ".join(f"{name} = n.{name}" for name in SUMS_AND_HEAT),
    )


def facts_sql(whom: Whom) -> str:
    """For FROM: the facts of these people before %(before)s, as engagement/days reads them."""
    facts = load_sql("touchpoints/facts")
    return load_sql("engagement/facts_of", facts=facts, who=whom("t.contact_id"), whose=whom("m.survivor_id"))


def _tell(changed: list[int]) -> None:
    if changed:
        agenda.set_due(LEVELS_WORK)
        scores_changed.tell(contact_ids=sorted(changed))
