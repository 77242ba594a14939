"""The pages and the API of a test of versions: set up, shown, decided; roles, refusals, what versions never appear in."""

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Experiment, WorkspaceHoldout
from delivery.engine.controlling import approve
from delivery.models import Message
from segments.models import Segment
from tests.campaigns.test_experiments import counted, many_people
from tests.factories.campaigns import again, make_campaign, make_sender
from tests.factories.contacts import make_reader
from tests.factories.experiments import gone_out, it_of, with_test
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import AuditEntry, Membership

ASKED = {
    "varies": "subject", "goal": "clicks", "within_hours": "24", "test_percent": "20", "wait_hours": "24",
    "planned_people": "0",
}  # fmt: skip


def at(name: str, *args: int) -> str:
    return f"/w/kettle{reverse(f'campaigns:{name}', args=args, urlconf='ecrm.urls_workspace')}"


@pytest.fixture
def draft(kettle) -> Campaign:
    kettle.postal_address = "Tea Street 1, Ulm"
    kettle.save()
    with working_in(kettle):
        many_people()
        make_reader()
        return make_campaign(make_sender())


@pytest.fixture
def running(draft, kettle) -> Campaign:
    with working_in(kettle):
        return gone_out(with_test(draft), kettle)


def test_a_test_is_made_its_version_changed_approved_with_it_and_sent(draft, as_ada, kettle):
    assert "Test versions" in as_ada.get(at("page", draft.pk)).text
    as_ada.post(at("versions", draft.pk), ASKED)
    as_ada.post(at("versions", draft.pk), ASKED | {"version-1-subject": "Tea is here", "version-1-preheader": ""})
    page = as_ada.get(at("versions", draft.pk)).text
    assert ("Tea is here" in page, "It starts when the campaign goes out." in page) == (True, True)
    with working_in(kettle):
        version = draft.versions.get()
    assert as_ada.get(at("page", version.pk))["Location"] == at("versions", draft.pk)

    as_ada.post(at("approve", draft.pk))
    as_ada.post(at("schedule", draft.pk), {})

    with working_in(kettle):
        states = {one.message.state for one in (again(draft), again(version))}
        assert (states, again(version).message.content.subject) == ({Message.State.PLANNING}, "Tea is here")


def test_a_flaw_of_a_version_is_said_and_stops_the_approval(draft, as_ada, kettle):
    as_ada.post(at("versions", draft.pk), ASKED)

    answer = as_ada.post(at("approve", draft.pk))

    assert (answer.status_code, "Version B: it says the same as another version" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"varies": "colour"}, "varies"), ({"goal": "opens"}, "goal"), ({"goal": "kind"}, "kind"),
        ({"test_percent": "1"}, "test_percent"), ({"test_percent": "101"}, "test_percent"),
        ({"wait_hours": "0"}, "wait_hours"), ({"within_hours": "999"}, "within_hours"), ({"effect": "0"}, "effect"),
        ({"planned_people": "-1"}, "planned_people"),
    ],
)  # fmt: skip
def test_what_a_test_cannot_be_is_said_at_its_place(draft, as_ada, kettle, given, field):
    answer = as_ada.post(at("versions", draft.pk), ASKED | given)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    with working_in(kettle):
        assert Experiment.objects.count() == 0


@pytest.mark.parametrize(("varies", "given"), [
    ("subject", {"subject": "{{ broken"}), ("sender", {"sender": "999999"}), ("time", {"hours_later": "0"}),
])  # fmt: skip
def test_what_a_version_cannot_say_is_said_in_its_form(draft, as_ada, varies, given):
    as_ada.post(at("versions", draft.pk), ASKED | {"varies": varies})

    given = {f"version-1-{name}": value for name, value in given.items()}

    answer = as_ada.post(at("versions", draft.pk), ASKED | {"varies": varies, "test_percent": "44"} | given)

    assert answer.status_code == 422
    assert (answer.text.count('aria-invalid="true"'), 'value="44"' in answer.text) == (1, True)


@pytest.mark.parametrize(
    ("pressed", "number", "letters"), [("versions", (), 3), ("add_version", (), 4), ("remove_version", (2,), 2)]
)
def test_whatever_is_pressed_keeps_all_that_was_typed(draft, as_ada, kettle, pressed, number, letters):
    as_ada.post(at("versions", draft.pk), ASKED)
    as_ada.post(at("add_version", draft.pk))
    typed = {
        "version-1-subject": "Tea is here",
        "version-1-preheader": "Now",
        "version-2-subject": "Last",
        "wait_hours": "7",
    }

    answer = as_ada.post(at(pressed, draft.pk, *number), ASKED | typed)

    assert answer.status_code == 302
    with working_in(kettle):
        assert (Experiment.objects.get().wait_hours, draft.versions.count()) == (7, letters - 1)
        words = {one.variant: one.message.content.subject for one in draft.versions.select_related("message__content")}
    assert words[1] == "Tea is here"
    assert pressed == "remove_version" or words[2] == "Last"


