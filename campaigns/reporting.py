"""What a campaign's page shows: how far it is, what became of whom, who read and clicked, what it changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from campaigns.list_figures import NO_LINE, ORDERED_WITHIN, RESULTS, lines_now
from campaigns.models import Campaign
from consent.tracking import may_measure_params, may_measure_sql
from deliverability.providers import whose_sql
from delivery.models import Delivery, Message
from delivery.pace.rationing import WARMING_UP, held_back
from lib.clock import now
from lib.sql import load_sql, numbers_of, run_dicts, run_text
from touchpoints.kinds import KINDS
from workspaces.current import current_workspace_id
from workspaces.kept_figures import FRESH_FOR, Kept, kept_figure

State = Delivery.State
REASONS = {
    "holdout": _("In the control group"),
    "same_address": _("Another person has the same address"),
    "merged": _("Turned out to be somebody else on the list"),
    "erased": _("Erased at their wish"),
    "complaint": _("Marked an email as spam"),
    "bounce": _("Address does not work"),
    "objection": _("Want nothing from us at all"),
    "blocked": _("Blocked by us"),
    "no_address": _("We have no address"),
    "address_letters": _("Address with letters that the sender’s server is not known to take"),
    "no_consent": _("No consent"),
    "topic_off": _("Said no to this"),
    "channel_off": _("This way is closed"),
    "paused": _("Paused by themselves"),
    "open_complaint": _("Open complaint"),
    "frequency": _("Their contact frequency says less"),
    "cap": _("Had enough emails lately"),
    "window": _("Did not write on WhatsApp within 24 hours"),
    "template_state": _("WhatsApp does not let this template go out"),
    "no_rcs": _("Their phone has no RCS"),
    "missing_field": _("A field is missing, no stand-in"),
    "render_error": _("The email could not be written for them"),
    "too_long": _("The letter would be longer than four pages"),
    "quiet": _("Night at their place: held until 8 o’clock"),
    "asked_to_wait": _("Their mailbox asked us to wait"),
    "unknown": _("Nobody knows whether it arrived: sent again soon"),
    WARMING_UP: _("The sender warms up: they get it on one of the next days"),
    "codes_gone": _("No code was left for them"),
    "offer_over": _("The offer was over"),
    "throttled": _("Their mailbox provider takes fewer at a time"),
}
NEVER_SEEN = "d.opened_at IS NULL AND d.unsure_opened_at IS NULL AND d.machine_opened_at IS NULL"
IS_UNMEASURED = f"{NEVER_SEEN} AND NOT {may_measure_sql('d.contact_id')}"
KINDS_HERE = {"clicked_kind": KINDS["clicked"].code, "purchase_kind": KINDS["purchase"].code}
COUNTED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of people of one campaign."""

    planned: int
    sent: int
    waiting: int
    deferred: int
    failed: int
    excluded: int
    in_doubt: int
    cancelled: int
    opened: int
    unsure: int
    machines: int
    clicked: int
    bounced: int
    unsubscribed: int
    complained: int
    unmeasured: int
    units: int = 0

    @property
    def arrived(self) -> int:
        """Handed over, and not come back."""
        return self.sent - self.bounced

    @property
    def not_opened(self) -> int:
        """Arrived where opens are measured, and nobody has fetched a picture."""
        return max(0, self.arrived - self.unmeasured - self.opened - self.unsure - self.machines)

    @property
    def measured(self) -> int:
        """Arrived at people of whom we may see, or saw, whether they opened it."""
        return max(0, self.arrived - self.unmeasured)

    @property
    def may_be_written_to(self) -> int:
        """Planned and not excluded so far."""
        return self.planned - self.excluded

    @property
    def left(self) -> int:
        """Whom nothing is known of yet."""
        return max(0, self.may_be_written_to - self.sent - self.failed - self.in_doubt - self.cancelled)


class ProviderFigures(NamedTuple):
    """People of a campaign whose mailboxes one provider keeps. `key`: as in lib/mail_providers.py."""

    key: str
    sent: int
    waiting: int
    refused: int
    opened: int


@dataclass(frozen=True, slots=True)
class Results:
    """What became of a campaign's people, why some were not written to, who ordered, by provider; and when it was counted."""

    figures: Figures
    reasons: list[dict[str, Any]]
    outcome: dict[str, Any] | None
    providers: list[ProviderFigures]
    counted_at: datetime | None = None


