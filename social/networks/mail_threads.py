"""Which exchange an email goes on with, also where its program or a server on its way cut what it says of that."""

from dataclasses import replace

from conversations.models import Connection
from conversations.threading import thread_of_email
from social.networks.mail_reading import Letter
from workspaces.current import working_in
from workspaces.models import Workspace


def in_its_thread(workspace: Workspace, connection: Connection, letter: Letter) -> Letter:
    """The email in the thread of what it answers, where we know that; else as it says itself."""
    again = letter.subject if letter.is_answer else ""
    if not letter.names and not again:
        return letter
    with working_in(workspace):
        thread = thread_of_email(connection, letter.names, handle=letter.address, again=again)
    return replace(letter, thread=thread) if thread else letter
