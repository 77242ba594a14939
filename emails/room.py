"""What the room of emails offers: blocks, the brand's look, pictures."""

from django.utils.translation import gettext_lazy as _

from lib.offers import Action, ApiRouter, SettingsPage
from lib.room import Room

room = Room(
    name="emails",
    settings_pages=[
        SettingsPage(
            12,
            _("Brand kit"),
            "palette",
            "emails:kit",
            "workspace.settings",
            _("look of emails logo colours fonts template design style social links"),
        ),
    ],
    actions=[
        Action(
            _("Pictures"),
            "photo",
            "emails:pictures",
            "campaigns.see",
            _("images upload photo library files media assets"),
        ),
    ],
    api_routers=[
        ApiRouter(76, "brand", _("Brand kit"), "emails.api.kits.router"),
        ApiRouter(78, "pictures", _("Pictures"), "emails.api.pictures.router"),
    ],
)
