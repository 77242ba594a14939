"""Tests of versions for tests; call inside working_in."""

from campaigns.experiments.deciding import look_due
from campaigns.experiments.going_together import approve_versions, schedule_all
from campaigns.experiments.setting_up import add_version, change_version, experiment_of, make_experiment, versions_of
from campaigns.models import Campaign, Experiment
from campaigns.planning import plan_due
from delivery.engine.controlling import approve
from tests.factories.campaigns import again
from workspaces.models import Workspace


def with_test(campaign: Campaign, versions: int = 2, **facts) -> Campaign:
    """The same draft with a test of its subject, all versions with words of their own."""
    make_experiment(campaign, by=None, **facts)
    for number in range(1, versions):
        if number > 1:
            add_version(campaign, by=None)
        if facts.get("varies", "subject") == "subject":
            change_version(campaign, number, by=None, subject=f"Version {number}")
    return again(campaign)


def gone_out(campaign: Campaign, workspace: Workspace) -> Campaign:
    """The same, approved, told to go out now and planned."""
    approve(campaign.message, by=None)
    approve_versions(campaign, by=None)
    schedule_all(again(campaign), None, by=None)
    plan_due(workspace)
    return again(campaign)


def it_of(campaign: Campaign) -> Experiment:
    """Its test, as the database knows it now."""
    found = experiment_of(campaign)
    assert found is not None
    return found


def all_versions(campaign: Campaign) -> list[Campaign]:
    """It and its further versions."""
    return [again(campaign), *versions_of(campaign)]


def look(workspace: Workspace) -> None:
    """What the agenda does."""
    look_due(workspace)
