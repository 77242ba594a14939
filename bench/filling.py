"""What fills the world: which table from which statement, and the product's own verbs for what it derives."""

import os
from datetime import datetime
from typing import Any

import psycopg

from bench.world import MESSAGES, SLUG, ZONE, Size
from campaigns.models import Campaign
from consent.models import Consent, Topic
from consent.settling import settle_everybody
from contacts.channels import Channel
from contacts.models import AudienceRole, Contact, FieldValue, Identity, SearchTerm, Tag
from conversations.models import Connection, Conversation, Mention, PublicAuthor
from delivery.models import Content, Delivery, Message
from engagement import audience_snapshots
from engagement.announcing_levels import sweep_levels
from engagement.models import Fall, LevelMove
from engagement.rebuilding import rebuild_scores
from lib.clock import now
from segments.members.rechecking import refresh_with_readers
from segments.models import Segment
from touchpoints.kinds import BY_CODE
from touchpoints.models import Touchpoint
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.founding import found_workspace
from workspaces.models import User, Workspace

GIVEN = [
    *(
        "Anna",
        "Ben",
        "Carla",
        "David",
        "Emma",
        "Felix",
        "Greta",
        "Hans",
        "Ida",
        "Jonas",
        "Klara",
        "Leon",
        "Mia",
        "Noah",
    ),
    *("Olivia", "Paul", "Rosa", "Samuel", "Tara", "Umar", "Vera", "Willi", "Xenia", "Yusuf", "Zoe", "Ada", "Bruno"),
    *("Celine", "Dora", "Emil"),
]
FAMILY = [
    *(
        "Keller",
        "Schmidt",
        "Meyer",
        "Weber",
        "Fischer",
        "Wagner",
        "Becker",
        "Hoffmann",
        "Koch",
        "Richter",
        "Klein",
        "Wolf",
    ),
    *("Neumann", "Schwarz", "Braun", "Krueger", "Hartmann", "Lange", "Werner", "Lehmann", "Walter", "Maier", "Huber"),
    *(
        "Mueller",
        "Herrmann",
        "Koenig",
        "Peters",
        "Lang",
        "Scholz",
        "Moeller",
        "Weiss",
        "Jung",
        "Hahn",
        "Schubert",
        "Vogel",
    ),
    *("Friedrich", "Keil", "Guenther", "Frank", "Berger", "Winkler", "Roth", "Beck", "Lorenz", "Baumann", "Franke"),
]
STEPS: list[tuple[str, Any]] = [
    ("people", Contact),
    ("small_people", Contact),
    ("emails", Identity),
    ("numbers", Identity),
    ("roles", AudienceRole),
    ("fields", FieldValue),
    ("tags", Tag),
    ("consents", Consent),
    ("terms", SearchTerm),
    ("messages", Message),
    ("campaigns", Campaign),
    ("deliveries", Delivery),
    ("authors", PublicAuthor),
    ("conversations", Conversation),
    ("mentions", Mention),
    ("small_facts", Touchpoint),
]
BULKY = [
    model._meta.db_table
    for model in (Contact, Identity, AudienceRole, FieldValue, Tag, Consent, SearchTerm, Delivery, Mention, Touchpoint)
]
SEGMENTS: dict[str, dict[str, Any]] = {
    "Gold plan": {"field": {"name": "plan", "op": "=", "value": "gold"}},
    "Customers in Germany": {
        "all": [{"role": {"in": ["customer"]}}, {"field": {"name": "country", "op": "=", "value": "DE"}}]
    },
    "Tagged vip": {"tag": {"has_any": ["vip"]}},
}


def found_workspaces(size: Size, small_count: int) -> tuple[Workspace, dict[str, Any]]:
    """The big workspace, with what its rows refer to, and the small ones; the parameters of the statements."""
    owner = User.objects.create_user("owner@million.example", "a million people fit")
    workspace = found_workspace(SLUG, "A million people", owner=owner, zone=ZONE)
    smalls = [found_workspace(f"small-{n}", f"Small {n}", zone=ZONE).pk for n in range(small_count)]
    moment: datetime = now().replace(second=0, microsecond=0)
    with working_in(workspace):
        params = {
            "topic": Topic.objects.order_by("position", "pk").values_list("pk", flat=True)[0],
            "content": Content.objects.create(subject="News", body="Hello {{ contact.first_name }}").pk,
            "connection": Connection.objects.create(network="webhook", name="Hook").pk,
            "source": source_for("world", "World").pk,
        }
    starts = {"first_message": 1, "first_author": 1, "first_conversation": 1}
    counts = {
        "authors": size.of(20_000),
        "conversations": size.of(80_000),
        "mentions": size.of(100_000),
        "big": size.of(500_000),
        "small": size.of(50_000),
    }
    return workspace, params | starts | counts | {
        "workspace": workspace.pk,
        "smalls": smalls,
        "these": [workspace.pk, *smalls],
        "channels": [int(BY_CODE[code].channel) if code in BY_CODE else int(Channel.WEB) for code in range(1, 100)],
        "owner": owner.pk,
        "first": 1,
        "people": size.people,
        "message": 1,
        "messages": MESSAGES,
        "now": moment,
        "given": GIVEN,
        "family": FAMILY,
        "zone": ZONE,
    }


def make_scores(workspace: Workspace) -> None:
    """Scores of everybody, their levels and their next falls, by the product's own rebuild."""
    with working_in(workspace):
        rebuild_scores()
    is_due = True
    while is_due:
        with working_in(workspace):
            sweep_levels()
            is_due = Fall.objects.filter(due_at__lte=now()).exists()
    with working_in(workspace):
        LevelMove.objects.all().delete()
        audience_snapshots.fill_audience_snapshots()
    _analyze()


def settle_words(workspace: Workspace) -> None:
    """What counts now of all that was said."""
    settle_everybody(workspace)
    _analyze()


def make_segments(workspace: Workspace) -> None:
    """Segments with their members."""
    for name, rule in SEGMENTS.items():
        with working_in(workspace):
            refresh_with_readers(Segment.objects.create(name=name, rule=rule))
    _analyze()


def _analyze() -> None:
    """As ecrm_admin: from the app's own role PostgreSQL takes no ANALYZE, and only warns."""
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as admin:
        admin.execute("ANALYZE")
