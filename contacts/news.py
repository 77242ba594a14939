"""What others may hear from the room of people."""

from django.dispatch import Signal

# contact_ids: list[int]. Fields, roles, traits or tags changed.
contacts_changed = Signal()
# contact_ids: list[int]. Consent, suppression, pause or dial changed.
consent_changed = Signal()
# loser_id, survivor_id: two contacts were linked as one person, or parted again.
contacts_linked = Signal()
