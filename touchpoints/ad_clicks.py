"""Clicks on ads, told by the click ids that ad networks put into the address of the page they lead to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from contacts.channels import Channel
from touchpoints.facts import Fact
from touchpoints.kinds import KINDS

# What each network calls its id, as their documentation names it.
CLICK_IDS: Mapping[str, str] = {
    "gclid": "google",
    "gbraid": "google",
    "wbraid": "google",
    "fbclid": "meta",
    "msclkid": "microsoft",
    "ttclid": "tiktok",
    "li_fat_id": "linkedin",
    "twclid": "x",
}
LONGEST = 500
AD_CLICK = {"ad_click", KINDS["ad_click"].code}


def ad_clicks_in(facts: Sequence[Fact]) -> list[Fact]:
    """A fact of its own for each click id that came with these, once an id: whose page says so clicked the ad."""
    found: dict[str, Fact] = {}
    for fact in facts:
        if fact.kind in AD_CLICK:  # a client that tells the click itself
            continue
        context = fact.payload.get("context")
        campaign = context.get("campaign") if isinstance(context, dict) else None
        if isinstance(campaign, dict) and (clicked := _click_in(fact, campaign)) is not None:
            found.setdefault(clicked.external_id, clicked)
    return list(found.values())


def _click_in(fact: Fact, campaign: Mapping[str, Any]) -> Fact | None:
    for name, network in CLICK_IDS.items():
        value = campaign.get(name)
        if isinstance(value, str) and 0 < len(value) <= LONGEST:
            told = {key: one for key, one in campaign.items() if key not in CLICK_IDS and isinstance(one, str)}
            payload = {"network": network, "click_id": value, **({"campaign": told} if told else {})}
            id_ = f"ad-{name}-{blake2b(value.encode(), digest_size=12).hexdigest()}"
            return replace(fact, kind="ad_click", external_id=id_, channel=Channel.ADS, payload=payload, profile=None,
                value_minor=None, currency=None, sentiment_milli=None, weight_milli=1000, has_foreign_id=True)  # fmt: skip
    return None
