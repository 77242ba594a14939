"""What push services answer, for one browser, and what the answers for all browsers of a person mean together.

2xx          it took it
404 410      the browser is gone; so are 400, 401 and 403 where our key has proved good at this very service: it belongs
             to another key
413          too large
429 503      this service wants us to wait, as long as Retry-After says
502 504      a gateway gave up on what is behind it, which may have taken it: unknown
408 425 5xx  later
other 4xx    refused
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.messengers.protocol import AskedToWaitError, Outcome, OutcomeKind
from lib.connections.kept_lines import KeptLines, NoAnswerError, NothingAskedError
from lib.connections.outgoing import NotReachedError, UnsafeAddressError
from lib.connections.safe_fetch import Fetched, FetchFailedError
from messengers.http.verdicts import AGAIN, DOUBTFUL, WAIT, wait_of

GONE, NOT_OUR_KEY = frozenset({404, 410}), frozenset({400, 401, 403})
TOO_LARGE = 413
Posting = tuple[str, dict[str, str], bytes] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which browser is asked: `origin` is its push service, `seen_at` how new what we know of it is."""

    digest: str
    origin: str = ""
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one browser: the answer, or why there is none. `is_doubt`: it left whole, and nobody said a word."""

    asked: Asked
    said: Fetched | None = None
    why: str = ""
    is_doubt: bool = False

    @property
    def status(self) -> int:
        return self.said.status if self.said else 0

    def is_gone(self, good_at: Collection[str]) -> bool:
        """Whether there is nobody behind it any more; `good_at`: the services that have taken something by our key."""
        return self.status in GONE or (self.asked.origin in good_at and self.status in NOT_OUR_KEY)


def ask_one(lines: KeptLines, asked: Asked, posting: Posting, seconds: float) -> Answer:
    """Ask a push service once. Never raises what it or the line to it does."""
    if seconds <= 0:
        return Answer(asked, why="no time was left for it")
    if posting is None:
        return Answer(asked, Fetched(GONE_HERE), "its push service is not known here")
    url, headers, body = posting
    try:
        answer = lines.post(headers, body, seconds=seconds, url=url)
    except NoAnswerError as error:
        return Answer(asked, why=str(error), is_doubt=True)
    except UnsafeAddressError:
        return Answer(asked, Fetched(GONE_HERE), "no public address")
    except (NothingAskedError, NotReachedError, FetchFailedError) as error:
        return Answer(asked, why=str(error))
    return Answer(asked, answer, is_doubt=answer.status in DOUBTFUL)


GONE_HERE = 410  # as a service itself says it


def judge(answers: Sequence[Answer], good_at: Collection[str]) -> Outcome:
    """The word on one person: taken by one is taken. AskedToWaitError where nobody took it."""
    taken = [one for one in answers if 200 <= one.status < 300]
    said = " ".join(str(one.status or one.why) for one in answers)[:300]
    if taken:
        return Outcome(OutcomeKind.ACCEPTED, str(taken[0].status) if len(answers) == 1 else said)
    if any(one.is_doubt for one in answers):
        return Outcome(OutcomeKind.UNKNOWN, said)
    for one in answers:
        if one.said is not None and one.status in WAIT:
            raise AskedToWaitError(str(one.status), wait_of(one.said))
    if any(one.status == 0 or one.status >= 500 or one.status in AGAIN for one in answers):
        return Outcome(OutcomeKind.LATER, said)
    if all(one.is_gone(good_at) for one in answers):
        return Outcome(OutcomeKind.REFUSED, said, is_dead_address=True)
    if any(one.status == TOO_LARGE for one in answers):
        return Outcome(OutcomeKind.UNSENDABLE, said, "render_error")
    return Outcome(OutcomeKind.REFUSED, said)