def test_a_mistake_keeps_what_was_typed_on_the_page_and_adds_nothing(draft, as_ada, kettle):
    as_ada.post(at("versions", draft.pk), ASKED)
    typed = {"version-1-subject": "", "version-1-preheader": "Now", "wait_hours": "7"}

    answer = as_ada.post(at("add_version", draft.pk), ASKED | typed)

    assert (answer.status_code, 'value="Now"' in answer.text, 'value="7"' in answer.text) == (422, True, True)
    with working_in(kettle):
        assert draft.versions.count() == 1


def test_versions_are_added_removed_and_dropped(draft, as_ada, kettle):
    as_ada.post(at("versions", draft.pk), ASKED | {"varies": "content"})
    for _ in range(4):
        as_ada.post(at("add_version", draft.pk))
    assert "Write this version" in as_ada.get(at("versions", draft.pk)).text
    as_ada.post(at("remove_version", draft.pk, 2))
    with working_in(kettle):
        assert draft.versions.count() == 2
    as_ada.post(at("drop_test", draft.pk))
    with working_in(kettle):
        assert (draft.versions.count(), Experiment.objects.count()) == (0, 0)


def test_versions_are_no_campaigns_of_their_own_in_lists(running, as_ada, kettle):
    with working_in(kettle):
        version = running.versions.get()

    listed = as_ada.get("/w/kettle/campaigns/").text

    assert (at("page", running.pk) in listed, at("page", version.pk) in listed, "A/B test" in listed) == (
        True,
        False,
        True,
    )
    assert at("page", version.pk) not in as_ada.get("/w/kettle/campaigns/calendar/").text
    items = machine_of(kettle).get("/campaigns").json()["items"]
    assert [one["id"] for one in items] == [running.pk]
    assert "figures of one version alone" in as_ada.get(at("page", version.pk)).text


def test_somebody_decides_and_the_page_says_so(running, as_ada, kettle):
    with working_in(kettle):
        counted(running, (400, 20), (400, 24))
    page = as_ada.get(at("versions", running.pk)).text
    assert "No difference is proven so far" in page
    assert "We look every 15 minutes." in page

    as_ada.post(at("decide_test", running.pk), {"version": "1"})

    page = as_ada.get(at("versions", running.pk)).text
    assert "Somebody decided for B." in page
    assert "Send it to the rest" not in page
    again_said = as_ada.post(at("decide_test", running.pk), {"version": "0"}, follow=True)
    assert "The test is over already." in again_said.text
    with working_in(kettle):
        assert AuditEntry.objects.filter(action="campaign.test_decided", actor_id__isnull=False).count() == 1


def test_a_winner_is_told_in_a_plain_sentence(running, as_ada, kettle):
    with working_in(kettle):
        counted(running, (4_000, 200), (4_000, 320))

    page = as_ada.get(at("versions", running.pk)).text
    assert "B brought 3.0 points more clicks than A; the true difference lies between" in page
    as_ada.post(at("look_at_test", running.pk))
    assert "B did best, and that is proven." in as_ada.get(at("versions", running.pk)).text


@pytest.mark.parametrize("given", ["7", "-1", "", "x"])
def test_a_version_that_is_none_is_refused(running, as_ada, kettle, given):
    answer = as_ada.post(at("decide_test", running.pk), {"version": given}, follow=True)

    assert "There is no such version." in answer.text
    with working_in(kettle):
        assert it_of(running).state == Experiment.State.RUNNING


def test_a_test_is_ended_on_its_page(running, as_ada, kettle):
    as_ada.post(at("end_test", running.pk))

    assert "The test was ended." in as_ada.get(at("versions", running.pk)).text


def test_what_may_be_done_is_shown_by_all_versions(running, as_ada, kettle):
    def shown() -> tuple[bool, ...]:
        page = as_ada.get(at("page", running.pk)).text
        return tuple(at(name, running.pk) in page for name in ("pause", "resume", "cancel"))

    with working_in(kettle):
        versions = [running.message_id, running.versions.get().message_id]
        Message.objects.filter(pk=versions[0]).update(state=Message.State.SENT)
    assert shown() == (True, False, True)
    as_ada.post(at("pause", running.pk))
    assert shown() == (False, True, True)
    with working_in(kettle):
        Message.objects.filter(pk__in=versions).update(state=Message.State.SENT)
    assert shown() == (False, False, True)  # the rest still waits
    as_ada.post(at("cancel", running.pk))
    assert shown() == (False, False, False)
    with working_in(kettle):
        assert it_of(running).state == Experiment.State.ENDED


