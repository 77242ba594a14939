"""What a campaign that is not sent yet still lacks, as questions; when how many get it; what changed since it was approved."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.checking.findings import Check
from campaigns.models import Campaign
from campaigns.reporting import REASONS
from delivery.models import Content
from lib.clock import now
from lib.local_words import date_format
from lib.signs import Text

# part → (the question, where it is answered: "" by its form on the page)
QUESTIONS: Mapping[str, tuple[Text, str]] = {
    "segment": (gettext_lazy("Who gets it?"), ""),
    "words": (gettext_lazy("What does the subject say?"), ""),
    "email": (gettext_lazy("What does the email say?"), "email"),
    "sender": (gettext_lazy("Who does it come from?"), ""),
    "topic": (gettext_lazy("What did people ask for?"), ""),
    "address": (gettext_lazy("Where is your brand at home?"), "address"),
}
USUAL_SHARE = 0.03  # of people who order, to say what a holdout of some size can show


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is missing. `why` as the check says it; `place` names the page where it is answered, "" here."""

    part: str
    title: Text
    why: str
    place: str


def questions_of(check: Check) -> list[Question]:
    """What is missing, in the order in which it is asked."""
    why = {part: text for text, part in check.asks.items()}
    return [Question(part, title, why[part], place) for part, (title, place) in QUESTIONS.items() if part in why]


def faults_of(check: Check) -> list[str]:
    """What stands in the way and is no question: it is mended in the email or elsewhere.

    That nobody may be written to is none as long as the question stands that decides it.
    """
    parts = set(check.asks.values())
    asked = parts if "topic" in parts else parts - {"nobody"}
    return [text for text in check.blocks if check.asks.get(text) not in asked]


def writing_page(campaign: Campaign) -> str:
    """The name of the page where its email is written."""
    content = campaign.message.content
    if content.body_format != Content.Format.BLOCKS:
        return "campaigns:edit"
    return "campaigns:email" if content.blocks else "campaigns:begin"


def moment_of(campaign: Campaign) -> datetime | None:
    """When it goes out or is meant to, None for a moment that has gone by or was never said."""
    at = campaign.message.scheduled_at or campaign.intended_at
    return at if at and at > now() else None


def plan_of(check: Check) -> list[tuple[str, int]]:
    """When how many get it."""
    rows = [(_("Now"), 0 if check.at else check.at_once)]
    if check.at:
        rows.append((date_format(localtime(check.at), "j M, H:i"), check.at_once))
    if check.later:
        rows.append((_("At 8 o’clock where they are"), check.later))
    return rows


def changes_since(campaign: Campaign, check: Check) -> dict[str, Any] | None:
    """What is otherwise than when it was approved, with its causes; None where nothing is, or nothing was kept."""
    expected = campaign.expected
    if not expected or check.is_part:
        return None
    counts = {one["code"]: one["count"] for one in check.reasons}
    before = expected.get("reasons", {})
    causes = [
        (str(REASONS.get(code, code)), counts.get(code, 0) - before.get(code, 0))
        for code in sorted({*counts, *before})
        if counts.get(code, 0) != before.get(code, 0)
    ]
    more = check.reachable - expected.get("people", 0)
    moved = more + sum(count for _text, count in causes)
    causes += [(_("In the segment"), moved)] if moved else []
    at = datetime.fromisoformat(expected["at"])
    return {"more": more, "fewer": -more, "at": at, "causes": causes} if more or causes else None


def holdout_choices(check: Check, percents: list[int]) -> list[dict[str, Any]]:
    """What each share holds out of those who would get it, and the smallest difference in points that it would show.

    The difference that is seen in 4 of 5 cases at 95 %, where 3 % order: (1.96 + 0.84) · √(p · (1 − p) · (1/a + 1/b)).
    """
    held_now = next((one["count"] for one in check.reasons if one["code"] == "holdout"), 0)
    people = check.of_all(check.reachable + held_now)
    found = []
    for percent in percents:
        held = round(people * percent / 100)
        points = None
        if held and people > held:
            spread = USUAL_SHARE * (1 - USUAL_SHARE) * (1 / held + 1 / (people - held))
            points = 280 * math.sqrt(spread)
        found.append({"percent": percent, "held": held, "points": points})
    return found
