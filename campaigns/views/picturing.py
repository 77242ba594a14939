"""The figures of a campaign's page, made ready for its templates."""

from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.comparing import Difference, compare, percent_held, split_p
from campaigns.models import Campaign
from campaigns.reporting import Figures, ProviderFigures, links_of, results_of
from campaigns.views.going_out import sending_of
from deliverability.providers import BY_KEY
from delivery.models import Message
from delivery.pricing import Cost, cost_of_units
from delivery.senders import carries_words, counts_opens
from lib.local_words import number
from touchpoints.kinds import KINDS
from touchpoints.models import DayCount
from workspaces.current import current_workspace


def page_of(campaign: Campaign) -> dict[str, Any]:
    """Everything the page shows."""
    results = results_of(campaign)
    figures, outcome, reasons = results.figures, results.outcome, results.reasons
    links = links_of(campaign)
    has_words = carries_words(campaign.message.sender)
    is_measured = has_words and _is_measured(figures)
    return {
        "f": figures,
        "has_words": has_words,
        "has_opens": has_words and counts_opens(campaign.message.sender),
        "counted_at": results.counted_at,
        "cost": _cost(campaign, figures),
        "reasons": reasons,
        "most": max((row["count"] for row in reasons), default=1),
        "not_written": sum(row["count"] for row in reasons),
        "links": links,
        "most_clicks": max((row["people"] for row in links), default=1) or 1,
        "steps": _steps(campaign, figures, outcome, is_measured=is_measured),
        "is_measured": is_measured,
        "opens": _opens(figures),
        "opens_stack": [(colour, value, f"{name}: {value}") for colour, value, name, _fate in _opens(figures)],
        "sentence": _sentence(campaign, figures),
        **sending_of(campaign, figures),
        "providers": _providers(results.providers),
        "most_mailboxes": max((one.sent for one in results.providers), default=1) or 1,
        **_compared(campaign, outcome),
    }


def _cost(campaign: Campaign, figures: Figures) -> Cost | None:
    """What was handed over cost so far."""
    currency = current_workspace().currency
    return cost_of_units(campaign.message, units=figures.units, messages=figures.sent, currency=currency)


def _is_measured(figures: Figures) -> bool:
    """Whether opens and clicks are known at all: where nothing is measured, none is no zero."""
    return bool(current_workspace().tracks_mail or figures.opened or figures.clicked or figures.machines)


def _knows_orders() -> bool:
    """Whether orders reach us at all."""
    return DayCount.objects.filter(kind=KINDS["purchase"].code).exists()


def _steps(
    campaign: Campaign, figures: Figures, outcome: dict[str, Any] | None, *, is_measured: bool
) -> list[tuple[Any, ...]]:
    def people(fate: str) -> str:
        return f"{reverse('people:list')}?email={campaign.pk}-{fate}"

    if not carries_words(campaign.message.sender):
        return [
            (_("In the segment"), figures.planned),
            (_("May be shown ads"), figures.may_be_written_to),
            (_("On the list"), figures.sent, people("sent")),
        ]
    read = [(_("Read by people"), figures.opened, people("opened"))] if counts_opens(campaign.message.sender) else []
    opens = [*read, (_("Clicked by people"), figures.clicked, people("clicked"))]
    return [
        (_("In the segment"), figures.planned),
        (_("May be written to"), figures.may_be_written_to),
        (_("Sent"), figures.sent, people("sent")),
        (_("Delivered"), figures.arrived, people("delivered")),
        *(opens if is_measured else []),
        *_orders(outcome, of=2),
    ]


def _orders(outcome: dict[str, Any] | None, *, of: int) -> list[tuple[Any, ...]]:
    """Who ordered, with a click or without one: a part of those it was sent to, who are the step at `of`."""
    known = outcome is not None and _knows_orders()
    return [(_("Ordered within 72 h"), outcome["reached_ordered"], "", of)] if outcome and known else []


