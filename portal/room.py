"""What the audience's own pages offer inside: the link to a person's page."""

from lib.offers import Panel
from lib.room import Room
from portal.form_panels import preview_panel, quality_panel
from portal.own_page_channel import OwnPage
from portal.panels import own_page_panel
from portal.signing_up.forgetting import forget_tonight
from portal.signing_up.submitting import FORGET

room = Room(
    name="portal",
    works={FORGET: forget_tonight},
    networks=[OwnPage],
    panels=[
        Panel("contact.right", 90, own_page_panel, "portal/panels/own_page.html", "contacts.edit"),
        Panel("form.top", 10, quality_panel, "portal/panels/form_quality.html"),
        Panel("form.side", 10, preview_panel, "portal/panels/form_preview.html"),
    ],
)
