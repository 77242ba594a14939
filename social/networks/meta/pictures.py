"""The picture of a comment by a page: uploaded as a photo that is not published, before the comment that shows it.

A photo that is not published is seen by nobody, so one that got lost on the way may be repeated. An id that we were told
is kept, and the next attempt shows that one.
"""

import re

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Picture
from lib.connections.multipart import write_multipart
from social.networks.meta.graph import MetaNetwork, RefusedError
from social.networks.noting_uploads import keep_upload
from social.networks.shapes import text_at

MOST_BYTES = 10_000_000
TYPES = {"image/jpeg", "image/png"}
ID = re.compile(r"[0-9]{1,30}")
NOT_ALLOWED, NOT_KNOWN, SOON = {3, 10, *range(200, 300)}, 100, 5


def uploaded(network: MetaNetwork, picture: Picture) -> str:
    """The id of the picture at the page, with what it shows. ChannelError."""
    return picture.remote_id or _upload(network, picture)


def forgotten(network: MetaNetwork, picture: Picture, error: RefusedError) -> ChannelError:
    """What a refusal of a comment with this picture means: one of an earlier attempt may be gone, and is uploaded anew."""
    if error.code != NOT_KNOWN or not picture.remote_id:
        return error
    keep_upload(network.connection, picture, "")
    return ChannelError(_("Meta may keep the picture no more. It is uploaded once more."), wait=SOON)


def _upload(network: MetaNetwork, picture: Picture) -> str:
    if picture.content_type not in TYPES:
        raise ChannelError(_("Facebook takes pictures as JPEG or PNG alone from here."), again=False)
    if len(picture.data) > MOST_BYTES:
        raise _too_large()
    name = f"picture.{picture.content_type.rpartition('/')[2]}"
    fields = {"published": "false", "alt_text_custom": picture.alt}
    kind, body = write_multipart(fields, name, picture.content_type, picture.data, field="source")
    try:
        tree = network.ask(f"{network.account}/photos", method="POST", raw=(body, kind)).tree
    except RefusedError as error:
        raise _in_words(error) from error
    if not ID.fullmatch(id_ := text_at(tree, "id")):
        raise ChannelError(_("It answered with something else than we asked for."))
    keep_upload(network.connection, picture, id_)
    return id_


def _too_large() -> ChannelError:
    return ChannelError(_("A picture is too large for Facebook, which takes 10 MB. Nothing was posted."), again=False)


def _in_words(error: RefusedError) -> ChannelError:
    if error.status == 413:
        return _too_large()
    if error.code in NOT_ALLOWED:
        words = _(
            "Meta lets us upload no pictures (%(why)s). The access token of the page needs the permission "
            "pages_manage_posts. Nothing was posted."
        )
    else:
        words = _("Meta does not take the picture: %(why)s. Nothing was posted.")
    return ChannelError(words % {"why": error.why}, again=False)
