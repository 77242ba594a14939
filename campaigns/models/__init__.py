"""The tables of this room."""

from campaigns.models.campaigns import Campaign, CampaignReview
from campaigns.models.dry_runs import DryRun, DryRunPart
from campaigns.models.experiments import Experiment, WorkspaceHoldout
from campaigns.models.programmes import Programme, ProgrammeCost, ProgrammeFigure
from campaigns.models.standing import StandingCampaign, StandingEntry

__all__ = [
    "Campaign",
    "CampaignReview",
    "DryRun",
    "DryRunPart",
    "Experiment",
    "Programme",
    "ProgrammeCost",
    "ProgrammeFigure",
    "StandingCampaign",
    "StandingEntry",
    "WorkspaceHoldout",
]
