"""What ways to phones have in common: members have no numbers, so that tests go to one that the sender names.

What a member answers in the inbox goes by `send_answer`: one text to one number, no message and no delivery.
"""

from typing import NamedTuple

from django.utils.translation import gettext as _

from delivery.messengers.protocol import Outcome, OutcomeKind, ServerDownError
from messengers.http.provider import HttpProvider, Posting
from messengers.http.verdicts import tree_of


class Answered(NamedTuple):
    """What the carrier said of one answer, and its own id of it, "" where it told none."""

    outcome: Outcome
    remote_id: str = ""


class PhoneProvider(HttpProvider):
    """A provider whose Settings have a `test_number`."""

    @property
    def test_address(self) -> str:
        """Where a test goes. ServerDownError while none is entered."""
        if not self.settings.test_number:
            raise ServerDownError(_("Enter a number for tests in the sender."))
        return str(self.settings.test_number)

    def answer_posting(self, to: str, text: str, answer_id: int) -> Posting:
        """The request for one answer to a normalised number; it names the answer, so that what is told of it finds it."""
        raise NotImplementedError

    def remote_id_in(self, tree: object) -> str:
        """The carrier's id in what it answered to a request that it took."""
        raise NotImplementedError

    def send_answer(self, to: str, text: str, *, answer_id: int) -> Answered:
        """Ask for one answer, once. What `judge` raises: then nothing of it left."""
        asked = self.threads().submit(self.asking(self.answer_posting(to, text, answer_id)))
        outcome = self.judge(asked)
        taken = outcome.kind == OutcomeKind.ACCEPTED
        return Answered(outcome, self.remote_id_in(tree_of(asked.result())) if taken else "")
