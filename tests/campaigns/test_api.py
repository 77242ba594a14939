"""`/campaigns` of the API: figures, drafts, blocks; nothing is approved or sent by a key."""

import pytest

from campaigns.experiments.setting_up import make_experiment, versions_of
from campaigns.models import Campaign
from delivery.engine.controlling import approve, pause_for
from delivery.models import Delivery, Message
from lib.clock import now
from tests.campaigns.test_list import make_sent
from tests.factories.campaigns import everybody, make_campaign, make_sender, planned, started
from tests.factories.contacts import letter, make_reader
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import AuditEntry

TEXT = {"kind": "text", "html": "<p>Hello</p>"}


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def draft(kettle) -> Campaign:
    with working_in(kettle):
        return make_campaign(make_sender())


def test_a_draft_is_made_changed_and_duplicated(machine, kettle):
    with working_in(kettle):
        topic, sender, segment = letter().pk, make_sender().pk, everybody().pk
    said = {"name": "Spring", "topic": topic, "sender": sender, "segment": segment, "subject": "Hi", "markdown": "# Hi"}

    made = machine.post("/campaigns", said)

    assert made.status_code == 201
    body = made.json()
    assert {name: body[name] for name in ("name", "state", "topic", "sender", "segment", "body_format", "figures")} == {
        "name": "Spring", "state": "draft", "topic": topic, "sender": sender, "segment": segment,
        "body_format": "markdown", "figures": None,
    }  # fmt: skip
    here = f"/campaigns/{body['id']}"
    changed = machine.patch(here, {"subject": "Other", "intended_at": "2027-03-01T09:00:00+01:00"}).json()
    assert (changed["subject"], changed["name"], changed["intended_at"]) == ("Other", "Spring", "2027-03-01T08:00:00Z")
    copy = machine.post(f"{here}/duplicate")
    assert (copy.status_code, copy.json()["name"]) == (201, "Copy of Spring")
    assert [one["name"] for one in machine.get("/campaigns").json()["items"]] == ["Copy of Spring", "Spring"]
    with working_in(kettle):
        assert AuditEntry.objects.filter(action__startswith="campaign.").count() == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("segment", 999_999), ("topic", 999_999), ("sender", 999_999), ("programme", 999_999), ("subject", "{{ broken"),
        ("subject", "two\nlines"), ("purpose", "confirmation"), ("holdout_percent", 51), ("name", ""), ("state", "sent"),
        ("intended_at", "2027-03-01T09:00:00"), ("intended_at", "9000-03-01T09:00:00Z"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named_and_nothing_changes(machine, kettle, draft, field, value):
    answer = machine.patch(f"/campaigns/{draft.pk}", {field: value})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"].startswith(f"body.{field}")
    with working_in(kettle):
        assert Message.objects.get().name == "Spring letter"


def test_somebodys_own_segment_is_no_keys(machine, kettle, draft, ada):
    with working_in(kettle):
        own = everybody()
        own.is_private, own.owner_id = True, ada.pk
        own.save()

    assert machine.patch(f"/campaigns/{draft.pk}", {"segment": own.pk}).status_code == 422


def test_blocks_are_read_and_replaced(machine, kettle, draft):
    here = f"/campaigns/{draft.pk}/blocks"
    assert machine.get(here).json()["blocks"] == []

    put = machine.call("PUT", here, {"blocks": [TEXT]})

    assert (put.status_code, [one["kind"] for one in put.json()["blocks"]]) == (200, ["text"])
    assert machine.get(here).json() == put.json()
    assert machine.get(f"/campaigns/{draft.pk}").json()["body_format"] == "blocks"
    with working_in(kettle):
        assert "Hello" in Campaign.objects.get().message.content.body


def test_blocks_that_cannot_be_read_change_nothing_and_say_where(machine, draft):
    here = f"/campaigns/{draft.pk}/blocks"
    machine.call("PUT", here, {"blocks": [TEXT]})
    kept = machine.get(here).json()

    for wrong in ({"kind": "nonsense"}, {"kind": "text", "html": 5}, {}):
        answer = machine.call("PUT", here, {"blocks": [TEXT, wrong]})
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "body.blocks")

    assert machine.get(here).json() == kept


