"""Reading what an address or a form asks for: anything but a plain number that fits is no number, never an error."""

LARGEST = 2**63 - 1  # PostgreSQL's bigint


def whole_number(text: object, *, largest: int = LARGEST) -> int | None:
    """The number of 0 … `largest` written in ASCII digits, or None. "²" is a digit to str.isdigit, but no number."""
    said = str(text).strip()
    if not (said.isascii() and said.isdigit() and len(said) <= 20):
        return None
    number = int(said)
    return number if number <= largest else None
