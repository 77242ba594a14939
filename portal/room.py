"""What the audience's own pages offer inside: the link to a person's page."""

from lib.offers import Panel
from lib.rooms import Room
from portal.panels import own_page_panel

room = Room(
    name="portal",
    panels=[Panel("contact.right", 90, own_page_panel, "portal/panels/own_page.html", "contacts.edit")],
)
