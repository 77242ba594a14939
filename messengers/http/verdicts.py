"""What a provider's answer means: for the person, for the sender, for everybody.

2xx                      accepted, whatever the body says or whether it is whole
401 402 403 404 405 3xx  the sender: key, account or address of the interface; nobody has failed, the sender is stopped
429 503                  everybody waits, as long as Retry-After says
502 504                  a gateway gave up on the server behind it, which may have taken the email: unknown
408 425 other 5xx        this person, later
other 4xx                this person, refused; the provider's own code may say that it is the sender after all
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from delivery.bounces.refusals import Refusal, judge_refusal
from delivery.messengers.protocol import AskedToWaitError, Outcome, OutcomeKind, ServerDownError
from lib.connections.safe_fetch import Fetched
from lib.foreign.cleaning import to_line
from lib.foreign.foreign_json import BadJsonError, read_json

OURS = frozenset({401, 402, 403, 404, 405})
WAIT, DOUBTFUL, AGAIN = frozenset({429, 503}), frozenset({502, 504}), frozenset({408, 425})
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Said:
    """What a provider said besides the status. `code` is its own; `is_dead`: there is no such mailbox, or it may not be
    written to; `is_ours`: it is about our account; `had_it`: the same was taken before; `is_open`: it does not know yet.
    """

    code: str = ""
    words: str = ""
    is_dead: bool = False
    is_ours: bool = False
    had_it: bool = False
    is_open: bool = False


def judge(provider: str, answer: Fetched, said: Said) -> Outcome:
    """The word on one recipient. ServerDownError, AskedToWaitError: then it is about everybody."""
    status = answer.status
    text = to_line(" ".join(filter(None, (str(status), said.code, said.words))), LONGEST)
    if 200 <= status < 300 or said.had_it:
        return Outcome(OutcomeKind.ACCEPTED, text)
    if 300 <= status < 400:
        raise ServerDownError(
            _("%(provider)s sends us elsewhere (%(code)s). We do not follow: check the address in the sender.")
            % {"provider": provider, "code": status}
        )
    if status in OURS or said.is_ours:
        raise ServerDownError(
            _("%(provider)s does not send for this account (%(code)s). Check the key and the domain in the sender.")
            % {"provider": provider, "code": status}
        )
    if status in WAIT:
        raise AskedToWaitError(str(status), answer.wait)
    if status in DOUBTFUL or said.is_open:
        return Outcome(OutcomeKind.UNKNOWN, text)
    if status >= 500 or status in AGAIN:
        return Outcome(OutcomeKind.LATER, text)
    is_dead = said.is_dead or judge_refusal("", said.words) == Refusal.HARD
    return Outcome(OutcomeKind.REFUSED, text, is_dead_address=is_dead)


def tree_of(answer: Fetched) -> object:
    """The body as JSON; None for any other."""
    try:
        return read_json(answer.body)
    except BadJsonError:
        return None
