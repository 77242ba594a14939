"""Planning: a campaign's audience is fixed once, in one transaction, as chunks of 1,000 people."""

from django.db import transaction
from django.utils import timezone

from campaigns.bucketing import bucket_sql
from campaigns.models import Campaign
from contacts.segments.compiler import compile_rule
from ecrm.lib.sql import read_sql, run_text
from workspaces.current import current_workspace_id

CHUNK = 1_000


class AlreadyPlannedError(ValueError):
    """The audience of a campaign is fixed once."""


@transaction.atomic
def plan(campaign: Campaign) -> Campaign:
    """Fix who belongs to the campaign; afterwards it is sending. AlreadyPlannedError, RuleError, TooSlowError.

    Locks the campaign's row. A topic somebody asked for is never withheld: only offers hold people back.
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    ready = campaign.state in {Campaign.State.SCHEDULED, Campaign.State.PLANNING}
    if campaign.planned_at or campaign.segment is None or not ready:
        raise AlreadyPlannedError(campaign.pk)
    compiled = compile_rule(campaign.segment.rule)
    params = compiled.params | {"workspace": current_workspace_id(), "campaign": campaign.pk} | _salts(campaign)
    text = read_sql("campaigns/plan").format(segment=compiled.sql, held=_held_sql(campaign), size=CHUNK)
    ((people, held, doubles),) = run_text(text, params)
    campaign.planned_at = timezone.now()
    campaign.planned_count, campaign.held_count = int(people) + held + doubles, held
    campaign.state = Campaign.State.SENDING if people else Campaign.State.SENT
    campaign.state_reason = ""
    campaign.finished_at = None if people else campaign.planned_at
    campaign.save(update_fields=["planned_at", "planned_count", "held_count", "state", "state_reason", "finished_at"])
    return campaign


def held_back(campaign: Campaign) -> list[tuple[str, int]]:
    """(salt, buckets) of the comparisons that hold people back from this campaign."""
    if campaign.message_class != Campaign.MessageClass.MARKETING:
        return []
    found = [(f"campaign-{campaign.pk}", campaign.holdout_percent)]
    if campaign.programme:
        found.append((f"programme-{campaign.programme_id}", campaign.programme.holdout_percent))
    return [(salt, percent * 100) for salt, percent in found if percent]


def _held_sql(campaign: Campaign) -> str:
    tests = [f"{bucket_sql('c.id', f'salt_{no}')} < {size}" for no, (_salt, size) in enumerate(held_back(campaign))]
    return f"({' OR '.join(tests)})" if tests else "false"


def _salts(campaign: Campaign) -> dict[str, str]:
    return {f"salt_{no}": salt for no, (salt, _size) in enumerate(held_back(campaign))}
