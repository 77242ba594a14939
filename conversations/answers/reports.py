"""What a carrier tells of an answer after it left: that it has it, or that it never arrived. In any order, many times."""

from dataclasses import dataclass

from django.db import transaction

from conversations.answers.drafting import keep_unsent
from conversations.answers.handing_over import note_sent, wait_again, wait_no_more
from conversations.answers.replying import mark_answered
from conversations.merges.threads import held_conversation
from conversations.models import Reply
from conversations.recording_mentions import discount_answer
from conversations.telling_members import tell_unsent


@dataclass(frozen=True, slots=True)
class Report:
    """`remote_id` is the carrier's own of the request it speaks of; `why` in words; `is_closed`: trying again helps nothing."""

    remote_id: str
    is_failed: bool
    why: str = ""
    is_closed: bool = False


@transaction.atomic
def take_report(reply: Reply, report: Report) -> bool:
    """Let it take effect; whether it was news. May be repeated. Locks the conversation, then the answer.

    What the carrier has is sent, also where we had given it up. What failed waits to be answered again, and whoever gave the
    answer is told; the fact in the ledger counts no more. A word about a request before the last one changes nothing.
    """
    conversation = held_conversation(reply.mention)
    rows = Reply.objects.select_for_update(of=("self",)).filter(pk=reply.pk)
    held = rows.select_related("mention__author", "mention__connection").get()
    held.conversation = conversation
    is_same = bool(report.remote_id) and report.remote_id == held.remote_id
    if report.is_failed:
        is_sent = held.state == Reply.State.SENT and (is_same or not held.remote_id)
        if not is_sent and (held.in_doubt_at is None or is_same):
            return False
        _note_failed(held, report)
        return True
    if held.state == Reply.State.SENT or is_same:
        return False  # of what failed before, an older word comes late
    mark_answered(conversation, held.mention, held.created_at)
    if held.state == Reply.State.FAILED:
        wait_no_more(held)
    note_sent(held, report.remote_id, Reply.objects.filter(pk=held.pk))
    return True


def _note_failed(held: Reply, report: Report) -> None:
    Reply.objects.filter(pk=held.pk).update(
        state=Reply.State.FAILED,
        remote_id=report.remote_id or held.remote_id,
        last_error=report.why[:300],
        sent_at=None,
        due_at=None,
        leased_until=None,
        in_doubt_at=None,
    )
    discount_answer(held)
    wait_again(held)
    tell_unsent(held)
    if report.is_closed:
        keep_unsent(held)
