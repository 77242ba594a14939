"""Opens and clicks come back: told apart, recorded as touchpoints, noted on the delivery. In any order, once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils.dateparse import parse_datetime

from campaigns.content.linking import HONEYPOT
from campaigns.models import Campaign, Delivery
from campaigns.stopping import campaign_source
from campaigns.telling_apart import Sign, tell_apart
from ecrm.lib.clock import now
from ecrm.lib.sql import run_text
from touchpoints.facts import Fact
from touchpoints.models import TrackedLink
from touchpoints.recording import record
from touchpoints.stream import handler
from workspaces.models import Workspace

NOTE = """
-- First moments only get earlier; an open or a click proves that a letter in doubt (6) arrived.
UPDATE campaigns_delivery AS d
SET opened_at = least(d.opened_at, x.opened), unsure_opened_at = least(d.unsure_opened_at, x.unsure),
  machine_opened_at = least(d.machine_opened_at, x.machine), clicked_at = least(d.clicked_at, x.clicked),
  sent_at = CASE WHEN d.state = 6 THEN least(x.opened, x.unsure, x.machine, x.clicked) ELSE d.sent_at END,
  state = CASE WHEN d.state = 6 THEN 2 ELSE d.state END
FROM (SELECT campaign, contact, min(at) FILTER (WHERE certainty = 0) AS opened,
        min(at) FILTER (WHERE certainty = 1) AS unsure, min(at) FILTER (WHERE certainty = 2) AS machine,
        min(at) FILTER (WHERE certainty = 0 AND is_click) AS clicked
      FROM unnest(%(campaigns)s::bigint[], %(contacts)s::bigint[], %(ats)s::timestamptz[], %(certainties)s::int[],
        %(clicks)s::bool[]) AS u (campaign, contact, at, certainty, is_click) GROUP BY 1, 2) AS x
WHERE d.workspace_id = %(workspace)s AND d.campaign_id = x.campaign AND d.contact_id = x.contact
"""


@handler("campaigns.open")
def take_opens(workspace: Workspace, items: list[dict[str, Any]]) -> None:
    """Write down opens. May be repeated."""
    _take(workspace, [_sign(item) for item in items])


@handler("campaigns.click")
def take_clicks(workspace: Workspace, items: list[dict[str, Any]]) -> None:
    """Write down clicks. May be repeated."""
    _take(workspace, [_sign(item) for item in items])


def _take(workspace: Workspace, signs: Sequence[Sign]) -> None:
    campaigns = Campaign.objects.in_bulk({sign.campaign_id for sign in signs})
    sent_at = {
        (campaign, contact): at
        for campaign, contact, at in Delivery.objects.filter(
            campaign__in=campaigns, contact__in={sign.contact_id for sign in signs}
        ).values_list("campaign_id", "contact_id", "sent_at")
    }
    known = [sign for sign in signs if sign.who in sent_at]  # erased meanwhile, or a campaign that is gone
    if not known:
        return
    counted = TrackedLink.objects.filter(campaign_id__in=campaigns).values_list("campaign_id")
    verdicts = tell_apart(known, sent_at, dict(counted.annotate(count=Count("pk"))))
    for campaign_id, campaign in campaigns.items():
        facts = [
            _fact(sign, certainty, reason)
            for sign, (certainty, reason) in zip(known, verdicts, strict=True)
            if sign.campaign_id == campaign_id and sign.link != HONEYPOT
        ]
        if facts:
            record(facts, source=campaign_source(campaign))
    _note(workspace, known, [certainty for certainty, _reason in verdicts])


def _note(workspace: Workspace, signs: Sequence[Sign], certainties: Sequence[int]) -> None:
    run_text(
        NOTE,
        {
            "workspace": workspace.pk,
            "campaigns": [sign.campaign_id for sign in signs],
            "contacts": [sign.contact_id for sign in signs],
            "ats": [sign.at for sign in signs],
            "certainties": list(certainties),
            "clicks": [sign.link is not None for sign in signs],
        },
    )


def _fact(sign: Sign, certainty: int, reason: str) -> Fact:
    """One fact a minute and link: who reloads a page has not read it twice."""
    minute = int(sign.at.timestamp() // 60)
    kind = "opened" if sign.link is None else "clicked"
    link = "" if sign.link is None else f":{sign.link}"
    return Fact(
        kind=kind,
        external_id=f"{kind}:{sign.contact_id}{link}:{minute}:{certainty}",
        occurred_at=sign.at,
        contact_id=sign.contact_id,
        campaign_id=sign.campaign_id,
        certainty=certainty,
        payload={"reason": reason} | ({} if sign.link is None else {"link": sign.link}),
    )


def _sign(item: dict[str, Any]) -> Sign:
    at: datetime = parse_datetime(item["at"]) or now()
    return Sign(item["campaign"], item["contact"], at, item["agent"], bool(item["head"]), item.get("link"))