def results_of(campaign: Campaign) -> Results:
    """Counted now; of a big campaign what is kept, a minute old at most while it is sent."""
    kept = _kept(campaign)
    if kept is None:
        return Results(figures_of(campaign), reasons_of(campaign), outcome_of(campaign), providers_of(campaign))
    outcome = kept.data["outcome"]
    if outcome is not None and campaign.message.planned_at:
        outcome = {**outcome, "verdict_at": campaign.message.planned_at + ORDERED_WITHIN}
    providers = [ProviderFigures(*one) for one in kept.data["providers"]]
    return Results(
        Figures(**kept.data["figures"]), _in_words(kept.data["reasons"]), outcome, providers, counted_at=kept.at
    )


def figures_by_now(campaign: Campaign) -> Figures:
    """The counts alone, as far as they are known without waiting."""
    kept = _kept(campaign)
    return Figures(**kept.data["figures"]) if kept else figures_of(campaign)


def _kept(campaign: Campaign) -> Kept | None:
    message = campaign.message
    if message.planned_count <= COUNTED_AT_ONCE:
        return None
    is_open = message.state in {Message.State.SENDING, Message.State.PLANNING, Message.State.PAUSED}
    return kept_figure(RESULTS, campaign.pk, fresh_for=timedelta(minutes=1) if is_open else FRESH_FOR)


def results_now(campaign_id: int) -> dict[str, Any] | None:
    """The results of one campaign as JSON holds them; None where it is gone."""
    campaign = Campaign.objects.select_related("message").filter(pk=campaign_id).first()
    if campaign is None:
        return None
    outcome = outcome_of(campaign)
    return {
        "figures": asdict(figures_of(campaign)),
        "reasons": [[one["code"], one["count"]] for one in reasons_of(campaign)],
        "outcome": {key: value for key, value in outcome.items() if key != "verdict_at"} if outcome else None,
        "providers": [list(one) for one in providers_of(campaign)],
        "line": list(lines_now([campaign]).get(campaign.pk, NO_LINE)),
    }


def figures_of(campaign: Campaign) -> Figures:
    """All counts in one statement."""
    (row,) = run_dicts(
        load_sql("campaigns/figures", is_unmeasured=IS_UNMEASURED),
        numbers_of(State)
        | may_measure_params()
        | {"workspace": current_workspace_id(), "message": campaign.message_id},
    )
    return Figures(planned=campaign.message.planned_count, **row)


def reasons_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Why people were not written to, most first: code, words, count."""
    rows = Delivery.objects.filter(message=campaign.message_id, state__in=[State.EXCLUDED, State.DEFERRED]).values(
        "reason"
    )
    counted = [(row["reason"], row["count"]) for row in rows.annotate(count=Count("pk"))]
    held = [(WARMING_UP, held_back(campaign.message))]
    every = sorted(counted + [one for one in held if one[1]], key=lambda one: (-one[1], one[0]))
    return _in_words(every)


def providers_of(campaign: Campaign) -> list[ProviderFigures]:
    """Who keeps the mailboxes of those it was tried with, most first. Nothing for what is no email."""
    whose, params = whose_sql("d.address")
    rows = run_text(
        f"SELECT {whose}, count(*) FILTER (WHERE state = %(sent)s) AS sent,"
        " count(*) FILTER (WHERE state = %(deferred)s), count(*) FILTER (WHERE state = %(failed)s OR bounced_at IS NOT NULL),"
        " count(opened_at) FROM delivery_delivery d WHERE workspace_id = %(workspace)s AND message_id = %(message)s"
        " AND state IN (%(sent)s, %(deferred)s, %(failed)s, %(in_doubt)s) AND address LIKE '%%@%%'"
        " GROUP BY 1 ORDER BY 2 DESC, 1",
        numbers_of(State) | params | {"workspace": current_workspace_id(), "message": campaign.message_id},
    )
    return [ProviderFigures(*row) for row in rows]


def _in_words(counted: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [{"code": code, "text": REASONS.get(code, code), "count": count} for code, count in counted]


def links_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Each link with the people and the machines who followed it, and the people who ordered within 72 h of it."""
    return run_dicts(
        load_sql("campaigns/links", facts=load_sql("touchpoints/facts")),
        KINDS_HERE
        | {
            "workspace": current_workspace_id(),
            "message": campaign.message_id,
            "since": campaign.message.planned_at or now(),
            "within": ORDERED_WITHIN,
        },
    )


def outcome_of(campaign: Campaign) -> dict[str, Any] | None:
    """Who ordered within 72 hours, of those reached and of the control group; None before it is planned."""
    if not campaign.message.planned_at:
        return None
    since: datetime = campaign.message.planned_at
    (row,) = run_dicts(
        load_sql("campaigns/outcome", facts=load_sql("touchpoints/facts")),
        numbers_of(State)
        | KINDS_HERE
        | {
            "workspace": current_workspace_id(),
            "message": campaign.message_id,
            "since": since,
            "until": since + ORDERED_WITHIN,
        },
    )
    return {**row, "verdict_at": since + ORDERED_WITHIN}
