"""Interests anew from the ledger: of people whose facts were corrected, who were merged or parted, who may be measured no
more or again, of a tag whose pages changed, or of everybody.
"""

from collections.abc import Collection, Sequence
from functools import cache

from django.db import transaction

from contacts.merging import relatives_of
from contacts.models import Merged
from engagement.interests.recording import facts_params, spoken_sql
from engagement.interests.strength import WEIGHTS, day_sql, growth_sql
from engagement.models import Interest, InterestDay, InterestTag
from engagement.models.interests import Said
from engagement.news import interests_changed
from engagement.rebuilding import Whom, ranges, these
from engagement.rescoring import FEW
from lib.sql import array_of, load_sql, run_sql, run_text
from touchpoints.correcting import Corrected
from workspaces.current import current_workspace, current_workspace_id


@transaction.atomic
def rebuild_interests(contact_ids: Collection[int] | None = None) -> None:
    """Compute the interests of these people (and who is linked to them), or of everybody, anew from the ledger, the tags
    of links and pages, and what they said. May be repeated; incremental and rebuilt agree to 1e-9.

    Holds these people: recorders of theirs wait.
    """
    if contact_ids is None:
        for whom in ranges():
            rebuild_range(whom)
    elif contact_ids:
        _rebuild(relatives_of(contact_ids))


def rebuild_range(whom: Whom) -> None:
    """The interests of these people, of whom nobody outside is looked at but who was merged into them."""
    text = f"SELECT p.id FROM contacts_contact p WHERE p.workspace_id = %(workspace)s AND {whom('p.id')}"
    rows = run_text(text, whom.params | {"workspace": current_workspace_id()})
    _rebuild([row[0] for row in rows])


def on_corrected(batch: Corrected) -> None:
    """News: facts are otherwise than they were. Those that can speak for a tag are counted as they stand now."""
    rows = [row for row in (*batch.before, *batch.after) if row and row.kind in WEIGHTS]
    if rows and InterestTag.objects.exists():
        rebuild_interests({row.contact_id for row in rows})


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """News: contacts were linked or parted, as (loser, survivor)."""
    if InterestTag.objects.exists():
        rebuild_interests({one for pair in pairs for one in pair})


def on_allowed(contact_ids: Sequence[int]) -> None:
    """News: they said how far they may be measured, or whether a profile may be made, or their roles changed. Two
    statements where nobody's right turned.
    """
    if not InterestTag.objects.exists():
        return
    params = facts_params(contact_ids) | {"contacts": array_of(contact_ids), "few": len(contact_ids) <= FEW}
    employed = "false" if current_workspace().scores_employees else load_sql("engagement/employed")
    turned = [row[0] for row in run_sql("engagement/interests_turned", params, employed=employed)]
    if turned:
        rebuild_interests(turned)


def _rebuild(contacts: Sequence[int]) -> None:
    """Rebuild these people, of whom those who were merged into somebody lose what is kept under their own number."""
    if not contacts:
        return
    whom = these(contacts)
    params = facts_params(contacts) | whom.params
    run_sql("engagement/hold_people", params, who=whom("p.id"), whose=whom("m.survivor_id"))
    InterestDay.objects.filter(contact_id__in=contacts).delete()
    Interest.objects.filter(contact_id__in=contacts).delete()
    losers = set(Merged.objects.filter(loser__in=contacts).values_list("loser_id", flat=True))
    standing = [one for one in contacts if one not in losers]
    params |= {"contacts": standing, "nothing": int(Said.NOTHING)}
    run_text(_statement(current_workspace().scores_employees), params)
    interests_changed.tell(contact_ids=sorted(contacts))


@cache
def _statement(employees: bool) -> str:
    facts = load_sql("engagement/interest_of_people", facts=load_sql("touchpoints/facts"))
    return load_sql(
        "engagement/rebuild_interests",
        spoken=spoken_sql(facts, employees=employees),
        u=day_sql("d.kind", "d.count"),
        growth=growth_sql("d.day"),
    )
