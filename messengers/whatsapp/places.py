"""The places of a template that a message fills: {{1}}, {{2}} or {{first_name}}."""

import re

PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


def places_in(text: str) -> list[str]:
    """Each place once, in the order in which they stand there."""
    return list(dict.fromkeys(PLACE.findall(text)))