def _opens(figures: Figures) -> list[tuple[str, int, str, str]]:
    """(colour, how many, in words, the fate by which the list of people finds them)."""
    return [
        ("fill-accent", figures.opened, _("People"), "opened"),
        ("fill-soft", figures.unsure, _("Not sure"), "unsure"),
        ("fill-neutral", figures.machines, _("Machines"), "machines"),
        ("level-0", figures.not_opened, _("Not opened"), "unopened"),
        ("level-1", figures.unmeasured, _("Not measured"), "unmeasured"),
    ]


def _providers(rows: list[ProviderFigures]) -> list[dict[str, Any]]:
    return [{**row._asdict(), "name": BY_KEY[row.key].name} for row in rows]


def _sentence(campaign: Campaign, figures: Figures) -> str:
    """What a colleague would say first."""
    if campaign.message.state == Message.State.CANCELLED:
        return _("Cancelled. %(sent)s emails had been sent.") % {"sent": number_format(figures.sent, use_l10n=True)}
    if not figures.sent:
        return _("Nobody has been written to yet.")
    if not counts_opens(campaign.message.sender):
        return _without_opens(campaign, figures)
    if not _is_measured(figures):
        arrived = number_format(figures.arrived, use_l10n=True, force_grouping=True)
        return _("%(arrived)s emails were delivered. Who reads and clicks is not measured here.") % {"arrived": arrived}
    share = round(100 * figures.opened / max(1, figures.measured))
    clicks = round(100 * figures.clicked / max(1, figures.measured))
    if figures.unmeasured:
        return _(
            "Delivered to %(arrived)s; %(measured)s of them let us measure, of whom %(share)s %% read it and %(clicks)s %% "
            "clicked, machines left aside."
        ) % {
            "arrived": number_format(figures.arrived, use_l10n=True, force_grouping=True),
            "measured": number_format(figures.measured, use_l10n=True, force_grouping=True),
            "share": share,
            "clicks": clicks,
        }
    return _(
        "Of %(arrived)s whose email was delivered %(share)s %% read it and %(clicks)s %% clicked, machines left aside."
    ) % {
        "arrived": number_format(figures.arrived, use_l10n=True, force_grouping=True),
        "share": share,
        "clicks": clicks,
    }


def _without_opens(campaign: Campaign, figures: Figures) -> str:
    """The same of what nobody sees opened: a list, a text, a letter."""
    if not carries_words(campaign.message.sender):
        words = ngettext("%(n)s person is on the list.", "%(n)s people are on the list.", figures.sent)
        return words % {"n": number(figures.sent)}
    words = _("%(arrived)s were handed over; %(clicked)s people followed a link.")
    return words % {"arrived": number(figures.arrived), "clicked": number(figures.clicked)}


def _compared(campaign: Campaign, outcome: dict[str, Any] | None) -> dict[str, Any]:
    if outcome is None or not campaign.message.held_count:
        return {"difference": None}
    groups = (outcome["reached"], outcome["reached_ordered"], outcome["held"], outcome["held_ordered"])
    difference = compare(*groups, verdict_at=outcome["verdict_at"])
    message = campaign.message
    chance = split_p(message.held_count, message.planned_count, percent_held(message.holdouts))
    return {
        "difference": difference,
        "outcome": outcome,
        "points": _signed(difference.points) if difference else "",
        "low": _signed(difference.low) if difference else "",
        "high": _signed(difference.high) if difference else "",
        "verdict": _verdict(difference),
        "split_is_odd": chance < 0.001,
        "split_p": number(chance, 2),
    }


def _signed(points: float) -> str:
    """A number of points with a true minus."""
    return number_format(points, 1, use_l10n=True).replace("-", "−")


def _verdict(difference: Difference | None) -> str:
    if difference is None:
        return ""
    words = {
        "early": _("It is too early to call.")
        if difference.low <= 0 <= difference.high
        else _("It looks like it, but it is too early to call."),
        "more": _("Yes: the email brought orders that would not have come."),
        "less": _("Yes, but the wrong way: those who got the email ordered less."),
        "none": _("No difference can be seen."),
    }
    return words[difference.verdict]
