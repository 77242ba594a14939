"""What the four I's and all that is made of them count, for the Metrics page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from engagement.formula import FORMULAS
from engagement.levels import ADVOCATE_INFLUENCE, GRACE, KNOWN, THRESHOLDS, YOUNG_DAYS
from engagement.modelling import FEW
from engagement.reading import STANCE_FROM

type Word = str | Promise


@dataclass(frozen=True)
class Figure:
    """One figure. `slug` is its anchor: /metrics-explained/#<slug>."""

    slug: str
    name: Word
    counts: Word
    formula: str
    source: Word
    when: Word


_AT_ONCE = _("As each moment comes in or is corrected; fading is computed when you look.")
_LEDGER = _("The ledger of touchpoints, as corrected.")
_LEVELS = ", ".join(f"{level.name.lower()} ≥ {THRESHOLDS[level]:g}" for level in KNOWN)

SCORES = (
    Figure(
        "involvement",
        _("Involvement"),
        _("Reading, visiting, buying. 0 to 100."),
        f"{FORMULAS['shown']},  {FORMULAS['raw']}",
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "interaction",
        _("Interaction"),
        _("Talking with you, both ways. 0 to 100."),
        FORMULAS["shown"],
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "intimacy",
        _("Intimacy"),
        _("How they feel. −100 to 100: a warm sum and a cold sum are kept apart, so mixed feelings show."),
        FORMULAS["signed"],
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "influence",
        _("Influence"),
        _(
            "How far their voice reaches. Never below zero; for or against is the stance. What they say in public counts "
            "more the more people followed them at that time."
        ),
        f"{FORMULAS['shown']},  weight · {FORMULAS['reach']}",
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "day",
        _("u: one day of one kind"),
        _(
            "Many moments of a kind on one day count less than as many days: 200 opens in a row are no love. W adds up "
            "the moments’ own factors: the value of a purchase, what was said, its reach; else 1."
        ),
        FORMULAS["day"],
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "value",
        _("The factor of a purchase"),
        _("A purchase counts more by its value, measured against the median that your model names."),
        FORMULAS["value"],
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "scale",
        _("K: what fifty means"),
        format_lazy(
            _(
                "A constant of your model’s version: that of your kind of business or, where an audience had {few} people "
                "when it was measured, the one by which a quarter of its active people stood above 50."
            ),
            few=FEW,
        ),
        FORMULAS["scale"],
        _("The model; measured: all active people of the audience."),
        _("When the model is made or measured; it stands still in between."),
    ),
    Figure(
        "overall",
        _("Overall"),
        _(
            "The four I’s mixed by audience; never shown without its four bars. Negative intimacy counts as nothing here. "
            "Who plays several roles is mixed as customer, employee, influencer, critic, prospect, in this order."
        ),
        FORMULAS["overall"],
        _("The four I’s."),
        _AT_ONCE,
    ),
    Figure(
        "level",
        _("Level"),
        format_lazy(
            _(
                "By overall. Advocate: champion with influence of {advocate} or more. On the way down {grace} points of grace, "
                "half the threshold where that is less. Under {days} days of data: unknown."
            ),
            advocate=f"{ADVOCATE_INFLUENCE:g}",
            grace=f"{GRACE:g}",
            days=YOUNG_DAYS,
        ),
        _LEVELS,
        _("Overall."),
        _("Within a minute of crossing, also when only time passes."),
    ),
    Figure(
        "heat",
        _("Hottest now"),
        _("One sum over everything, so that people can be put in one order."),
        FORMULAS["heat"],
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "stance",
        _("Stance"),
        _("For, mixed or against, by intimacy."),
        f"for ≥ {STANCE_FROM},  against ≤ −{STANCE_FROM},  else mixed",
        _("Intimacy."),
        _AT_ONCE,
    ),
    Figure(
        "snapshots",
        _("The four I’s over time"),
        _(
            "The mean of each score over everybody whose overall is at least 0.5, at the start of a day. A corrected moment "
            "mends the days of the last twelve weeks; one that comes late is counted from the next night on."
        ),
        "Σ score / active people",
        _("Scores."),
        _("Each night, and soon after a correction."),
    ),
)
