"""What permission costs in the world of a million people: the gate about a thousand, and everything about the busiest."""

import random
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.segments import _inside, _told
from bench.world import the_world
from consent.asking import Ask
from consent.gate import CHUNK, verdicts
from consent.models import Topic
from contacts.models import Contact
from lib.clock import now
from lib.sql import run_text
from privacy.asking import open_request
from privacy.models import PrivacyRequest
from privacy.packing import delete_file, make_packages
from workspaces.current import working_in
from workspaces.models import Workspace

GATE_MS, STATEMENTS, PACKAGE_MS = 20, 5, 60_000


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}  # nobody is written to
    world = the_world()
    with working_in(world):
        topic = Topic.objects.order_by("pk").first()
        some = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[: 50 * CHUNK])
        people = sorted(random.Random(5).sample(some, min(CHUNK, len(some))))
    ask = Ask(message_class="marketing", topic_id=topic.pk if topic else None)
    took = _told(f"gate, {len(people)} people", lambda: _inside(world, lambda: verdicts(ask, people)))
    with working_in(world), CaptureQueriesContext(connection) as asked:
        verdicts(ask, people)
    print(f"limit {GATE_MS} ms, {took / GATE_MS:.2f} of it; {len(asked)} statements (limit {STATEMENTS})")
    _package(world)


def _package(world: Workspace) -> None:
    """Article 15: everything about the person with the most facts."""
    with working_in(world):
        [(who, facts)] = run_text(
            "SELECT contact_id, count(*) FROM touchpoints_touchpoint WHERE workspace_id = %(workspace)s"
            " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1",
            {"workspace": world.pk},
        )
    requests: list[PrivacyRequest] = []

    def ask_for_it() -> None:
        with working_in(world):
            row = open_request(
                PrivacyRequest.Kind.ACCESS,
                Contact.objects.get(pk=who),
                way=PrivacyRequest.Way.OWN_PAGE,
                by=None,
                received_at=now() - timedelta(minutes=1),
                identity=PrivacyRequest.Identity.SIGNED_LINK,
            )
            requests.append(row)

    try:
        took = _told("package of the busiest", lambda: make_packages(world), before=_anew(world, requests, ask_for_it))
        with working_in(world):
            size = PrivacyRequest.objects.get(pk=requests[-1].pk).package_bytes
        print(f"{facts:,} facts, {size / 2**20:.1f} MB; limit {PACKAGE_MS:,} ms, {took / PACKAGE_MS:.3f} of it")
    finally:
        _forget(world, requests)


def _anew(world: Workspace, requests: list[PrivacyRequest], ask_for_it: Callable[[], None]) -> Callable[[], None]:
    def again() -> None:
        _forget(world, requests)
        ask_for_it()

    return again


def _forget(world: Workspace, requests: list[PrivacyRequest]) -> None:
    with working_in(world), transaction.atomic():
        for row in PrivacyRequest.objects.filter(pk__in=[one.pk for one in requests]):
            delete_file(row)
            row.delete()
