"""Pictures on a server of the Mastodon family: uploaded before the post that shows them.

An upload that nobody shows is thrown away there after a day, so one that got lost on the way may be repeated; the post is
what stands once. An id that we were told is kept, for a server may need a while to make a picture ready.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Picture
from conversations.models import Connection
from lib.clock import now
from social.networks.mastodon_api import AnswerError, Api
from social.networks.mastodon_reading import ID
from social.networks.noting_uploads import keep_upload

MOST_PICTURES = 4
SOON = 5  # seconds until a picture that is being made ready is asked for again
# So long pictures are uploaded at one attempt: the lease of the answer outlasts it, with the reading before and the posts
# after it (five minutes, each request 15 seconds at most). What was uploaded is there for the next attempt.
AT_ONCE = timedelta(seconds=45)


def uploaded(api: Api, connection: Connection, pictures: Sequence[Picture]) -> list[str]:
    """The ids of the pictures there, in their order, each ready to be shown.

    ChannelError: to be asked again while one is being made ready, or where they take too long for one attempt.
    """
    ends_at, ids, unready = now() + AT_ONCE, list[str](), False
    for picture in pictures:
        if now() > ends_at:
            raise ChannelError(_("The pictures take long to be uploaded. The rest follows."), wait=SOON)
        made = _standing(api, picture) or _upload(api, connection, picture)
        ids.append(_id_of(made))
        unready |= not (made.get("url") or made.get("preview_url"))  # no address yet: it is being made ready
    if unready:
        raise ChannelError(_("The picture is being made ready there."), wait=SOON)
    return ids


def _standing(api: Api, picture: Picture) -> dict[str, Any] | None:
    """What became of it there, where an earlier attempt has uploaded it and it was not thrown away meanwhile."""
    if not picture.remote_id:
        return None
    try:
        return api.get(f"/api/v1/media/{picture.remote_id}").tree()
    except AnswerError as error:
        if error.status not in {404, 410}:
            raise
    return None


def _upload(api: Api, connection: Connection, picture: Picture) -> dict[str, Any]:
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
    keep_upload(connection, picture, _id_of(made))
    return made


def _id_of(tree: dict[str, Any]) -> str:
    found = str(tree.get("id") or "")
    if not ID.fullmatch(found):
        raise ChannelError(_("It answered with something else than we asked for."))
    return found
