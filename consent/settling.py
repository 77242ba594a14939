"""Settling: which yes or no counts now, kept as one row a person, channel and topic (ConsentNow).

The ledger stays the truth, and sql/newest_word.sql the rule. Whatever adds to the ledger, links people or gives one of
several linked contacts another address calls this in the same transaction; the nightly look finds what was forgotten.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import structlog
from django.db import transaction

from consent.models import Consent, ConsentNow
from consent.news import consent_changed
from contacts.channels import Channel, identity_kind_of
from contacts.merging import linked_among, survivors_of
from contacts.models import Contact, Identity, Merged
from lib.clock import next_time_of_day, now
from lib.sql import array_of, numbers_of, run_sql
from workspaces import agenda
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Workspace
from workspaces.surveying import survey

WORK = "consent.settle"
AT_ONCE = 5_000
MAIL_CHANNELS = [int(one) for one in Channel if identity_kind_of(one) == Identity.Kind.EMAIL]

log = structlog.get_logger(__name__)


@transaction.atomic
def settle_words(contact_ids: Collection[int]) -> int:
    """What counts now of these people (and of everybody linked to them) is what the ledger says; returns how many rows
    were otherwise.

    Three statements, whatever the number. May be repeated. People are held (64 advisory locks of the workspace) until
    the transaction ends: two who write about one person follow one another.
    """
    if not contact_ids:
        return 0
    people = sorted(set(survivors_of(contact_ids).values()))
    params = {**numbers_of(Consent.State), "workspace": current_workspace_id(), "people": array_of(people)}
    run_sql("consent/hold_voices", params)
    # In a statement of its own: it sees what others wrote while we waited for them.
    return int(run_sql("consent/settle_words", params | {"mail_channels": MAIL_CHANNELS})[0][0])


@transaction.atomic
def undo_words(word_ids: Collection[int], *, by_id: int | None = None) -> set[int]:
    """These words were never said: what counts then is what was said before or since. Returns whose they are.

    One statement and the settling, whatever the number. May be repeated: an undone word is undone once.
    """
    if not word_ids:
        return set()
    params = {"words": array_of(sorted(word_ids)), "by": by_id, "now": now(), **numbers_of(Consent.State)}
    whose = {row[0] for row in run_sql("consent/undo_words", params | {"workspace": current_workspace_id()})}
    if whose:
        settle_words(whose)
        consent_changed.tell(contact_ids=sorted(whose))
    return whose


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """News: contacts became one person, whose word is the most restrictive of theirs, or parted again."""
    settle_words({one for pair in pairs for one in pair})


def on_contacts_changed(contact_ids: Sequence[int]) -> None:
    """News: an address may be another one. An address is a voice, which matters where one person has several."""
    settle_words(linked_among(contact_ids))


def settle_everybody(workspace: Workspace) -> int:
    """Compare what counts now with the ledger, of everybody, and mend it; returns how many rows were otherwise.

    5,000 people at a time, each time in its own transaction. May be repeated. The planner is told how many there are as
    they come in: beside a big workspace it believed in one, and read all of them for each person.
    """
    mended, after = 0, 0
    while True:
        with working_in(workspace):
            survey(Contact, Merged, Consent, ConsentNow, grows=True)
            said = run_sql("consent/who_said", {"workspace": workspace.pk, "after": after, "limit": AT_ONCE})
            if not said:
                return mended
            mended += settle_words([row[0] for row in said])
        after = said[-1][0]


def settle_tonight(workspace: Workspace) -> datetime:
    """The agenda's nightly work: what was forgotten is mended and logged. Returns the next night."""
    if mended := settle_everybody(workspace):
        log.warning("consents_drifted", workspace=workspace.slug, rows=mended)
    return _next_night(workspace)


def plan_settling(workspace: Workspace) -> None:
    """A new workspace is looked over each night."""
    agenda.set_due(WORK, _next_night(workspace))


def _next_night(workspace: Workspace) -> datetime:
    """The next 3:20 in the workspace's zone, before segments are looked at anew."""
    return next_time_of_day(workspace.zone, 3, 20)
