"""What the room of emails offers: blocks, the brand's look, pictures, the library, codes of offers."""

from django.utils.translation import gettext_lazy as _

from emails.leaf_types.offer_code import OfferLeaf
from emails.library import feeds
from emails.library.finding import find_in_palette
from emails.library.remembering import erase_shown, gather_shown
from emails.offers import finding as offers
from emails.offers.generating import WORK, make_codes
from emails.offers.personal_data import erase_codes, gather_codes
from emails.offers.redeeming import REDEEMED
from lib.offers import Action, ApiRouter, PersonalData, SettingsPage
from lib.room import Room

room = Room(
    name="emails",
    works={WORK: make_codes, feeds.WORK: feeds.check_feeds},
    leaf_types=[OfferLeaf],
    event_types={REDEEMED: _("An offer’s code was redeemed")},
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
        Action(
            _("Offer codes"),
            "ticket",
            "emails:offers",
            "campaigns.see",
            _("coupon voucher discount promo code pool unique codes expiry"),
        ),
        Action(
            _("Redeem a code"),
            "qrcode",
            "emails:redeem",
            "touchpoints.log",
            _("coupon voucher discount counter shop till code"),
        ),
    ],
    palette_finders=[find_in_palette, offers.find_in_palette],
    api_routers=[
        ApiRouter(76, "brand", _("Brand kit"), "emails.api.kits.router"),
        ApiRouter(78, "pictures", _("Pictures"), "emails.api.pictures.router"),
        ApiRouter(80, "library", _("Library"), "emails.api.library.router"),
        ApiRouter(80, "library", _("Library"), "emails.api.library_feeds.router"),
        ApiRouter(82, "offers", _("Offer codes"), "emails.api.offers.router"),
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
        PersonalData(
            115,
            _("Offer codes they were given and used"),
            ("emails_offercode",),
            gather_codes,
            erase_codes,
            _("That the code was given and used, so that nobody gets it again"),
        ),
    ],
)