def test_who_may_only_look_changes_nothing_and_strangers_see_nothing(running, as_ada, client, kettle, bob, eve):
    Membership.objects.filter(user=bob).update(role="analyst")
    client.force_login(bob)
    assert client.get(at("versions", running.pk)).status_code == 200
    for name in ("decide_test", "end_test", "look_at_test", "add_version", "drop_test"):
        assert client.post(at(name, running.pk)).status_code == 403
    assert client.post(at("versions", running.pk), ASKED).status_code == 403
    client.force_login(eve)
    assert client.get(at("versions", running.pk)).status_code == 404


def test_a_sent_campaign_without_a_test_says_so(draft, as_ada, kettle):
    with working_in(kettle):
        approve(draft.message, by=None)

    assert "Everybody gets the same email." in as_ada.get(at("versions", draft.pk)).text
    assert "It is no draft any more." in as_ada.post(at("versions", draft.pk), ASKED, follow=True).text


def test_what_is_tested_cannot_go_out_by_itself(draft, as_ada):
    as_ada.post(at("versions", draft.pk), ASKED)

    assert "Remove the test first." in as_ada.get(at("when", draft.pk), follow=True).text


def test_the_workspaces_holdout_is_set_among_the_settings(as_ada, client, kettle, bob):
    assert as_ada.post(at("holdout"), {"percent": "21"}).status_code == 422
    as_ada.post(at("holdout"), {"percent": "5"})

    with working_in(kettle):
        assert WorkspaceHoldout.objects.get().percent == 5
        offer = make_campaign(make_sender(), purpose="marketing")
    assert "5 % of all people get no offers at all" in as_ada.get(at("page", offer.pk)).text
    client.force_login(bob)
    assert client.get(at("holdout")).status_code == 403


def test_the_api_sets_up_reads_and_decides(draft, kettle):
    machine = machine_of(kettle)
    here = f"/campaigns/{draft.pk}/experiment"
    assert machine.get(here).status_code == 404

    made = machine.call("PUT", here, {"test_percent": 50, "versions": [{"subject": "B"}, {"subject": "C"}]}).json()
    assert [(one["version"], one["subject"]) for one in made["versions"][1:]] == [("B", "B"), ("C", "C")]
    fewer = machine.call("PUT", here, {"test_percent": 50, "versions": [{"subject": "Only"}]}).json()
    assert ([one["subject"] for one in fewer["versions"][1:]], fewer["state"], fewer["word"]) == (["Only"], "draft", "")
    assert machine.post(f"{here}/decision", {"version": "B"}).status_code == 409
    with working_in(kettle):
        gone_out(again(draft), kettle)
    assert machine.call("PUT", here, {"versions": [{"subject": "Late"}]}).status_code == 409
    said = machine.post(f"{here}/decision", {"version": "B"}).json()
    assert (said["state"], said["winner"], said["decided_how"], said["rest_people"] > 0) == (
        "decided",
        "B",
        "person",
        True,
    )
    assert machine.post(f"{here}/decision", {"version": None}).status_code == 409


def test_a_version_takes_only_what_is_tested_and_says_so(draft, as_ada, kettle):
    with working_in(kettle):
        version = with_test(draft).versions.get()
        other = Segment.objects.create(name="Others", rule={"all": []})
    part = as_ada.post(at("set", version.pk, "name"), {"name": "Other"}, follow=True).text
    built = {"do": "save", "name": "Customers", "rule": '{"all": [{"role": {"in": ["customer"]}}]}'}
    taken = as_ada.post(f"/w/kettle/segments/new/?for=campaign-{version.pk}", built, follow=True).text
    machine, here = machine_of(kettle), f"/campaigns/{version.pk}"

    assert "Nothing was changed: a version follows version A" in part
    assert "All versions of a test go to the people of version A" in taken
    refused = machine.call("PATCH", here, {"name": "Other", "segment": other.pk})
    assert (refused.status_code, "follows campaign" in refused.text) == (409, True)
    assert machine.call("PUT", f"{here}/blocks", {"blocks": []}).status_code == 409
    assert machine.call("PATCH", here, {"subject": "Its own"}).status_code == 200
    with working_in(kettle):
        assert (again(version).segment_id, again(version).message.content.subject) == (draft.segment_id, "Its own")


@pytest.mark.parametrize(
    "said",
    [
        {}, {"versions": []}, {"versions": [{"subject": ""}]}, {"versions": [{"subject": "{{ broken"}]},
        {"versions": [{}], "varies": "sender"}, {"versions": [{}], "varies": "time"}, {"versions": [{}] * 4, "varies": "content"},
        {"versions": [{"subject": "B"}], "goal": "kind", "kind": "nothing"}, {"versions": [{"subject": "B"}], "test_percent": 1},
    ],
)  # fmt: skip
def test_the_api_refuses_what_is_no_test_and_changes_nothing(draft, kettle, said):
    assert machine_of(kettle).call("PUT", f"/campaigns/{draft.pk}/experiment", said).status_code == 422
    with working_in(kettle):
        assert (Experiment.objects.count(), Campaign.objects.count()) == (0, 1)
