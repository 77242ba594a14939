"""What people write to a number of ours stands in the inbox: one private conversation for each number that writes."""

from conversations.channels import Heard
from conversations.models import Connection
from conversations.setting_aside import hear_each
from delivery.models import Sender
from delivery.returns.texts import Answer
from lib.cleaning import to_text
from lib.clock import now
from social.networks.texts import Texts, WhatsApp

KINDS = {Texts.key, WhatsApp.key}  # a sender's kind is its network's key
LONGEST = 10_000


def on_sender_saved(sender: Sender) -> None:
    """News: a sender is new or was changed. A number of ours has a connection with its name."""
    if sender.kind in KINDS:
        connection_of(sender)


def on_text_heard(sender: Sender, answer: Answer, touchpoint_id: int | None) -> None:
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
        published_at=min(answer.at or now(), now()),
        thread=answer.number,
        is_public=False,
        is_final=True,
        touchpoint_id=touchpoint_id,
    )
    hear_each(connection, [heard])


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
