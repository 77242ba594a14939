"""The shipped model: what each kind of touchpoint is worth, and for how long.

Involvement, interaction, intimacy, influence after Haven (Forrester 2007); weights and half-lives as measured on
real purchase histories.
"""

from typing import Any

from contacts.models import Audience
from engagement.formula import HALF_LIVES, Mode, scale_showing_fifty
from engagement.four import OF_TARGET, Target
from touchpoints.kinds import KINDS

INVOLVEMENT, INTERACTION, WARM, COLD, INFLUENCE = Target
CONSTANT, BY_VALUE, BY_WARMTH, BY_COLDNESS, BY_REACH = Mode
SHORT, LONG = 0, 1

# kind, target, weight, which half-life, mode
_WEIGHTS: list[tuple[str, Target, float, int, Mode]] = [
    ("visit", INVOLVEMENT, 1, SHORT, CONSTANT),
    ("screen", INVOLVEMENT, 1, SHORT, CONSTANT),
    ("page", INVOLVEMENT, 0.3, SHORT, CONSTANT),
    ("ad_click", INVOLVEMENT, 0.5, SHORT, CONSTANT),
    ("opened", INVOLVEMENT, 0.2, SHORT, CONSTANT),
    ("clicked", INVOLVEMENT, 2, SHORT, CONSTANT),
    ("purchase", INVOLVEMENT, 5, LONG, BY_VALUE),
    ("event_visit", INVOLVEMENT, 4, LONG, CONSTANT),
    ("shop_visit", INVOLVEMENT, 4, LONG, CONSTANT),
    ("meeting", INVOLVEMENT, 4, LONG, CONSTANT),
    ("code_used", INVOLVEMENT, 4, LONG, CONSTANT),
    ("signed_up", INVOLVEMENT, 2, LONG, CONSTANT),
    ("reply", INTERACTION, 3, SHORT, CONSTANT),
    ("comment", INTERACTION, 3, SHORT, CONSTANT),
    ("message", INTERACTION, 3, SHORT, CONSTANT),
    ("mention", INTERACTION, 3, SHORT, CONSTANT),
    ("call", INTERACTION, 3, SHORT, CONSTANT),
    ("chat", INTERACTION, 3, SHORT, CONSTANT),
    ("meeting", INTERACTION, 3, SHORT, CONSTANT),
    ("answer", INTERACTION, 1.5, SHORT, CONSTANT),
    ("called", INTERACTION, 1.5, SHORT, CONSTANT),
    ("question", INTERACTION, 3, LONG, CONSTANT),
    ("callback_request", INTERACTION, 3, LONG, CONSTANT),
    ("form", INTERACTION, 3, LONG, CONSTANT),
    ("survey", INTERACTION, 3, LONG, CONSTANT),
    ("preference", INTERACTION, 3, LONG, CONSTANT),
    ("idea", INTERACTION, 4, LONG, CONSTANT),
    ("community_post", INTERACTION, 4, LONG, CONSTANT),
    ("review", INTERACTION, 4, LONG, CONSTANT),
    *[
        (kind, target, 2, SHORT, mode)
        for kind in ("mention", "message", "reply", "comment", "chat", "call")
        for target, mode in ((WARM, BY_WARMTH), (COLD, BY_COLDNESS))
    ],
    *[
        (kind, target, 4, LONG, mode)
        for kind in ("review", "rating", "nps")
        for target, mode in ((WARM, BY_WARMTH), (COLD, BY_COLDNESS))
    ],
    ("complaint", COLD, 3, SHORT, CONSTANT),
    ("resolved", WARM, 4, SHORT, CONSTANT),
    ("preference_shared", WARM, 2, LONG, CONSTANT),
    ("unsubscribed", COLD, 6, LONG, CONSTANT),
    ("complained", COLD, 12, LONG, CONSTANT),
    ("share", INFLUENCE, 3, SHORT, BY_REACH),
    ("user_content", INFLUENCE, 5, SHORT, BY_REACH),
    ("mention", INFLUENCE, 1, SHORT, BY_REACH),
    ("referral", INFLUENCE, 8, LONG, BY_REACH),
    ("nps", INFLUENCE, 2, LONG, BY_REACH),
]

# raw at which a score shows 50, by I, for each kind of business; under 200 contacts the preset stands
PRESETS: dict[str, dict[str, float]] = {
    "everyday": {"involvement": 12.0, "interaction": 5.0, "intimacy": 2.5, "influence": 4.0},
    "shop": {"involvement": 9.0, "interaction": 4.0, "intimacy": 2.0, "influence": 3.5},
    "service": {"involvement": 6.0, "interaction": 6.0, "intimacy": 2.5, "influence": 3.5},
    "membership": {"involvement": 10.0, "interaction": 6.0, "intimacy": 3.0, "influence": 5.0},
}

# involvement, interaction, intimacy, influence
MIXES: dict[int, tuple[float, float, float, float]] = {
    Audience.CUSTOMER: (0.40, 0.25, 0.20, 0.15),
    Audience.PROSPECT: (0.50, 0.30, 0.10, 0.10),
    Audience.INFLUENCER: (0.10, 0.30, 0.20, 0.40),
    Audience.EMPLOYEE: (0.20, 0.40, 0.15, 0.25),
    Audience.CRITIC: (0.10, 0.40, 0.30, 0.20),
}


def shipped_weights() -> list[dict[str, Any]]:
    """The table above as rows of a ScoreModel: kind (code), target, weight, half_life (days), sum (0-9), mode."""
    return [
        {
            "kind": KINDS[kind].code,
            "target": int(target),
            "weight": float(weight),
            "half_life": HALF_LIVES[target][which],
            "sum": int(target) * 2 + which,
            "mode": int(mode),
        }
        for kind, target, weight, which, mode in _WEIGHTS
    ]


def shipped_scales(preset: str = "shop") -> dict[str, dict[str, float]]:
    """K by audience and I: shown = 50 at raw = preset, so K = preset / ln 2."""
    scale = {name: scale_showing_fifty(raw) for name, raw in PRESETS[preset].items()}
    return {str(int(role)): dict(scale) for role in Audience}


def shipped_mixes() -> dict[str, list[float]]:
    """How much each I counts in the overall score, by audience."""
    return {str(int(role)): list(mix) for role, mix in MIXES.items()}


def feeds() -> dict[int, tuple[str, ...]]:
    """Which of the four I's each kind feeds, by code: the signs on the timeline."""
    fed: dict[int, list[str]] = {}
    for kind, target, *_rest in _WEIGHTS:
        name, row = OF_TARGET[target].name, fed.setdefault(KINDS[kind].code, [])
        if name not in row:
            row.append(name)
    return {code: tuple(row) for code, row in fed.items()}
