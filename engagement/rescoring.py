"""People changed in a way that scores depend on: whether they may be scored, and which audience they belong to."""

from collections.abc import Sequence

from contacts.models import Audience
from engagement.audiences import keep_audiences
from engagement.rebuilding import rebuild_scores
from engagement.scoring import LEVELS_WORK
from lib.clock import now
from lib.sql import array_of, run_sql
from workspaces import agenda
from workspaces.current import current_workspace

FEW = 50  # more than these are an import: nobody of them has a past that was never scored


def rescore_changed(contact_ids: Sequence[int]) -> None:
    """News: these people changed. Who may no longer be scored loses their sums at once, who may again gets them back.

    Everybody else's level is looked at again, for another role means another scale.
    """
    keep_audiences(contact_ids)
    workspace = current_workspace()
    params = {
        "workspace": workspace.pk,
        "ids": array_of(contact_ids),
        "score_employees": workspace.scores_employees,
        "employee": int(Audience.EMPLOYEE),
        "few": len(contact_ids) <= FEW,
        "now": now(),
    }
    rows = run_sql("engagement/changed_people", params)
    if turned := [contact for contact, has_turned in rows if has_turned]:
        rebuild_scores(turned)
    elif rows:
        agenda.set_due(LEVELS_WORK)
