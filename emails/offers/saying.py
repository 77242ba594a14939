"""Pools of codes in words, for their pages."""

from typing import Any

from django.utils.translation import gettext as _

from emails.models import OfferPool
from emails.offers.finding import Figures
from lib.local_words import number

FEW = 50


def money(minor: int, currency: str) -> str:
    """An amount in hundredths, by the reader's numbers."""
    return f"{number(minor / 100, 2 if minor % 100 else 0)} {currency}".strip()


def row_of(pool: OfferPool, figures: Figures) -> dict[str, Any]:
    """A pool with its figures, as a list shows it."""
    made = pool.making - pool.to_make
    return {
        "pool": pool,
        "figures": figures,
        "state": state_of(pool, figures),
        "revenue": ", ".join(money(value, currency) for currency, value in sorted(figures.revenue.items())),
        "named": "{{ offer." + pool.key + " }}",
        "made": made,
        "is_being_made": pool.to_make > 0,
    }


def state_of(pool: OfferPool, figures: Figures) -> tuple[str, str]:
    """(tone, how it stands in a word or two)."""
    if pool.withdrawn_at:
        return "quiet", _("Withdrawn")
    if pool.is_over:
        return "quiet", _("Over")
    if figures.left == 0 and not pool.to_make:
        return "warn", _("No codes left")
    if figures.left is not None and figures.left < FEW and not pool.to_make:
        return "warn", _("Few codes left")
    return "good", _("Open")
