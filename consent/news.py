"""What others may hear from the room of permission."""

from lib.news import News

# contact_ids: list[int]. Consent, suppression, pause or frequency changed.
consent_changed = News("consent_changed", "contact_ids")
# contact_ids: list[int]. How far we may measure what they do with our emails changed.
tracking_changed = News("tracking_changed", "contact_ids")
