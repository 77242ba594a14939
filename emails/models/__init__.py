"""What emails are made of: the brand's look, pictures."""

from emails.models.brand_kits import BrandKit
from emails.models.pictures import Picture

__all__ = ["BrandKit", "Picture"]
