"""Pictures on a server of the Mastodon family: uploaded before the post that shows them.

An upload that nobody shows is thrown away there after a day, so one that got lost on the way may be repeated; the post is
what stands once. An id that we were told is kept, for a server may need a while to make a picture ready.
"""

from typing import Any

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Picture
from conversations.models import Connection
from conversations.picturing import note_uploaded
from social.networks.mastodon_api import AnswerError, Api
from social.networks.mastodon_reading import ID
from workspaces.current import working_in
from workspaces.models import Workspace

MOST_PICTURES = 4
SOON = 5  # seconds until a picture that is being made ready is asked for again


def uploaded(api: Api, connection: Connection, picture: Picture) -> str:
    """The id of the picture there, ready to be shown. ChannelError: to be asked again while it is being made ready."""
    if picture.remote_id:
        try:
            return _ready(api.get(f"/api/v1/media/{picture.remote_id}").tree())
        except AnswerError as error:
            if error.status not in {404, 410}:
                raise
    name = f"picture.{picture.content_type.rpartition('/')[2]}"
    try:
        made = api.upload(
            "/api/v2/media", {"description": picture.alt}, (name, picture.content_type, picture.data)
        ).tree()
    except AnswerError as error:
        if error.status in {404, 405}:
            raise ChannelError(_("This server takes no pictures from us."), again=False) from error
        if error.status in {400, 413, 415, 422}:
            raise ChannelError(_("It does not take the picture: %(why)s") % {"why": error}, again=False) from error
        raise
    with working_in(Workspace.objects.get(pk=int(connection.workspace_id or 0))):
        note_uploaded(picture, _id_of(made))
    return _ready(made)


def _ready(tree: dict[str, Any]) -> str:
    """Its id, once it has an address: as long as it has none, it is being made ready."""
    if tree.get("url") or tree.get("preview_url"):
        return _id_of(tree)
    raise ChannelError(_("The picture is being made ready there."), wait=SOON)


def _id_of(tree: dict[str, Any]) -> str:
    found = str(tree.get("id") or "")
    if not ID.fullmatch(found):
        raise ChannelError(_("It answered with something else than we asked for."))
    return found
