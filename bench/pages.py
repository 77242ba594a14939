"""Server time of the main pages on the workspace with the most people, one request at a time: median and p95."""

import io
import statistics
import time

from django.core.management import call_command
from django.test import Client

from contacts.models import Contact
from engagement.models import Heat
from workspaces.current import working_in
from workspaces.models import Membership, Role, Workspace

ROUNDS = 40
PAGES = [
    "",
    "contacts/",
    "contacts/?sort=heat",
    "segments/",
    "inbox/",
    "campaigns/",
    "programmes/",
    "engagement/",
    "settings/",
]


def largest() -> Workspace | None:
    """The workspace with the most people that somebody owns."""
    sizes = []
    for workspace in Workspace.objects.filter(memberships__role=Role.OWNER):
        with working_in(workspace):
            sizes.append((Contact.objects.count(), workspace.pk, workspace))
    return max(sizes)[2] if sizes else None


def run(workspace: Workspace) -> None:
    """Print a line for each page."""
    place = largest()
    if place is None:
        print("filling in the demo first", flush=True)
        call_command("seed_demo", stdout=io.StringIO())
        place = largest()
    if place is None:
        raise RuntimeError("the demo has no owner")
    client = Client()
    client.force_login(Membership.objects.filter(workspace=place, role=Role.OWNER).select_related("user")[0].user)
    with working_in(place):
        hottest = Heat.objects.order_by("-heat").values_list("contact_id", flat=True).first()
        print(f"{place.name}: {Contact.objects.count():,} people")
    for path in [*PAGES, f"contacts/{hottest}/"]:
        spent = []
        for _round in range(ROUNDS + 3):
            start = time.perf_counter()
            answer = client.get(f"/w/{place.slug}/{path}")
            spent.append((time.perf_counter() - start) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}")
        spent = sorted(spent[3:])
        print(
            f"{path or 'home':24} median {statistics.median(spent):6.1f} ms   p95 {spent[int(ROUNDS * 0.95) - 1]:6.1f} ms wall   {len(answer.content) / 1000:6.0f} kB"
        )
