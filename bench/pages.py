"""What the pages of the big workspace cost the server: CPU of Python and PostgreSQL, one request at a time.

Each is asked for once before it counts, as a page is that somebody works on. A segment's count and what else arrives
after its page are requests of their own and stand below it.
"""

import re
import statistics

from django.test import Client

from bench.recording import measured
from bench.world import the_world
from campaigns.models import Campaign
from contacts.models import Contact
from conversations.models import Conversation
from engagement.models import Heat
from segments.models import Segment
from workspaces.current import working_in
from workspaces.kept_figures import keep_figures
from workspaces.models import Membership, Role, Workspace

ROUNDS, LIMIT_MS = 5, 150
LATE = re.compile(r'hx-get="(/[^"]+)"[^>]*hx-trigger="[^"]*(?:load|revealed)')
PAGES = [
    "",
    "contacts/",
    "contacts/?sort=heat",
    "contacts/?role=1",
    "contacts/?q=anna",
    "segments/",
    "inbox/",
    "campaigns/",
    "programmes/",
    "engagement/",
    "settings/",
    "help/",
]


def run(_workspace: Workspace) -> None:
    """Print a line for each page."""
    world = the_world()
    client = Client()
    client.force_login(Membership.objects.filter(workspace=world, role=Role.OWNER).select_related("user")[0].user)
    paths = [*PAGES, *_of_rows(world)]
    for path in paths:
        client.get(f"/w/{world.slug}/{path}")
    keep_figures(world)  # a worker does within seconds what these looks asked for
    for path in paths:
        _told(client, f"/w/{world.slug}/{path}", path or "home")


def _told(client: Client, address: str, name: str, *, is_late: bool = False) -> None:
    answer = client.get(address, headers={"HX-Request": "true"} if is_late else None)
    if answer.status_code == 404:
        print(f"{name:32} is not there")
        return
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    rows = [measured(lambda: client.get(address)) for _round in range(ROUNDS)]
    wall, python, postgres = (statistics.median(column) * 1000 for column in zip(*rows, strict=True))
    total = python + postgres
    said = "" if is_late else f"  {total / LIMIT_MS:.2f} of the limit"
    print(
        f"{name:32} {total:7.1f} ms CPU ({python:.0f} Python, {postgres:.0f} PostgreSQL), {wall:.0f} ms wall,"
        f" {len(answer.content) / 1000:.0f} kB{said}",
        flush=True,
    )
    if not is_late:
        for late in LATE.findall(answer.text)[:3]:
            _told(
                client,
                late.replace("&amp;", "&"),
                "  then " + late.partition("/w/")[2].partition("/")[2][:24],
                is_late=True,
            )


def _of_rows(world: Workspace) -> list[str]:
    """The pages of one contact (the hottest, with most facts), segment, campaign, conversation."""
    with working_in(world):
        hottest = Heat.objects.order_by("-heat").values_list("contact_id", flat=True)[0]
        segment = Segment.objects.order_by("-member_count").values_list("pk", flat=True)[0]
        campaign = Campaign.objects.order_by("-message__planned_count").values_list("pk", flat=True)[0]
        asked = Conversation.objects.order_by("-priority").values_list("pk", flat=True)[0]
        print(f"{world.name}: {Contact.objects.count():,} people")
    return [f"contacts/{hottest}/", f"segments/{segment}/", f"campaigns/{campaign}/", f"inbox/{asked}/"]
