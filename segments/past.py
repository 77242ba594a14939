"""The drafts before this one, so that a step can be taken back. They travel with the page: nothing is kept here."""

import json

from lib.foreign_json import BadJsonError, read_json
from segments.drafting import Rule, in_shape

MOST_STEPS, MOST_TEXT = 20, 100_000


def read_past(text: str) -> list[Rule]:
    """The drafts in a hidden field, oldest first; anything else is none."""
    try:
        found = read_json(text) if text and len(text) <= MOST_TEXT else []
    except BadJsonError:
        return []
    return [in_shape(one) for one in found if isinstance(one, dict)][-MOST_STEPS:] if isinstance(found, list) else []


def write_past(past: list[Rule]) -> str:
    """The newest drafts that fit into a hidden field."""
    kept = past[-MOST_STEPS:]
    while kept and len(text := json.dumps(kept)) > MOST_TEXT:
        kept = kept[1:]
    return text if kept else ""
