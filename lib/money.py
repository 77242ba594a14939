"""Amounts of money in words: with as many decimals as the currency has (ISO 4217)."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format

USUAL = 2
WHOLE = {
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
}
THOUSANDTHS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
EXPONENTS = dict.fromkeys(WHOLE, 0) | dict.fromkeys(THOUSANDTHS, 3)


def exponent_of(currency: str) -> int:
    """How many decimals amounts of this currency have."""
    return EXPONENTS.get(currency.upper(), USUAL)


def written_money(amount: Decimal, currency: str) -> str:
    """An amount as the language of the page writes it: "1,240.50 EUR". Half of the smallest coin counts as one."""
    digits = exponent_of(currency)
    rounded = amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{number_format(rounded, digits, use_l10n=True, force_grouping=True)} {currency.upper()}".replace("-", "−")
