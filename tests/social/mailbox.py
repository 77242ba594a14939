"""A mailbox on loopback, connected, and emails to lay into it."""

from email.message import EmailMessage
from uuid import uuid4

import pytest

from conversations.models import Connection
from lib.clock import now
from social.connecting import connect, poll_due
from tests.deliverability.mailbox import ImapServer
from workspaces.current import working_in

OURS = "mx.kettle.example"

PROVEN = "mx.kettle.example; dmarc=pass; spf=pass"


def email(text="Is it any good?", *, who="Tom Tee <tom@tea.example>", proof=PROVEN, **headers):
    message = EmailMessage()
    message["From"] = who
    message["To"] = "hello@kettle.example"
    given = {
        "Subject": "Your kettle",
        "Message-ID": f"<{uuid4().hex}@tea.example>",
        "Date": "Thu, 26 Nov 2026 09:00:00 +0000",
    }
    for name, value in {**given, **{one.replace("_", "-"): said for one, said in headers.items()}}.items():
        if value:
            message[name] = value
    if proof:
        message["Authentication-Results"] = proof
    message.set_content(text)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.fixture
def box(kettle, ada):
    """`box` holds the messages; `look()` polls."""
    messages = []
    with ImapServer({"INBOX": ("", messages)}) as server:
        with working_in(kettle):
            facts = {"host": "127.0.0.1", "port": server.port, "security": "none", "username": "hello", "folder": "INBOX",
                     "results_by": OURS, "address": "hello@kettle.example"}  # fmt: skip
            connection, _secret = connect("mail", by=ada, name="Post", settings=facts, is_public=False, password="open")
        server.messages, server.connection = messages, connection

        def look():
            with working_in(kettle):
                Connection.objects.update(due_at=now())
            poll_due(kettle)

        server.look = look
        yield server
