"""What the room of emails offers: blocks, the brand's look, pictures, the library."""

from django.utils.translation import gettext_lazy as _

from emails.library.finding import find_in_palette
from emails.library.remembering import erase_shown, gather_shown
from lib.offers import Action, ApiRouter, PersonalData, SettingsPage
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
        Action(
            _("Library"),
            "bookmark",
            "emails:library",
            "campaigns.see",
            _("content articles podcasts videos webinars offers three for her recommendations"),
        ),
    ],
    palette_finders=[find_in_palette],
    api_routers=[
        ApiRouter(76, "brand", _("Brand kit"), "emails.api.kits.router"),
        ApiRouter(78, "pictures", _("Pictures"), "emails.api.pictures.router"),
        ApiRouter(80, "library", _("Library"), "emails.api.library.router"),
    ],
    personal_data=[
        PersonalData(
            113,
            _("What of the library they were shown and opened"),
            ("emails_shownitem",),
            gather_shown,
            erase_shown,
            _("Nothing: it goes"),
        ),
    ],
)
