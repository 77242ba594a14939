"""The demo is the same at any hour of a date, and what it shows was computed by what computes it for everybody."""

import random
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction

from backstage.demo import history, seeding
from backstage.demo.undone_files import AT_THE_FAIR, AT_THE_TILL
from backstage.demo.words import CROSS, GLAD
from campaigns.models import Campaign, Programme, ProgrammeFigure
from campaigns.objectives import measure, rule_of
from contacts.models import Contact, FieldChange
from conversations.models import Conversation
from delivery.models import Delivery
from engagement.models import AudienceSnapshot, Score
from imports.models import ImportRun
from lib.clock import now
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.founding import found_workspace
from workspaces.models import Workspace

ZONE = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def few_people(settings, monkeypatch):
    settings.DEMO = True
    monkeypatch.setattr(seeding, "BRANDS", [{**seeding.BRANDS[0], "people": 40}])


def begin_ids_anew(*tables: str) -> None:
    """The ids of what is made from now on, from the same number each time."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), 900001, false)", [table])


def sown() -> dict[str, object]:
    """What a visitor sees of a demo that is sown now; taken back at once. Holdouts go by ids, so these begin anew."""
    with transaction.atomic():
        begin_ids_anew("contacts_contact", "campaigns_programme", "campaigns_campaign")
        seeding.seed_demo()
        with working_in(Workspace.objects.get(slug="kettle")):
            midnight = now().astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
            waiting = Conversation.objects.exclude(due_at=None).values_list("due_at", flat=True)
            seen = {
                "history": Counter(
                    Touchpoint.objects.filter(occurred_at__lt=midnight - timedelta(days=2)).values_list(
                        "kind", "occurred_at"
                    )
                ),
                "deliveries": Counter(Delivery.objects.values_list("state", "reason")),
                "waiting": Counter(due < now() for due in waiting),
                "programmes": list(
                    ProgrammeFigure.objects.filter(day__lt=midnight.date())
                    .order_by("id")
                    .values_list("metric", "value", "people")
                ),
                "snapshots": AudienceSnapshot.objects.count(),
                "scored": Score.objects.count(),
            }
        transaction.set_rollback(True)
    return seen


@pytest.mark.django_db
def test_early_and_late_on_a_date_it_is_the_same():
    with time_machine.travel("2026-11-20 00:30+01:00", tick=False):
        early = sown()
    with time_machine.travel("2026-11-20 23:10+01:00", tick=False):
        late = sown()

    assert early == late
    assert set(early["waiting"]) == {True, False}


@pytest.mark.django_db
def test_programmes_answer_with_the_figures_of_any_night():
    seeding.seed_demo()

    with working_in(Workspace.objects.get(slug="kettle")):
        midnight = now().astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        for programme in Programme.objects.select_related("objective", "topic"):
            goal = programme.objective
            value, people = measure(goal.metric, rule_of(programme), days=goal.window_days, until=midnight)
            last = programme.figures.order_by("day").last()
            assert (goal.current, last.value, last.people) == (value, value, people)
            assert programme.figures.count() == 13
            assert Campaign.objects.filter(programme=programme).exists(), programme.name


@pytest.mark.django_db
def test_the_list_of_files_has_one_that_was_undone_and_a_name_was_changed_by_three(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    seeding.seed_demo()

    with working_in(Workspace.objects.get(slug="kettle")):
        runs = {run.file_name: (run.state, run.counts) for run in ImportRun.objects.all()}
        assert {name: state for name, (state, _counts) in runs.items()} == {
            AT_THE_TILL: "done", AT_THE_FAIR: "undone",
            "christmas-market-orders.csv": "done", "tasting-evening.csv": "done",
        }  # fmt: skip
        assert not Contact.objects.filter(email__endswith="@fair.example").exists()
        changed = FieldChange.objects.filter(changes__has_key="name").order_by("pk")
        assert [row.source.split()[0] for row in changed] == ["import", "by", "Their"]
        assert changed.first().changes["name"][0] == changed.last().changes["name"][1]
        assert FieldChange.objects.filter(source__endswith=f"{AT_THE_FAIR} undone").count() in {1, 2}
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


@pytest.mark.django_db(transaction=True)
def test_a_start_that_dies_between_the_brands_leaves_none_of_them(monkeypatch):
    """The next start finds nobody living here, and makes both."""
    two = [{**brand, "people": 1} for brand in (seeding.BRANDS[0], {**seeding.BRANDS[0], "slug": "another"})]
    monkeypatch.setattr(seeding, "BRANDS", two)

    def sow(brand, owner):
        if brand is two[1]:
            raise KeyboardInterrupt
        return {"slug": found_workspace(brand["slug"], brand["name"], owner=owner).slug}

    monkeypatch.setattr(seeding, "_sow", sow)
    with pytest.raises(KeyboardInterrupt):
        seeding.seed_demo()

    assert not Workspace.objects.exists()


@pytest.mark.parametrize("tell", [history._word, history._public])
def test_nobody_praises_in_words_that_are_called_neutral(tell):
    """What people of the demo say and how they feel about it agree, in private and in public."""
    felt = []
    for number in range(400):
        dice = random.Random(number)
        one = SimpleNamespace(warmth=dice.uniform(-1, 1), contact=SimpleNamespace(pk=1, email="a@kettle.example"))
        fact = tell(dice, one, now(), number)
        words = fact.payload.get("text") or fact.payload["note"]
        felt.append((words in GLAD, words in CROSS, fact.sentiment_milli))

    assert [one for one in felt if one[0] and one[2] is not None and one[2] < 250] == []
    assert [one for one in felt if one[1] and one[2] is not None and one[2] > -200] == []
    assert {one[:2] for one in felt} == {(True, False), (False, True), (False, False)}
