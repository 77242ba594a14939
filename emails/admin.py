"""The rows of this room in the workspace's admin."""

from emails import models as m
from workspaces.admin import show

show(m.BrandKit, "accent", "heading_font", "text_font", "changed_at", read_only=True)
show(m.HostedEmail, "title", "message_id", "drawn_at", search=("title",), read_only=True)
show(m.LibraryFeed, "title", "url", "kind", "checked_at", "trouble", search=("title", "url"), read_only=True)
show(m.LibraryItem, "title", "kind", "language", "published_at", "is_active", search=("title", "url"), read_only=True)
show(m.OfferCode, "code", "pool", "contact", "given_at", "redeemed_at", "order_id", search=("code",), read_only=True)
show(m.OfferPool, "name", "key", "kind", "expires_at", "withdrawn_at", search=("name", "key"), read_only=True)
show(m.Picture, "name", "content_type", "width", "height", "made_at", search=("name",), read_only=True)
show(m.ShownItem, "item", "contact", "message_id", "sent_at", "clicked_at", read_only=True)
