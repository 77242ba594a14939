"""Columns of people for what is compared of two."""

from collections.abc import Mapping

PEOPLE = 600


def a_list(columns: Mapping[str, str]) -> dict[str, list[str]]:
    """Columns of 600 people: the first two have these values ("one | other"), each other one their own."""
    return {
        name: [*(part.strip() for part in both.split("|")), *(f"{name} {number}x" for number in range(PEOPLE - 2))]
        for name, both in columns.items()
    }
