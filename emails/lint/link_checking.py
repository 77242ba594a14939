"""Ask the web whether the links of an email lead somewhere. Private addresses are refused, as lib.connections.safe_fetch does."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import Fetched, FetchFailedError, safe_fetch

MOST, AT_ONCE = 100, 6
SECONDS = 8.0
ENOUGH = 4_096  # bytes of the answer; only its status counts
GONE = {404, 410}
Fetch = Callable[..., Fetched]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking. `is_broken`: nobody gets there; a `text` without it: somebody should look."""

    target: str
    status: int = 0
    is_broken: bool = False
    text: str = ""


def check_links(targets: Iterable[str], *, seconds: float = SECONDS, fetch: Fetch = safe_fetch) -> dict[str, Answer]:
    """Target → answer, of the addresses of the web among them, each asked once, AT_ONCE at a time, MOST at all.

    Asked by GET of which only the beginning is read: many servers answer HEAD wrongly, and redirects are followed. It
    takes `seconds` for each AT_ONCE of them at most. Call it outside of a transaction.
    """
    wanted = [
        one for one in dict.fromkeys(targets) if one.lower().startswith(("http://", "https://")) and "{" not in one
    ]
    language = get_language()

    def ask(target: str) -> Answer:
        with override(language):
            return _ask(target, seconds, fetch)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return {one.target: one for one in pool.map(ask, wanted[:MOST])}


def _ask(target: str, seconds: float, fetch: Fetch) -> Answer:
    try:
        status = fetch(target, largest=ENOUGH, seconds=seconds, cuts=True).status
    except UnsafeAddressError:
        return Answer(target, 0, True, _("It leads to an address that only this network knows."))
    except FetchFailedError as error:
        return Answer(target, 0, True, _("Nobody answers there: %(why)s") % {"why": error})
    if status in GONE:
        return Answer(target, status, True, _("The page is not there (%(status)d).") % {"status": status})
    if status >= 400:
        return Answer(target, status, False, _("It answers %(status)d. Open it yourself.") % {"status": status})
    return Answer(target, status)
