"""Pictures on Bluesky: kept there by what they hold, so that uploading one again is the same one."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Picture
from social.networks.asking import why
from social.networks.bluesky_session import Pds
from social.networks.shapes import text_at, tree_at

MOST_PICTURES = 4
IMAGES = "app.bsky.embed.images"


def embedded(pds: Pds, pictures: Sequence[Picture]) -> dict[str, Any]:
    """What a post says of its pictures; they are uploaded. ChannelError."""
    return {"$type": IMAGES, "images": [_image(pds, one) for one in pictures]}


def _image(pds: Pds, picture: Picture) -> dict[str, Any]:
    said = pds.upload("com.atproto.repo.uploadBlob", picture.data, picture.content_type)
    if not said.is_good:
        raise ChannelError(_("Bluesky does not take it: %(why)s") % {"why": why(said, "message")}, again=False)
    blob = tree_at(said.tree, "blob")
    if not text_at(blob, "ref", "$link"):
        raise ChannelError(_("It answered with something else than we asked for."))
    return {"alt": picture.alt, "image": blob, "aspectRatio": {"width": picture.width, "height": picture.height}}
