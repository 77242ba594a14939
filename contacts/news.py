"""What others may hear from the room of people."""

from lib.news import News

# contact_ids: list[int], survivors or not. Fields, roles, custom fields, tags or ways to reach them changed.
contacts_changed = News("contacts_changed", "contact_ids")
# contact_ids: list[int]. The same of people whom a file changed: the words by which they are found stand.
contacts_loaded = News("contacts_loaded", "contact_ids")
# contact_ids: list[int]. A file made these in this transaction, words for the search and all: they are linked to nobody,
# nothing was recorded, scored or written of them yet.
contacts_made = News("contacts_made", "contact_ids")
# pairs: list[tuple[int, int]], (loser, survivor) of contacts that were linked as one person, or parted again.
contacts_linked = News("contacts_linked", "pairs")
