"""What the answers of push services for all browsers of one person mean together.

2xx          it took it
404 410      the browser is gone (lib/push/asking.py)
413          too large
429 503      this service wants us to wait, as long as Retry-After says
502 504      a gateway gave up on what is behind it, which may have taken it: unknown
408 425 5xx  later
other 4xx    refused
"""

from collections.abc import Collection, Sequence

from delivery.messengers.protocol import AskedToWaitError, Outcome, OutcomeKind
from lib.push.asking import Answer
from messengers.http.verdicts import AGAIN, DOUBTFUL, WAIT

TOO_LARGE = 413


def judge(answers: Sequence[Answer], good_at: Collection[str]) -> Outcome:
    """The word on one person: taken by one is taken. AskedToWaitError where nobody took it."""
    taken = [one for one in answers if one.is_taken]
    said = " ".join(str(one.status or one.why) for one in answers)[:300]
    if taken:
        return Outcome(OutcomeKind.ACCEPTED, str(taken[0].status) if len(answers) == 1 else said)
    if any(one.is_doubt or one.status in DOUBTFUL for one in answers):
        return Outcome(OutcomeKind.UNKNOWN, said)
    for one in answers:
        if one.said is not None and one.status in WAIT:
            raise AskedToWaitError(str(one.status), one.said.wait)
    if any(one.status == 0 or one.status >= 500 or one.status in AGAIN for one in answers):
        return Outcome(OutcomeKind.LATER, said)
    if all(one.is_gone(good_at) for one in answers):
        return Outcome(OutcomeKind.REFUSED, said, is_dead_address=True)
    if any(one.status == TOO_LARGE for one in answers):
        return Outcome(OutcomeKind.UNSENDABLE, said, "render_error")
    return Outcome(OutcomeKind.REFUSED, said)