def test_only_a_draft_is_changed(machine, kettle, draft):
    with working_in(kettle):
        approve(draft.message, by=None)

    for answer in (
        machine.patch(f"/campaigns/{draft.pk}", {"subject": "Other"}),
        machine.call("PUT", f"/campaigns/{draft.pk}/blocks", {"blocks": [TEXT]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "no_draft")


def test_what_is_on_its_way_is_paused_goes_on_and_is_cancelled(machine, kettle, draft):
    here = f"/campaigns/{draft.pk}"
    refused = [machine.post(f"{here}/{step}") for step in ("pause", "resume", "cancel")]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [(409, "wrong_state")] * 3
    with working_in(kettle):
        make_reader()
        planned(draft)

    said = [machine.post(f"{here}/{step}") for step in ("pause", "pause", "resume", "pause", "cancel", "cancel")]

    assert [(one.status_code, one.json()["state"]) for one in said] == [
        (200, "paused"), (200, "paused"), (200, "sending"), (200, "paused"), (200, "cancelled"), (200, "cancelled"),
    ]  # fmt: skip
    assert machine.post(f"{here}/resume").status_code == 409
    with working_in(kettle):
        assert set(Delivery.objects.values_list("state", flat=True)) <= {Delivery.State.CANCELLED}


def test_what_paused_by_itself_goes_on_when_somebody_looked(machine, kettle, draft):
    with working_in(kettle):
        pause_for(started(draft).message, "The server refuses everybody (554).")

    said = machine.post(f"/campaigns/{draft.pk}/resume")

    assert (said.status_code, said.json()["code"]) == (409, "look_first")
    assert "refuses everybody" in said.json()["detail"]


def test_a_step_of_a_version_is_one_of_all(machine, kettle, draft):
    with working_in(kettle):
        make_experiment(draft, by=None, varies="subject", test_percent=90)
        for one in (draft, *versions_of(draft)):
            Message.objects.filter(pk=one.message_id).update(state=Message.State.SENDING)
        version = versions_of(draft)[0]
        Message.objects.filter(pk=version.message_id).update(state=Message.State.SENT)

    paused = [machine.post(f"/campaigns/{version.pk}/pause").status_code for _ in range(2)]

    assert paused == [200, 200]
    with working_in(kettle):
        states = [Message.objects.get(pk=one.message_id).state for one in (draft, version)]
        assert states == [Message.State.PAUSED, Message.State.SENT]


def test_figures_come_with_each_in_as_many_queries(machine, kettle, django_assert_max_num_queries):
    with working_in(kettle):
        sender = make_sender()
        make_sent(sender)
    first = machine.get("/campaigns?state=sent").json()["items"]
    assert first[0]["figures"] == {"delivered": 3, "opened": 2, "clicked": 1, "revenue_minor": 0}
    with django_assert_max_num_queries(40) as one:
        machine.get("/campaigns")
    with working_in(kettle):
        for number in range(49):
            make_sent(sender, name=f"No. {number}", people=1)
        assert Delivery.objects.filter(sent_at__lt=now()).count() == 53
    with django_assert_max_num_queries(40) as many:
        assert len(machine.get("/campaigns").json()["items"]) == 50
    assert len(one) == len(many)


def test_scopes_and_strangers(kettle, rival, draft):
    reader, other = machine_of(kettle, ["campaigns:read"]), machine_of(rival)

    assert reader.get(f"/campaigns/{draft.pk}").status_code == 200
    assert reader.post("/campaigns", {"name": "X"}).status_code == 403
    assert reader.call("PUT", f"/campaigns/{draft.pk}/blocks", {"blocks": []}).status_code == 403
    assert machine_of(kettle, ["contacts:read"]).get("/campaigns").status_code == 403
    assert [other.get(f"/campaigns/{draft.pk}{path}").status_code for path in ("", "/blocks")] == [404, 404]
    assert other.patch(f"/campaigns/{draft.pk}", {"name": "X"}).status_code == 404
