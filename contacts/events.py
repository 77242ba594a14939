"""News about people, told to machines: the log of events and who is sent it."""

from collections.abc import Sequence

from workspaces.events import record_event, record_pairs

CHANGED, LINKED = "contact.changed", "contact.linked"


def on_contacts_changed(contact_ids: Sequence[int]) -> None:
    """News: they are new, or something of them changed, by hand, by a server or by a file."""
    record_event(CHANGED, contact_ids)


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """News: contacts turned out to be one person, or part again; who stands for whom is to be read anew."""
    record_pairs(LINKED, pairs)
