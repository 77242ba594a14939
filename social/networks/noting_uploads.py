"""What a network was handed for an answer is remembered, so that the next attempt need not hand it over again."""

from conversations.answers.picturing import note_uploaded
from conversations.channels import Picture
from conversations.models import Connection
from workspaces.current import working_in
from workspaces.models import Workspace


def keep_upload(connection: Connection, picture: Picture, remote_id: str) -> None:
    """The network has this picture under this id; "": it knows it no more. Outside any transaction. May be repeated."""
    with working_in(Workspace.objects.get(pk=int(connection.workspace_id or 0))):
        note_uploaded(picture, remote_id)
