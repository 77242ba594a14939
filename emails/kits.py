"""The brand kit of the open workspace, and what blocks are drawn with."""

from collections.abc import Iterable

from emails.blocks.base import Block, Canvas
from emails.look import Look, look_of
from emails.models import BrandKit
from emails.pictures import shown_pictures
from workspaces.current import current_workspace


def current_kit() -> BrandKit:
    """The workspace's kit; the usual one, unsaved, in the brand's colour, where none was made."""
    kit = BrandKit.objects.select_related("logo", "dark_logo").first()
    colour = current_workspace().colour
    return kit or BrandKit(**({"accent": colour} if colour else {}))


def current_look() -> Look:
    """The look of the workspace's emails."""
    workspace = current_workspace()
    return look_of(current_kit(), name=workspace.name, language=workspace.locale, website=workspace.website)


def canvas_for(blocks: Iterable[Block], look: Look | None = None) -> Canvas:
    """What these blocks are drawn with. Three queries at most."""
    look = look or current_look()
    ids = [one for block in blocks for one in block.picture_ids()]
    return Canvas(look, shown_pictures([*ids, *(one for one in (look.logo_id, look.dark_logo_id) if one)]))
