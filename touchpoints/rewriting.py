"""What somebody wrote and took back leaves the ledger: the one thing of a fact that ever changes."""

from collections.abc import Mapping
from uuid import UUID

from lib.sql import run_sql
from touchpoints.facts import moment_of

LONGEST_TEXT = 600


def rewrite_texts(texts: Mapping[UUID, str | None]) -> int:
    """Put these words in place of those that facts of the inbox hold, or none (None); returns how many facts changed.

    Only words that are there are replaced; whatever else a fact says stays for ever. May be repeated.
    """
    if not texts:
        return 0
    params = {
        "ids": list(texts),
        "moments": [moment_of(id_) for id_ in texts],
        "texts": [text if text is None else text[:LONGEST_TEXT] for text in texts.values()],
    }
    return int(run_sql("touchpoints/call_rewrite_texts", params)[0][0])
