"""What emails are made of: the brand's look, pictures, the library of what they point to, codes of offers."""

from emails.models.brand_kits import BrandKit
from emails.models.feeds import LibraryFeed
from emails.models.hosted import HostedEmail
from emails.models.library import LibraryItem, ShownItem
from emails.models.offers import OfferCode, OfferPool
from emails.models.pictures import Picture

__all__ = ["BrandKit", "HostedEmail", "LibraryFeed", "LibraryItem", "OfferCode", "OfferPool", "Picture", "ShownItem"]
