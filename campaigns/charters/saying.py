"""What a programme's page says in whole sentences."""

from typing import NamedTuple

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.charters.costing import Return
from campaigns.charters.counting import Counted
from campaigns.charters.lifting import Lift
from campaigns.charters.promising import Selling
from campaigns.objectives import Metric
from engagement.models import Objective
from lib.local_words import date_format, number


def signed(value: float, places: int = 1) -> str:
    """A difference with its sign, a true minus."""
    return ("+" if value > 0 else "") + number(value, places)


def verdict_of(lift: Lift) -> str:
    """Did it change anything? In one sentence."""
    words = {
        "none_held": _("It cannot be said: nobody is held out of its offers."),
        "no_offer": _("It cannot be said yet: no offer went out with this holdout."),
        "odd": _("It cannot be said: the groups are not split as planned."),
        "early": _("It is too early to call."),
        "more": _("Yes."),
        "less": _("Yes, but the wrong way."),
        "none": _("No difference can be seen."),
    }
    return words[lift.verdict]


def lift_in_words(lift: Lift) -> str:
    """Both groups and the difference with its interval; "" where there is nothing to compare."""
    if lift.difference is None:
        return ""
    one = lift.difference
    facts = {
        "n": number(lift.reached.people), "held": number(lift.held.people),
        "a": number(one.reached_share, 1), "b": number(one.held_share, 1), "unit": lift.unit,
        "by": signed(one.points), "low": signed(one.low), "high": signed(one.high),
    }  # fmt: skip
    if lift.metric == Metric.PURCHASES:
        words = _(
            "Of the %(n)s whom its offers were for %(a)s %% bought; of the %(held)s held out %(b)s %%: %(by)s points, with "
            "95 %% certainty between %(low)s and %(high)s."
        )
    else:
        words = _(
            "The %(n)s whom its offers were for: %(a)s; the %(held)s held out: %(b)s (%(unit)s). That is %(by)s, with 95 %% "
            "certainty between %(low)s and %(high)s."
        )
    return words % facts


def lift_of_all_in_words(lift: Lift, currency: str) -> str:
    """The same of all offers together, and what each person bought; "" where there is nothing to compare."""
    one, money = lift.difference, lift.value
    if one is None or money is None:
        return ""
    words = _(
        "Of the %(n)s for whom offers were planned %(a)s %% bought; of the %(held)s who get none %(b)s %%: %(by)s points, "
        "with 95 %% certainty between %(low)s and %(high)s."
    )
    said = words % {
        "n": number(lift.reached.people), "held": number(lift.held.people),
        "a": number(one.reached_share, 1), "b": number(one.held_share, 1),
        "by": signed(one.points), "low": signed(one.low), "high": signed(one.high),
    }  # fmt: skip
    amounts = {
        "currency": currency, "by": signed(money.points, 2), "low": signed(money.low, 2), "high": signed(money.high, 2),
    }  # fmt: skip
    worth = _("In %(currency)s for each person that is %(by)s, between %(low)s and %(high)s.") % amounts
    return f"{said} {worth}"


def return_in_words(money: Return, lift: Lift, currency: str) -> str:
    """What it brought for what it cost, or why that cannot be said yet."""
    if money.gain is None:
        return _no_return(lift)
    amounts = {name: number(getattr(money.gain, name)) for name in ("middle", "low", "high")} | {"currency": currency}
    if money.each is None:
        words = _(
            "It brought %(middle)s %(currency)s that would not have come, with 95 %% certainty between %(low)s and %(high)s. "
            "What it cost nobody entered."
        )
        return words % amounts
    each = {name: number(getattr(money.each, name), 2) for name in ("middle", "low", "high")} | {"currency": currency}
    words = _(
        "Each %(currency)s brought %(middle)s of orders that would not have come, with 95 %% certainty between %(low)s and "
        "%(high)s."
    )
    said = words % each
    return said if money.gain.low > 0 else said + " " + _("It may have brought nothing.")


def _no_return(lift: Lift) -> str:
    words = {
        "none_held": _("What it brings cannot be said: without a holdout nobody knows what would have come anyway."),
        "odd": _("What it brings cannot be said: the groups are not split as planned."),
        "no_offer": _("What it brings cannot be said yet: no offer went out with this holdout."),
    }
    return words.get(lift.verdict, _("What it brings cannot be said yet: too few people, or too few days."))


def claim_of(goal: Objective | None, counted: Counted | None, sold: Selling) -> str:
    """The head of the page: where it stands, what of that is its doing, what it does not keep."""
    said = []
    if goal is not None and goal.current is not None:
        said.append(_stands(goal))
    if counted is not None and counted.lift.difference is not None and counted.lift.verdict in {"more", "less"}:
        words = _("Its offers changed something: %(by)s %(unit)s.")
        said.append(words % {"by": signed(counted.lift.difference.points), "unit": _short_unit(counted.lift)})
    if sold.is_kept is False:
        said.append(_("It sells more than it promised to."))
    return " ".join(said)


def _short_unit(lift: Lift) -> str:
    return _("points") if lift.metric == Metric.PURCHASES else lift.unit


def _stands(goal: Objective) -> str:
    facts = {"now": floatformat(goal.current or 0, "-1g"), "metric": goal.get_metric_display()}
    if goal.target is None:
        return _("%(metric)s: %(now)s now, no target yet.") % facts
    facts["target"] = floatformat(goal.target, "-1g")
    if goal.check_on is None:
        return _("%(metric)s: %(now)s now, %(target)s is the target.") % facts
    facts["day"] = date_format(goal.check_on, "j F Y")
    return _("%(metric)s: %(now)s now, %(target)s is the target for %(day)s.") % facts


class MoneyRow(NamedTuple):
    """A line of what it cost and brought. `cost`: the id of one that a person entered, else None."""

    name: str
    small: str
    shown: str
    cost: int | None = None
    is_sum: bool = False


def money_rows(money: Return) -> list[MoneyRow]:
    """What came, what went, what is left over where both can be said."""
    rows = []
    if money.gain is not None:
        rows.append(MoneyRow(_("Bought that would not have come"), "", number(money.gain.middle, 2)))
    rows += [
        MoneyRow(one.name, date_format(one.day, "j M Y"), number(-one.amount_minor / 100, 2), one.pk)
        for one in money.own
    ]
    words = ngettext("%(n)s message", "%(n)s messages", money.messages) % {"n": number(money.messages)}
    rows.append(MoneyRow(words, "", number(-money.messages_cost, 2) if money.messages_cost else "0"))
    if money.left_over is not None:
        rows.append(MoneyRow(_("Left over"), "", number(money.left_over, 2), None, is_sum=True))
    else:
        rows.append(MoneyRow(_("Together"), "", number(-money.cost, 2) if money.cost else "0", None, is_sum=True))
    return rows
