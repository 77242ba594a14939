"""Which exchange an email goes on with, also where its program or a server on its way cut what it says of that."""

from dataclasses import replace

from conversations.channels import Heard
from conversations.mentions.threading import thread_of_email
from conversations.models import Connection
from social.networks.mail_files import with_thumbnails
from social.networks.mail_reading import Letter
from workspaces.current import working_in
from workspaces.models import Workspace


def in_its_thread(workspace: Workspace, connection: Connection, letter: Letter) -> Heard:
    """The email as the inbox hears it, in the thread of what it answers where we know that; else as it says itself."""
    again = letter.subject if letter.is_answer else ""
    if not letter.names and not again:
        return heard_of(letter)
    with working_in(workspace):
        thread = thread_of_email(connection, letter.names, handle=letter.address, again=again)
    return heard_of(replace(letter, thread=thread) if thread else letter)


def heard_of(letter: Letter) -> Heard:
    """An email as the inbox hears it."""
    return Heard(
        remote_id=letter.message_id,
        text=letter.text or letter.subject or "…",
        quoted=letter.quoted,
        files=(files := with_thumbnails(letter.files)),
        wire={"subject": letter.full_subject} if any(not one.data for one in files) else {},
        url=f"mid:{letter.message_id.strip('<>')}",  # RFC 2392: the same in whichever of our mailboxes it lies
        handle=letter.address,
        name=letter.name,
        published_at=letter.written_at,
        title=letter.subject,
        thread=letter.thread,
        network="mail",
        is_public=False,
        is_proven=letter.is_proven,
        is_final=True,
    )
