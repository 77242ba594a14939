"""What it would be worth if more of those who bought once came back."""

from collections.abc import Sequence
from typing import Any

from lib.sql import load_sql, run_text
from touchpoints.kinds import KINDS
from workspaces.current import current_workspace, current_workspace_id

MONTHS, POINTS = 3, 5
FEWEST = 30  # first-time buyers, below which a share says nothing
BASKETS = 2_000  # the newest purchases that the basket is the mean of


def worth_of_retention(cohorts: Sequence[tuple[str, int, Sequence[int | None]]]) -> dict[str, Any] | None:
    """`{share, points, worth, basket, currency}`: the percent of first-time buyers who bought in the third month after,
    and what five points more would bring in a year, each of them with one basket. None where too few are known.

    worth = 5 % × first-time buyers a year × mean of the newest purchases. The buyers of the months shown stand for a year.
    """
    known = [(people, shares[MONTHS - 1]) for _name, people, shares in cohorts if len(shares) >= MONTHS]
    rated = [(people, share) for people, share in known if share is not None]
    buyers = sum(people for people, _share in rated)
    if buyers < FEWEST:
        return None
    basket = _basket()
    if not basket:
        return None
    a_year = sum(people for _name, people, _shares in cohorts) / len(cohorts) * 12
    return {
        "share": sum(people * share for people, share in rated) / buyers,
        "points": POINTS,
        "worth": _rounded(a_year * POINTS / 100 * basket),
        "basket": basket,
        "currency": current_workspace().currency,
    }


def _basket() -> float:
    """The mean of the newest purchases, in major units."""
    text = (
        "SELECT avg(value_minor) / 100.0 FROM (SELECT t.value_minor FROM "
        f"{load_sql('touchpoints/facts')} t WHERE t.workspace_id = %(workspace)s AND t.kind = %(purchase)s"
        " ORDER BY t.occurred_at DESC LIMIT %(most)s) AS newest"
    )
    params = {"workspace": current_workspace_id(), "purchase": KINDS["purchase"].code, "most": BASKETS}
    return float(run_text(text, params)[0][0] or 0)


def _rounded(value: float) -> float:
    """To two figures: it is an estimate, and looks like one."""
    return float(f"{value:.2g}")
