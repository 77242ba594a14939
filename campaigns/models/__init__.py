"""The tables of this room."""

from campaigns.models.campaigns import (
    Campaign,
    CampaignReview,
    DryRun,
    DryRunPart,
    Programme,
    ProgrammeFigure,
    StandingCampaign,
    StandingEntry,
)
from campaigns.models.experiments import Experiment, WorkspaceHoldout

__all__ = [
    "Campaign",
    "CampaignReview",
    "DryRun",
    "DryRunPart",
    "Experiment",
    "Programme",
    "ProgrammeFigure",
    "StandingCampaign",
    "StandingEntry",
    "WorkspaceHoldout",
]
