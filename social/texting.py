"""What people write to a number of ours stands in the inbox: one private conversation for each number that writes.

What becomes of our answers, the carrier tells the sender; here they hear of it.
"""

from uuid import UUID

from conversations.answers.reports import Report, take_report
from conversations.channels import Heard
from conversations.mentions.setting_aside import hear_each
from conversations.models import Connection, Reply
from delivery.models import Sender
from delivery.returns.answers import AnswerWord
from delivery.returns.texts import Answer
from lib.clock import now
from lib.foreign.cleaning import to_text
from social.networks.texts import Texts, WhatsApp

KINDS = {Texts.key, WhatsApp.key}  # a sender's kind is its network's key
LONGEST = 10_000


def on_sender_saved(sender: Sender) -> None:
    """News: a sender is new or was changed. A number of ours has a connection with its name."""
    if sender.kind in KINDS:
        connection_of(sender)


def on_text_heard(sender: Sender, answer: Answer, touchpoint_id: UUID | str | None) -> None:
    """News: somebody wrote to a number of ours. It stands there once for each id; nothing while the connection is paused."""
    if sender.kind not in KINDS:
        return
    connection = connection_of(sender)
    if not connection.is_active:
        return
    heard = Heard(
        remote_id=answer.sid,
        text=to_text(answer.text, LONGEST) or "…",
        handle=answer.number,
        name=answer.name,
        published_at=min(answer.at or now(), now()),
        thread=answer.number,
        is_public=False,
        is_final=True,
        touchpoint_id=touchpoint_id,
        is_order=bool(answer.order),
        wire={"order": answer.order} if answer.order else {},
    )
    hear_each(connection, [heard])


def on_answer_told(sender: Sender, answer_id: int, word: AnswerWord) -> None:
    """News: a carrier says what became of an answer; nothing where it left by another sender."""
    answers = Reply.objects.select_related("mention")
    answer = answers.filter(pk=answer_id, mention__connection__settings__sender=sender.pk).first()
    if answer is not None:
        take_report(answer, Report(word.remote_id, word.is_failed, word.words, word.is_closed))


def connection_of(sender: Sender) -> Connection:
    """The sender's connection in the inbox, named as it is; made on first use. Locks the sender's row."""
    Sender.objects.select_for_update().get(pk=sender.pk)
    found = Connection.objects.filter(network=sender.kind, settings__sender=sender.pk).first()
    if found is None:
        return Connection.objects.create(
            network=sender.kind, name=sender.name, is_public=False, settings={"sender": sender.pk}
        )
    if found.name != sender.name:
        found.name = sender.name
        found.save(update_fields=["name"])
    return found
