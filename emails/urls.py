"""Pages about how emails look."""

from django.urls import path

from emails.views import kits, library, library_feeds, offers, pictures, redeeming

app_name = "emails"
urlpatterns = [
    path("brand-kit/", kits.kit, name="kit"),
    path("brand-kit/contrasts/", kits.contrasts, name="contrasts"),
    path("brand-kit/preview/", kits.preview, name="preview"),
    path("brand-kit/reset/", kits.reset, name="reset_kit"),
    path("library/", library.items, name="library"),
    path("library/new/", library.new, name="new_item"),
    path("library/feeds/", library_feeds.feeds, name="library_feeds"),
    path("library/feeds/<int:pk>/", library_feeds.change, name="change_library_feed"),
    path("library/feeds/<int:pk>/refresh/", library_feeds.refresh, name="refresh_library_feed"),
    path("library/feeds/<int:pk>/remove/", library_feeds.remove, name="remove_library_feed"),
    path("library/<int:pk>/", library.item, name="item"),
    path("library/<int:pk>/archive/", library.archive, name="archive_item"),
    path("library/<int:pk>/remove/", library.remove, name="remove_item"),
    path("offers/", offers.offers, name="offers"),
    path("offers/new/", offers.new, name="new_offer"),
    path("offers/redeem/", redeeming.counter, name="redeem"),
    path("offers/codes/<int:pk>/withdraw/", redeeming.withdraw, name="withdraw_code"),
    path("offers/<int:pk>/", offers.offer, name="offer"),
    path("offers/<int:pk>/change/", offers.change, name="change_offer"),
    path("offers/<int:pk>/add/", offers.add, name="add_codes"),
    path("offers/<int:pk>/make/", offers.make, name="make_codes"),
    path("offers/<int:pk>/withdraw/", offers.withdraw, name="withdraw_offer"),
    path("offers/<int:pk>/codes.csv", offers.table, name="offer_codes"),
    path("pictures/", pictures.pictures, name="pictures"),
    path("pictures/upload/", pictures.upload, name="upload"),
    path("pictures/picker/", pictures.picker, name="picker"),
    path("pictures/<int:pk>/alt/", pictures.alt, name="alt"),
    path("pictures/<int:pk>/remove/", pictures.remove, name="remove_picture"),
]
