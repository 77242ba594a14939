"""The rows of this room in the workspace's admin."""

from emails import models as m
from workspaces.admin import show

show(m.BrandKit, "accent", "heading_font", "text_font", "changed_at", read_only=True)
show(m.Picture, "name", "content_type", "width", "height", "made_at", search=("name",), read_only=True)
