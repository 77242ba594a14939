"""What every figure counts: the text of the Metrics page, and the anchors that "How it is counted" leads to.

Formulas, thresholds and spans come from the modules that compute with them; a sentence here is a promise of theirs.
"""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backstage.metrics_scores import SCORES, Figure, Word
from campaigns.comparing import FEWEST
from campaigns.list_figures import ORDERED_WITHIN
from campaigns.objectives import Metric
from conversations.service_levels.sla_clock import PRIVATE_MINUTES, PUBLIC_MINUTES
from delivery.tracking.bot_detection import TOO_FAST

_DELIVERIES = _("The campaign’s deliveries and the moments they caused.")

CAMPAIGN = (
    Figure(
        "reach",
        _("Recipients"),
        _("People of the segment whom the gate lets through; the others are counted by the first reason."),
        "in the segment − excluded",
        _DELIVERIES,
        _("When the audience is fixed, and once more as each email goes out."),
    ),
    Figure("sent", _("Sent"), _("Emails that the mail server accepted."), "count", _DELIVERIES, _("As it goes out.")),
    Figure(
        "delivered",
        _("Delivered"),
        _("Sent and not bounced."),
        "sent − bounced",
        _DELIVERIES,
        _("Each bounce takes one off."),
    ),
    Figure(
        "opened",
        _("Opened by people"),
        format_lazy(
            _(
                "Each person once. Opens by privacy proxies, link scanners and within {seconds} seconds are machines and stand "
                "apart; what we cannot tell is “not sure”. Whoever does not let us measure opens is in neither number."
            ),
            seconds=f"{TOO_FAST.total_seconds():g}",
        ),
        "people who opened / delivered to people who let us measure",
        _DELIVERIES,
        _("Within seconds of the open."),
    ),
    Figure(
        "clicked",
        _("Clicked by people"),
        _("Each person once, machines apart."),
        "people who clicked / delivered to people who let us measure",
        _DELIVERIES,
        _("Within seconds of the click."),
    ),
    Figure(
        "left",
        _("Unsubscribed, complained"),
        _("Who unsubscribed by this email; who marked it as spam."),
        "unsubscribed / sent,  spam complaints / sent",
        _DELIVERIES,
        _("At once."),
    ),
    Figure(
        "in-doubt",
        _("Unknown outcome"),
        _("A machine stopped while sending to these recipients. They are not sent to again by themselves."),
        "leased, never reported",
        _DELIVERIES,
        _("When the lease runs out."),
    ),
    Figure(
        "effect",
        _("Did it change anything?"),
        format_lazy(
            _(
                "The share of people who bought within {hours} hours, among those reached, minus that among the holdout, with "
                "its 95 % interval. Too early before that time is over or with fewer than {fewest} people in either group; "
                "no effect is shown while the interval holds zero."
            ),
            hours=f"{ORDERED_WITHIN.total_seconds() / 3600:g}",
            fewest=FEWEST,
        ),
        "p₁ − p₀, Newcombe’s interval of two Wilson intervals",
        _DELIVERIES,
        _("When you look."),
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
        "late",
        _("Late"),
        format_lazy(
            _(
                "Waiting longer than the SLA: {public} working hours in public, {private} in private (the same time on the next "
                "working day). Automatic answers do not stop the clock."
            ),
            public=f"{PUBLIC_MINUTES / 60:g}",
            private=f"{PRIVATE_MINUTES / 60:g}",
        ),
        "now > their word + SLA, in working hours",
        _("Mentions and replies."),
        _("Now."),
    ),
    Figure(
        "sentiment",
        _("Sentiment"),
        _(
            "Positive, negative, neutral; unclear where the language is not spoken or the words are mixed. A correction by "
            "hand wins, and scores, charts and segments follow at once."
        ),
        "the engine’s sign, −1 to 1",
        _("The words of the mention."),
        _("When it comes in, when it is edited, and when corrected."),
    ),
)

