"""What is recorded speaks for tags: a batch's clicks, pages and purchases add to interests in the recording transaction."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from django.db import transaction

from consent.tracking import tracking_modes
from contacts.merging import survivors_of
from contacts.models import Audience
from engagement.interests.strength import day_sql, growth_sql, kinds_params
from engagement.models import Interest, InterestDay
from lib.sql import array_of, array_of_moments, array_of_texts, load_sql, run_prepared
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint
from touchpoints.recording import Recorded, payload_text
from touchpoints.rows import Row
from workspaces.current import current_workspace, current_workspace_id
from workspaces.surveying import survey
from workspaces.tracking_mode import TrackingMode

CLICKED = KINDS["clicked"].code
OTHERS = frozenset({KINDS["page"].code, KINDS["purchase"].code})
TELLING = ("link", "context", "url", "category", "products")  # of a payload, all that interest_facts.sql reads
MOMENT, CONTACT, KIND, MESSAGE, CERTAINTY = (
    Row._fields.index(name) for name in ("occurred_at", "contact_id", "kind", "message_id", "certainty")
)


def apply_to_interests(batch: Recorded) -> None:
    """Add a batch's new rows to the interests of their people. A batch without a click, a page or a purchase costs no
    statement, one in which nothing is tagged costs one look.
    """
    kinds = set(batch.fresh[KIND])
    has_others = not OTHERS.isdisjoint(kinds)
    if (has_others or CLICKED in kinds) and _concerns_tags(batch, has_others):
        survey(Interest, InterestDay)
        _add(batch)


@transaction.atomic
def _add(batch: Recorded) -> None:
    places = [place for place, kind in enumerate(batch.fresh[KIND]) if kind == CLICKED or kind in OTHERS]
    moments, contacts, kinds, messages = (
        [batch.fresh[column][place] for place in places] for column in (MOMENT, CONTACT, KIND, MESSAGE)
    )
    certainties = [batch.fresh[CERTAINTY][place] for place in places]
    standing = survivors_of(set(contacts))
    params = facts_params(set(standing.values())) | {
        "moments": array_of_moments(moments),
        "contacts": array_of([standing[one] for one in contacts]),
        "kinds_of": array_of(kinds),
        "messages": array_of(messages),
        "certainties": array_of(certainties),
        "payloads": array_of_texts([_told(batch.payloads[place]) for place in places]),
    }
    run_prepared(_adding(current_workspace().scores_employees), params)


def _told(payload: Mapping[str, Any]) -> str:
    """What a payload says of what it is about, as the ledger keeps it."""
    return payload_text({name: payload[name] for name in TELLING if name in payload})


def _concerns_tags(batch: Recorded, has_others: bool) -> bool:
    messages = {
        message for kind, message in zip(batch.fresh[KIND], batch.fresh[MESSAGE], strict=True) if kind == CLICKED
    }
    params = {
        "workspace": current_workspace_id(),
        "has_others": has_others,
        "messages": array_of(sorted(one for one in messages if one is not None)),
    }
    return bool(run_prepared(load_sql("engagement/interest_concerns"), params)[0][0])


def facts_params(contacts: Collection[int]) -> dict[str, Any]:
    """What interest_facts.sql asks of these people (who stand for those merged into them) and of the workspace."""
    modes = tracking_modes(contacts)
    workspace = current_workspace()
    return kinds_params() | {
        "workspace": workspace.pk,
        "zone": workspace.zone,
        "human": int(Touchpoint.Certainty.HUMAN),
        "employee": int(Audience.EMPLOYEE),
        "measured": array_of(sorted(one for one, mode in modes.items() if mode == TrackingMode.FULL)),
        "seen": array_of(sorted(one for one, mode in modes.items() if mode != TrackingMode.NONE)),
    }


def spoken_sql(facts: str, *, employees: bool) -> str:
    """Rows (contact, tag, kind, day) of what facts speak for, of `employees` too or not."""
    return load_sql(
        "engagement/interest_facts",
        facts=facts,
        address=load_sql("engagement/interest_address"),
        employed="false" if employees else load_sql("engagement/employed"),
    )


@cache
def _adding(employees: bool) -> str:
    return load_sql(
        "engagement/add_interests",
        spoken=spoken_sql(load_sql("engagement/interest_of_batch"), employees=employees),
        u_after=day_sql("d.kind", "d.count"),
        u_before=day_sql("d.kind", "(d.count - d.added)"),
        growth=growth_sql("d.day"),
    )
