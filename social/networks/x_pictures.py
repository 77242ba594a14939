"""Pictures on X: uploaded one by one, each told what it shows, before the post that names them.

An upload that no post names is thrown away there, so one that got lost on the way may be repeated. Only what has its words
is remembered: an id that is kept needs nothing more. X keeps an upload for a day or less; a post that names one it knows
no more is refused, and nothing was posted.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Picture
from lib.clock import now
from lib.connections.multipart import write_multipart
from social.networks.asking import Said
from social.networks.noting_uploads import keep_upload
from social.networks.shapes import text_at
from social.networks.x_api import NO_PLAN, XClient, why_x

MOST_PICTURES, MOST_BYTES, LONGEST_ALT = 4, 5_000_000, 1_000
TYPES = {"image/jpeg", "image/png", "image/webp", "image/gif"}
SOON = 5  # seconds
# So long pictures are uploaded at one attempt, else the next one posts: the lease of the answer (five minutes, each
# request 20 seconds at most) has to outlast the reading of our own posts and the posts of a long answer, too.
AT_ONCE = timedelta(seconds=20)
UNKNOWN = "media ids are invalid"
ID = re.compile(r"[0-9]{1,30}")


def uploaded(client: XClient, pictures: Sequence[Picture]) -> list[str]:
    """The ids of the pictures there, in their order, each with what it shows. ChannelError, also where they take too long."""
    ends_at, ids = now() + AT_ONCE, list[str]()
    for picture in pictures:
        if now() > ends_at:
            break
        ids.append(picture.remote_id or _upload(client, picture))
    if now() > ends_at:
        raise ChannelError(_("The pictures take long to be uploaded. The rest follows."), wait=SOON)
    return ids


def are_unknown(said: Said) -> bool:
    """Whether a post was refused because X does not know, or not any more, what it shows."""
    return said.status == 400 and UNKNOWN in why_x(said).lower()


def forget_uploads(client: XClient, pictures: Sequence[Picture]) -> ChannelError:
    """What was uploaded at an earlier attempt is good no more: the next one uploads anew. The error that says so."""
    if not any(one.remote_id for one in pictures):
        return ChannelError(_("X does not show these pictures: nothing was posted. Take others."), again=False)
    for picture in pictures:  # those of this attempt, too: else each would be the old one of another for ever
        keep_upload(client.connection, picture, "")
    return ChannelError(_("X keeps the pictures no more. They are uploaded once more."), wait=SOON)


def _upload(client: XClient, picture: Picture) -> str:
    if picture.content_type not in TYPES:
        raise ChannelError(_("X takes pictures as JPEG, PNG, WebP or GIF alone."), again=False)
    if len(picture.data) > MOST_BYTES:
        raise _too_large()
    name = f"picture.{picture.content_type.rpartition('/')[2]}"
    fields = {"media_category": "tweet_image", "media_type": picture.content_type}
    kind, body = write_multipart(fields, name, picture.content_type, picture.data, field="media")
    said = client.call("POST", "media/upload", raw=(body, kind))
    if not said.is_good:
        raise _refused(said)
    id_ = text_at(said.tree, "data", "id")
    if not ID.fullmatch(id_):
        raise ChannelError(_("It answered with something else than we asked for."))
    told = {"id": id_, "metadata": {"alt_text": {"text": picture.alt}}}
    said = client.call("POST", "media/metadata", body=told)
    if not said.is_good:
        raise _refused(said)
    keep_upload(client.connection, picture, id_)
    return id_


def _too_large() -> ChannelError:
    return ChannelError(_("A picture is too large for X, which takes 5 MB. Nothing was posted."), again=False)


def _refused(said: Said) -> ChannelError:
    facts = {"status": said.status, "why": why_x(said)}
    if said.status == 413:
        return _too_large()
    if said.status in NO_PLAN:
        words = _(
            "X lets us upload no pictures (%(status)d: %(why)s). The refresh token needs the scope media.write, and the "
            "plan of your app has to allow it. Nothing was posted."
        )
        return ChannelError(words % facts, again=False)
    return ChannelError(_("X does not take the picture: %(why)s. Nothing was posted.") % facts, again=False)