AUDIENCE = (
    Figure(
        "channels",
        _("Channels, both ways"),
        _("Moments from them and from us, by channel."),
        "count by channel and direction",
        _("Day counts."),
        _("With each batch that comes in, and with each correction."),
    ),
    Figure(
        "movers",
        _("Up and down"),
        _("Level moves of the last four weeks, up and down."),
        "count of level moves",
        _("The log of level moves."),
        _("Within a minute."),
    ),
    Figure(
        "retention",
        _("Who came back"),
        _("Of those who bought first in a month, the share that bought again in each month after."),
        "bought again / first-time buyers",
        _("Purchases."),
        _("When you look."),
    ),
    Figure(
        "segment-size",
        _("People in a segment"),
        _("Those for whom the rule is true."),
        "count",
        _("Contacts, scores, moments."),
        _("Within seconds of a change, hourly where time alone can change it, and while you edit."),
    ),
)

_REACHED = _("What those whom the programme reaches or holds out did, machines left aside, as corrected.")
_NIGHTLY = _("Each night at a quarter past three, up to midnight; the first time for the last twelve weeks too.")

PROGRAMMES = (
    Figure(
        "programme-people",
        _("Whom a programme reaches"),
        _("Who plays its role and, where it has a topic, consented to that topic by email."),
        "count",
        _("Roles and consents."),
        _NIGHTLY,
    ),
    *(
        Figure(f"programme-{metric.value}", metric.label, says, formula, _REACHED, _NIGHTLY)
        for metric, says, formula in (
            (Metric.VALUE, _("What they bought less refunds, for each person."), "(Σ bought − Σ refunds) / people"),
            (Metric.PURCHASES, _("The share that bought at least once."), "people who bought / people"),
            (Metric.USAGE, _("Pages, visits and screens, for each 100 people."), "100 × visits / people"),
            (
                Metric.INTERACTION,
                _("What they said, asked or filled in, for each 100 people."),
                "100 × answers and questions / people",
            ),
            (Metric.PERCEPTION, _("The mean sentiment of what they said."), "Σ sentiment / moments with a sentiment"),
        )
    ),
    Figure(
        "programme-lift",
        _("What a programme changed"),
        _(
            "Those for whom its offers were planned with this holdout against those in it, since the first offer to each: "
            "Newcombe’s interval for who bought, Welch’s for everything else. Too early below 100 people in a group or before "
            "the days of its metric have passed."
        ),
        "mean of those it is for − mean of those held out",
        _("Deliveries, and what these people did, machines left aside, as corrected."),
        _("At once; of a programme that writes to many, every quarter of an hour."),
    ),
    Figure(
        "all-offers-lift",
        _("What all offers together changed"),
        _(
            "Those for whom any offer was planned against the workspace’s own holdout, who get none, since the first offer to "
            "each: Newcombe’s interval for who bought, Welch’s for what each bought. Too early below 100 people in a group or "
            "before 28 days."
        ),
        "share that bought − share that bought of those held out",
        _("Deliveries, and what these people bought, as corrected."),
        _("Each night."),
    ),
    Figure(
        "programme-return",
        _("What a programme brought"),
        _(
            "The difference in what each person bought, times the people whom its offers were for, for each unit it cost."
        ),
        "(mean bought − mean bought of those held out) · people / cost",
        _("The same, prices of senders, costs that a person entered."),
        _("With the lift."),
    ),
)

PEOPLE = (
    Figure(
        "interest",
        _("Interest"),
        _(
            "Clicks count 2, purchases 5, pages 0.3, by the tags of what was clicked, bought or seen; one kind counts three "
            "times a day at most. From 0.5 a little, from 3 clearly, from 8 strongly. The person’s own word goes before it."
        ),
        "Σ weight · min(3, log2(1 + n)) · 2^(−days / 60)",
        _("The ledger of touchpoints, as corrected."),
        _("As it happens; after a rule for pages changed, within minutes."),
    ),
    Figure(
        "relevance",
        _("Relevance"),
        _(
            "Of the messages sent to a person in the last 90 days those by which they clicked, answered or bought. Opens count "
            "for nothing."
        ),
        "messages that mattered / messages sent",
        _("The ledger of touchpoints, as corrected."),
        _("On a contact page at once, elsewhere every few minutes."),
    ),
)

FIGURES: tuple[tuple[str, Word, tuple[Figure, ...]], ...] = (
    ("scores", _("The four I’s and what is made of them"), SCORES),
    ("interests", _("Interests and relevance"), PEOPLE),
    ("programmes", _("A programme"), PROGRAMMES),
    ("campaigns", _("A campaign"), CAMPAIGN),
    ("answering", _("Answering"), ANSWERING),
    ("audience", _("The audience"), AUDIENCE),
)
