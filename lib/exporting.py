"""Writing tables that a spreadsheet will open."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def guard_formula(text: str) -> str:
    """The text with a ' before what a spreadsheet would run as a formula; plain numbers stay numbers."""
    if not text.startswith(DANGEROUS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
