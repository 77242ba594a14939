"""What a mailbox hears of forwards: answers, automatic ones too, and that one came back."""

from conversations.forwards.hearing import is_forward, take_answer, take_bounce
from delivery.bounces.bouncing import Returned, enclosed_ids
from social.networks.mail_reading import Letter
from workspaces.current import working_in
from workspaces.models import Workspace


def answers_forward(workspace: Workspace, letter: Letter, *, is_automatic: bool) -> bool | None:
    """True: it answers a forward of ours, and stands as a note. False: it is one that went round. None: neither."""
    with working_in(workspace):
        if is_forward(letter.message_id):
            return False
        is_answer = take_answer(
            letter.names,
            remote_id=letter.message_id,
            address=letter.address,
            name=letter.name,
            text=letter.text or letter.subject or "…",
            is_automatic=is_automatic,
        )
    return is_answer or None


def hear_bounce(workspace: Workspace, returned: Returned, raw: bytes) -> None:
    """A forward that came back did not arrive; one that a server still tries may."""
    if returned.kind == "bounce" and not returned.is_delay:
        named, why = enclosed_ids(raw), returned.diagnostic or returned.status
        with working_in(workspace):
            take_bounce(named, why, said_at=returned.said_at)
