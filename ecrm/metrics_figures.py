"""What every figure counts: the text of the Metrics page, and the anchors that "How it is counted" leads to."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


_AT_ONCE = _("As each moment comes in; fading is computed when you look.")
_LEDGER = _("The ledger of touchpoints.")
_DELIVERIES = _("The campaign’s deliveries and the moments they caused.")

SCORES = (
    Figure(
        "involvement",
        _("Involvement"),
        _("Reading, visiting, buying. 0 to 100."),
        "100 · (1 − exp(−raw / K)),  raw = Σ u · 2^(−days / half-life)",
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "interaction",
        _("Interaction"),
        _("Talking with you, both ways. 0 to 100."),
        "100 · (1 − exp(−raw / K))",
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "intimacy",
        _("Intimacy"),
        _("How they feel. −100 to 100: a warm sum and a cold sum are kept apart, so mixed feelings show."),
        "±100 · (1 − exp(−|warm − cold| / K))",
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "influence",
        _("Influence"),
        _("How far their voice reaches. Never below zero; for or against is the stance."),
        "100 · (1 − exp(−raw / K)),  weight · log10(10 + followers)",
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "day",
        _("u: one day of one kind"),
        _("Many moments of a kind on one day count less than as many days: 200 opens in a row are no love."),
        "u = (W / n) · min(3, log2(1 + n))",
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "scale",
        _("K: what fifty means"),
        _(
            "A quarter of the active people of an audience stands above 50. Under "
            "200 people the shipped K of your kind of business is used. When K is measured again, nobody changes level "
            "by it."
        ),
        "K = Q₃(raw) / ln 2",
        _("All active people of the audience."),
        _("With each new version of the model."),
    ),
    Figure(
        "overall",
        _("Overall"),
        _(
            "The four I’s mixed by audience; never shown without its four bars. Negative "
            "intimacy counts as nothing here."
        ),
        "Σ mix · score,  max(0, intimacy)",
        _("The four I’s."),
        _AT_ONCE,
    ),
    Figure(
        "level",
        _("Level"),
        _(
            "Dormant under 5, aware under 20, warm under 40, engaged under 60, loyal under 80, "
            "champion. Advocate: champion with influence of 40 or more. On the way down 5 points of grace. "
            "Under 30 days of data: unknown."
        ),
        "overall → level, 5 points of hysteresis",
        _("Overall."),
        _("Within a minute of crossing, also when only time passes."),
    ),
    Figure(
        "heat",
        _("Hottest now"),
        _("One sum over everything, so that people can be put in one order."),
        "Σ u · 2^(−days / 30)",
        _LEDGER,
        _AT_ONCE,
    ),
    Figure(
        "stance",
        _("Stance"),
        _("For, mixed or against, from the warm and the cold sum."),
        "warm against cold",
        _("Intimacy’s two sums."),
        _AT_ONCE,
    ),
)

CAMPAIGN = (
    Figure(
        "reach",
        _("May be written to"),
        _("People of the segment whom the gate lets through; the others are counted by the first reason."),
        "in the segment − kept back",
        _DELIVERIES,
        _("While the audience is planned."),
    ),
    Figure(
        "handed-over",
        _("Handed over"),
        _("Letters the mail server took."),
        "accepted / may be written to",
        _DELIVERIES,
        _("As it goes out."),
    ),
    Figure(
        "arrived",
        _("Arrived"),
        _("Handed over and not come back."),
        "(handed over − bounced) / handed over",
        _DELIVERIES,
        _("Each bounce takes one off."),
    ),
    Figure(
        "read",
        _("Read by people"),
        _(
            "Each person once. Opens by privacy proxies, link scanners and within 2 seconds "
            "are machines and stand apart; what we cannot tell is “not sure”."
        ),
        "people who opened / arrived",
        _DELIVERIES,
        _("Within seconds of the open."),
    ),
    Figure(
        "clicked",
        _("Clicked by people"),
        _("Each person once, machines apart."),
        "people who clicked / read",
        _DELIVERIES,
        _("Within seconds of the click."),
    ),
    Figure(
        "left",
        _("Left"),
        _("Unsubscribed, or marked the letter as spam."),
        "(unsubscribed + spam) / arrived",
        _DELIVERIES,
        _("At once."),
    ),
    Figure(
        "in-doubt",
        _("Outcome unknown"),
        _("A machine stopped while handing these over. They are not resent."),
        "leased, never reported",
        _DELIVERIES,
        _("When the lease runs out."),
    ),
    Figure(
        "effect",
        _("Did it change anything?"),
        _(
            "The share of buyers among those reached, minus that among those "
            "held back, with its 95 % interval. If the interval holds zero, it is too early to call."
        ),
        "p₁ − p₀ ± 1.96 · √(p₁(1−p₁)/n₁ + p₀(1−p₀)/n₀)",
        _DELIVERIES,
        _("On the check date, and when you look."),
    ),
)

ANSWERING = (
    Figure(
        "waiting",
        _("Waiting for an answer"),
        _("Open conversations whose last word is theirs."),
        "open ∧ last word inward",
        _("Mentions and conversations."),
        _("Now."),
    ),
    Figure(
        "waiting-time",
        _("Waiting time"),
        _(
            "From their word to the first answer of a person; automatic answers do "
            "not stop the clock. The median is shown, because one forgotten question would bend a mean."
        ),
        "median(first answer − their word)",
        _("Mentions and replies."),
        _("With each answer."),
    ),
    Figure(
        "late",
        _("Late"),
        _("Waiting longer than the goal of the channel."),
        "now > their word + goal",
        _("Mentions and replies."),
        _("Now."),
    ),
    Figure(
        "sentiment",
        _("Sentiment"),
        _(
            "Positive, negative, neutral; unclear where the language is not spoken or the "
            "words are mixed. A correction by hand wins, and the scores follow."
        ),
        "engine's sign and confidence",
        _("The words of the mention."),
        _("When it comes in, and when corrected."),
    ),
)

AUDIENCE = (
    Figure(
        "channels",
        _("Channels, both ways"),
        _("Moments from them and from us, by channel."),
        "count by channel and direction",
        _("Day counts."),
        _("With each batch that comes in."),
    ),
    Figure(
        "movers",
        _("Up and down"),
        _("People whose level rose or fell in the period."),
        "count of level moves",
        _("The log of level moves."),
        _("Within a minute."),
    ),
    Figure(
        "retention",
        _("Who came back"),
        _("Of those who bought first in a month, the share that bought again by each month after."),
        "bought again / first-time buyers",
        _("Purchases."),
        _("Each night."),
    ),
    Figure(
        "segment-size",
        _("People in a segment"),
        _("Those for whom the sentence is true now."),
        "count",
        _("Contacts, scores, moments."),
        _("When something it asks about changes, and while you edit."),
    ),
)

FIGURES: tuple[tuple[str, Word, tuple[Figure, ...]], ...] = (
    ("scores", _("The four I’s and what is made of them"), SCORES),
    ("campaigns", _("A campaign"), CAMPAIGN),
    ("answering", _("Answering"), ANSWERING),
    ("audience", _("The audience"), AUDIENCE),
)
