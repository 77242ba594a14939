"""What counting everybody's scores anew costs: of a workspace that is right, and of one whose scores are gone."""

import os
import time

import psycopg

from bench.recording import measured
from bench.world import the_world
from engagement.models import Score
from engagement.rebuilding import rebuild_workspace
from lib.sql import run_text
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import Workspace

LIMIT_SECONDS, LONGEST = 30, 2


def run(_workspace: Workspace) -> None:
    """Print the figures; afterwards the scores are what they were."""
    world = the_world()
    with working_in(world):
        facts = Touchpoint.objects.count()
    _told(world, "nothing to change", facts)
    with working_in(world):
        run_text("DELETE FROM engagement_dayweight WHERE workspace_id = %(w)s", {"w": world.pk})
        Score.objects.update(involvement_short=0, heat=0)
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as admin:
        admin.execute("VACUUM (ANALYZE) engagement_dayweight, engagement_score")  # what is gone costs nothing any more
    _told(world, "everything anew", facts)


def _told(world: Workspace, name: str, facts: int) -> None:
    steps = [0.0]

    def rebuild() -> None:
        last = time.perf_counter()
        for _done in rebuild_workspace(world):
            steps.append(time.perf_counter() - last)
            last = time.perf_counter()

    wall, python, postgres = measured(rebuild)
    total = python + postgres
    print(
        f"{name:20} {facts:,} facts: {total:.1f} s CPU ({python:.1f} Python, {postgres:.1f} PostgreSQL), {wall:.0f} s wall;"
        f" the longest transaction {max(steps):.2f} s wall; {total / LIMIT_SECONDS:.2f} of the limit",
        flush=True,
    )
