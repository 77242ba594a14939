"""Sowing the demo: two brands, their members and keys, people, a year of history, campaigns, mentions."""

import json
import os
import random
import secrets
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from backstage.demo.belonging import make_belonging
from backstage.demo.brand import make_brand
from backstage.demo.desk import make_desk
from backstage.demo.doubles import find_them, make_doubles
from backstage.demo.drafts import make_drafts
from backstage.demo.experiments import make_test
from backstage.demo.figures import grow_segments, set_targets
from backstage.demo.files import bring_in_files
from backstage.demo.history import record_history
from backstage.demo.interests import make_interests
from backstage.demo.library import make_library
from backstage.demo.notes import make_notes
from backstage.demo.offers import make_offers
from backstage.demo.people import make_people
from backstage.demo.privacy import make_requests
from backstage.demo.programmes import make_campaigns
from backstage.demo.push import make_push
from backstage.demo.receipts import make_receipts
from backstage.demo.sign_ups import make_sign_ups
from backstage.demo.standing import make_welcome
from backstage.demo.talk import connect_echo, make_mentions
from backstage.demo.texting import make_texts
from backstage.demo.tracking import ask_about_tracking
from backstage.demo.undone_files import make_files
from backstage.demo.warm_up import make_warm_up
from campaigns.models import Programme
from delivery.content.sandbox import begin_sandbox
from engagement.announcing_levels import sweep_levels
from engagement.audience_snapshots import fill_audience_snapshots, keep_the_week, measure_scales
from engagement.level_backfill import trace_moves
from engagement.modelling import make_model
from engagement.models import Annotation
from lib.clock import now
from lib.collecting import without_collecting
from workspaces.current import working_in
from workspaces.demo import mark_demo
from workspaces.founding import found_workspace
from workspaces.keys import make_key
from workspaces.models import Membership, Role, User, Workspace

EMAIL, PASSWORD = "demo@kettle.example", "slow water, good water"
SEED = 20_240_614
BRANDS: list[dict[str, Any]] = [
    {
        "slug": "kettle",
        "name": "Kettle & Co",
        "people": 2_000,
        "settings": {
            "zone": "Europe/Berlin",
            "currency": "EUR",
            "postal_address": "Kettle & Co\nLindenallee 8\n04109 Leipzig",
            "website": "https://kettle.example",
        },
    },
    {
        "slug": "fernweh",
        "name": "Fernweh Bikes",
        "people": 150,
        "settings": {
            "zone": "Europe/Vienna",
            "currency": "EUR",
            "locale": "de",
            "postal_address": "Fernweh Bikes\nGumpendorfer Straße 12\n1060 Wien",
        },
    },
]
TEAM = [
    ("Ife Adeyemi", Role.COMMUNITY),
    ("Tomás Rey", Role.MARKETER),
    ("Sara Holm", Role.COLLEAGUE),
    ("Noor Haddad", Role.ANALYST),
    ("Jonas Brandt", Role.EDITOR),
]


def seed_demo() -> list[dict[str, str]]:
    """Make both brands, once, or none. Returns their facts: slug, name, write_key, api_key. The same day, the same demo."""
    owner = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL, PASSWORD, name="Maren Holt")
    begin_sandbox()  # emails are kept in a library later on
    with without_collecting(), transaction.atomic():
        return [_sow(brand, owner) for brand in BRANDS if not Workspace.objects.filter(slug=brand["slug"]).exists()]


def _sow(brand: dict[str, Any], owner: User) -> dict[str, str]:
    workspace = found_workspace(brand["slug"], brand["name"], owner=owner, **brand["settings"])
    team = [owner, *_hire(workspace)]
    with working_in(workspace):
        mark_demo()
        facts = {"slug": workspace.slug, "name": workspace.name} | _cut_keys(owner)
        _live(brand["people"], workspace, team)
    return facts


def _live(count: int, workspace: Workspace, team: list[User]) -> None:
    """A year up to last midnight, so that every hour of a day sees the same; what waits for an answer is of just now."""
    midnight = datetime.combine(now().astimezone(zone := ZoneInfo(workspace.zone)), time.min, zone)
    start = midnight - timedelta(days=365)
    make_model(median_value_minor=2900)
    make_brand(workspace, team[0])
    people = make_people(_dice("people"), count, start, midnight)
    ask_about_tracking(_dice("tracking"), people)
    record_history(_dice("history"), people, start, midnight, workspace.zone)
    bring_in_files(_dice("files"), people, midnight, team[0])
    programmes = make_campaigns(_dice("campaigns"), people, midnight, team)
    make_interests(_dice("interests"), people, team)
    if workspace.slug == "kettle":
        make_library(midnight, team[0])
        make_offers(_dice("offers"), midnight, team[0])
        connect_echo(team[0])
    make_welcome(midnight, programmes[0], team[0])
    make_test(_dice("test"), midnight, programmes[0], team[0])
    make_receipts(people, midnight, team[0])
    make_warm_up(workspace, midnight, team[0])
    make_push(people, midnight)
    make_mentions(_dice("mentions"), people, midnight, team)
    if workspace.slug == "kettle":
        make_desk(team, midnight)
        make_texts(people, now(), team[0])
    make_belonging(_dice("belonging"), people, midnight)
    make_doubles(_dice("doubles"), people, midnight)
    make_sign_ups(_dice("sign-ups"), people, midnight, team[0], workspace)
    make_requests(_dice("privacy"), people, midnight, team)
    make_notes(_dice("notes"), people, midnight, team)
    make_files(people, midnight, team)
    make_drafts(programmes, midnight, team)
    _settle(midnight, programmes)


def _dice(part: str) -> random.Random:
    """Each part has its own, so that one more draw in it leaves the others as they were."""
    return random.Random(f"{SEED}-{part}")


def _settle(moment: datetime, programmes: list[Programme]) -> None:
    """Scales measured from these people; levels, trends and programmes as if every night had been counted."""
    measure_scales()
    trace_moves()
    while (due := sweep_levels()) is not None and due <= now():
        pass
    fill_audience_snapshots(days=364)
    keep_the_week()
    set_targets(programmes)
    grow_segments()
    find_them()
    today = moment.date()
    Annotation.objects.create(
        name="TV flight", starts_on=today - timedelta(days=38), ends_on=today - timedelta(days=25)
    )


def _hire(workspace: Workspace) -> list[User]:
    team = []
    for name, role in TEAM:
        email = f"{name.split()[0].lower().replace('á', 'a')}@{workspace.slug}.example"
        user = User.objects.create_user(email, None, name=name)
        Membership.objects.create(workspace=workspace, user=user, role=role)
        team.append(user)
    return team


def _cut_keys(owner: User) -> dict[str, str]:
    return {
        "write_key": make_key("server", "Demo shop", by=owner)[1],
        "api_key": make_key("api", "Demo script", by=owner)[1],
        "browser_key": make_key("browser", "Demo site", by=owner)[1],
    }


def keep_keys(facts: list[dict[str, str]]) -> None:
    """Write the demo's clear keys to var/run/demo_keys.json, readable by its owner only."""
    path = settings.VAR_DIR / "run" / "demo_keys.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"login": {"email": EMAIL, "password": PASSWORD}, "workspaces": facts}, file, indent=1)
    part.replace(path)
