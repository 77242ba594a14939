"""`manage.py scores`: everybody's scores from the facts before a moment, against the oracle, with all digits."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from contacts.merging import link_contacts
from contacts.models import AudienceRole, Contact, Identity
from engagement.models import ScoreModel
from tests.engagement import oracle
from tests.engagement.world import NOON, happen, person
from touchpoints.correcting import Change, Field, correct


def printed(*arguments: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("scores", "--workspace", "kettle", *arguments, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def number(contact: int, value: str) -> None:
    Identity.objects.create(contact_id=contact, kind=Identity.Kind.EXTERNAL_ID, value=value)


def test_each_line_is_what_the_oracle_makes_of_the_facts_before_the_moment(here):
    anna, ben, carl = (person() for _n in range(3))
    for who, name in ((anna, "A-1"), (ben, "B-1")):
        number(who, name)
    AudienceRole.objects.create(contact_id=ben, role=1)
    facts = {
        "A-1": [*happen(anna, "visit", 40).rows, *happen(anna, "message", 12, sentiment_milli=-700).rows],
        "B-1": [*happen(ben, "purchase", 9, value_minor=5_000).rows, *happen(ben, "purchase", 9, value_minor=90).rows],
        "": happen(carl, "delivered", 5).rows,
    }
    happen(anna, "visit", 1)
    happen(person(), "visit", 1)
    at = NOON - timedelta(days=2)

    lines = printed("--at", at.isoformat(), "--format", "csv")

    assert [line["external_id"] for line in lines] == ["A-1", "B-1", ""]
    for line in lines:
        role = "1" if line["external_id"] == "B-1" else "2"
        wanted = oracle.shown(facts[line["external_id"]], ScoreModel.objects.get(), at, role)
        assert {name: float(line[name]) for name in wanted} == pytest.approx(wanted, rel=1e-12, abs=1e-15)
    assert [line["level"] for line in lines] == ["aware", "warm", "dormant"]
    assert [float(line["heat"]) > 0 for line in lines] == [True, True, False]


def test_a_day_is_its_midnight_in_the_zone_and_json_says_the_same(here):
    number(who := person(), "A-1")
    happen(who, "visit", 2)
    day = (NOON - timedelta(days=1)).date().isoformat()
    out = io.StringIO()

    call_command("scores", "--workspace", "kettle", "--at", day, "--format", "json", stdout=out)

    [line] = printed("--at", day)
    assert {key: str(value) for key, value in json.loads(out.getvalue()).items()} == line
    assert printed("--at", "1999-01-01") == []


def test_linked_people_corrections_and_objections_count_as_they_stand_today(here):
    anna, visitor, ben = (person() for _n in range(3))
    number(visitor, "V-1")
    fact = happen(anna, "message", 4, sentiment_milli=500)
    happen(visitor, "message", 4, sentiment_milli=500)
    happen(ben, "visit", 4)
    link_contacts(visitor, anna)
    correct([Change(fact.ids[0], Field.SENTIMENT, -500)])
    Contact.objects.filter(pk=ben).update(is_profiled=False)

    first, second = printed()

    assert first["external_id"] == "V-1"
    assert float(first["intimacy"]) == pytest.approx(0, abs=1e-12)
    assert float(first["interaction"]) > 0
    assert [second[name] for name in ("external_id", "overall", "level", "heat")] == ["", "0.0", "dormant", "0.0"]


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "0001-01-01"])
def test_a_moment_that_is_none_is_refused_in_words(here, at):
    with pytest.raises(CommandError, match=at):
        printed("--at", at)


def test_an_unknown_workspace_is_refused(db):
    with pytest.raises(CommandError, match="no workspace"):
        call_command("scores", "--workspace", "nowhere")
