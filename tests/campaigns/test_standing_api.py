"""`/standing-campaigns`: a key says when a draft goes out by itself, pauses and resumes; starting stays with people."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import StandingCampaign
from campaigns.standing.starting import make_standing, start
from contacts.custom_fields.defining import define_field
from contacts.models import CustomType
from delivery.engine.controlling import approve, pause_for
from delivery.models import Message
from tests.factories.campaigns import make_campaign, make_sender
from tests.machines import machine_of
from touchpoints.kinds import KINDS
from workspaces.current import working_in
from workspaces.models import AuditEntry

Trigger = StandingCampaign.Trigger
HERE = "/standing-campaigns"


@pytest.fixture
def machine(kettle):
    """A machine that may do everything."""
    return machine_of(kettle)


@pytest.fixture
def draft(kettle):
    """A draft that goes out once so far."""
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        return make_campaign(make_sender())


@pytest.fixture
def running(kettle, ada):
    """One that people started: whoever buys gets it two days later."""
    with working_in(kettle):
        campaign = make_campaign(make_sender())
        make_standing(campaign, by=ada, trigger=Trigger.HAPPENS, kind=KINDS["purchase"].code, delay_minutes=2880)
        approve(campaign.message, by=ada)
        start(campaign, by=ada)
        return campaign


def test_a_draft_is_told_when_it_goes_out_and_people_start_it(machine, draft, kettle):
    made = machine.call("PUT", f"{HERE}/{draft.pk}", {"trigger": "happens", "kind": "purchase", "delay_minutes": 90})
    changed = machine.call(
        "PUT", f"{HERE}/{draft.pk}", {"trigger": "enters", "again_after_days": 30, "includes_present": True}
    )

    assert made.status_code == changed.status_code == 200
    assert {name: made.json()[name] for name in ("kind", "delay_minutes", "state", "is_running", "again_after_days")} == {
        "kind": "purchase", "delay_minutes": 90, "state": "draft", "is_running": False, "again_after_days": None,
    }  # fmt: skip
    told = machine.get(f"{HERE}/{draft.pk}").json()
    assert told == changed.json()
    assert (told["trigger"], told["kind"], told["again_after_days"], told["includes_present"]) == (
        "enters",
        "",
        30,
        True,
    )
    assert (told["campaign_id"], told["waiting"], told["next_at"], told["started_at"]) == (draft.pk, 0, None, None)
    with working_in(kettle):
        assert AuditEntry.objects.filter(action="campaign.standing", actor_id=None).count() == 2


def test_a_day_before_which_it_goes_is_told_by_its_sign(machine, draft, kettle):
    with working_in(kettle):
        define_field("renewal", type=CustomType.DATE, by=None)

    said = {"trigger": "date", "field": "renewal", "offset_days": -14, "at_hour": 7, "is_yearly": False}
    told = machine.call("PUT", f"{HERE}/{draft.pk}", said).json()

    assert {name: told[name] for name in said} == said


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"trigger": "happens"}, "body.kind"),
        ({"trigger": "happens", "kind": "flying"}, "body.kind"),
        ({"trigger": "happens", "kind": "\0"}, "body.kind"),
        ({"trigger": "date"}, "body.field"),
        ({"trigger": "date", "field": "renewal"}, "body.field"),
        ({"trigger": "sometimes"}, "body.trigger"),
        ({"trigger": "enters", "delay_minutes": 10**9}, "body.delay_minutes"),
        ({"trigger": "enters", "most_a_day": 0}, "body.most_a_day"),
        ({"trigger": "enters", "started_at": "2026-01-01T00:00:00Z"}, "body.started_at"),
        ({}, "body.trigger"),
    ],
)
def test_what_cannot_be_a_moment_is_refused_at_its_place(machine, draft, kettle, said, place):
    answer = machine.call("PUT", f"{HERE}/{draft.pk}", said)

    assert answer.status_code == 422
    assert [one["at"] for one in answer.json()["errors"]] == [place]
    with working_in(kettle):
        assert not StandingCampaign.objects.exists()


def test_what_runs_is_paused_and_goes_on_and_is_not_changed(machine, running, kettle):
    where = f"{HERE}/{running.pk}"

    paused = [machine.call("POST", f"{where}/pause") for _ in range(2)]
    resumed = machine.call("POST", f"{where}/resume")

    assert [(one.status_code, one.json()["state"]) for one in paused] == [(200, "paused")] * 2
    assert (resumed.status_code, resumed.json()["state"], resumed.json()["is_running"]) == (200, "sending", True)
    assert machine.call("POST", f"{where}/resume").status_code == 409
    assert machine.call("PUT", where, {"trigger": "enters"}).status_code == 409
    assert machine.call("DELETE", where).status_code == 409
    with working_in(kettle):
        found = StandingCampaign.objects.get()
        assert (found.trigger, found.delay_minutes) == (Trigger.HAPPENS, 2880)


def test_what_paused_by_itself_is_looked_at_by_somebody(machine, running, kettle):
    with working_in(kettle):
        pause_for(running.message, "4,000 people would get it today.")

    refused = machine.call("POST", f"{HERE}/{running.pk}/resume")

    assert (refused.status_code, refused.json()["code"]) == (409, "look_first")
    assert machine.get(f"{HERE}/{running.pk}").json()["paused_because"] == "4,000 people would get it today."
    with working_in(kettle):
        assert Message.objects.get(pk=running.message_id).state == Message.State.PAUSED


def test_its_next_version_is_a_draft_that_is_found_by_itself_too(machine, running):
    made = [machine.call("POST", f"{HERE}/{running.pk}/version") for _ in range(2)]
    version = made[0].json()["id"]

    assert [(one.status_code, one.json()["state"]) for one in made] == [(201, "draft")] * 2
    assert made[1].json()["id"] == version
    assert machine.get(f"{HERE}/{version}").json() == machine.get(f"{HERE}/{running.pk}").json()
    assert machine.get(f"{HERE}/{running.pk}").json()["draft_id"] == version


def test_a_draft_goes_out_once_after_all(machine, draft):
    machine.call("PUT", f"{HERE}/{draft.pk}", {"trigger": "enters"})

    assert machine.call("DELETE", f"{HERE}/{draft.pk}").status_code == 204

    assert machine.get(f"{HERE}/{draft.pk}").status_code == 404
    assert machine.call("POST", f"{HERE}/{draft.pk}/pause").status_code == 404
    assert machine.get(f"/campaigns/{draft.pk}").status_code == 200
    assert machine.get(f"{HERE}/999999").status_code == 404


def test_the_list_costs_the_same_for_one_and_for_many(machine, running, kettle, ada):
    machine.get(HERE)  # the key is known from here on
    with CaptureQueriesContext(connection) as one:
        assert len(machine.get(HERE).json()["items"]) == 1
    with working_in(kettle):
        for _ in range(4):
            make_standing(make_campaign(make_sender()), by=ada, trigger=Trigger.ENTERS)
    with CaptureQueriesContext(connection) as many:
        found = machine.get(HERE).json()["items"]

    assert [one["is_running"] for one in found] == [False] * 4 + [True]
    assert datetime.fromisoformat(found[-1]["started_at"]) <= datetime.now(UTC)
    assert len(many) == len(one)
    assert machine.get(f"{HERE}?limit=2").json()["next"]


def test_a_key_that_reads_does_not_pause_and_another_workspace_sees_nothing(kettle, rival, running):
    reads, other = machine_of(kettle, ["campaigns:read"]), machine_of(rival)

    assert reads.call("POST", f"{HERE}/{running.pk}/pause").status_code == 403
    assert other.get(f"{HERE}/{running.pk}").status_code == 404
    assert other.get(HERE).json()["items"] == []
