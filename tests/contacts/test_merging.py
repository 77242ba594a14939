"""Links between contacts, and who hears of them."""

from contacts.merging import link_contacts
from contacts.news import contacts_linked
from tests.factories.contacts import make_contact


def test_whoever_loses_somebody_to_another_survivor_hears_of_it(inside, monkeypatch):
    old, new, moved = make_contact(), make_contact(), make_contact()
    link_contacts(moved.pk, old.pk)
    heard = []
    monkeypatch.setattr(contacts_linked, "hearers", [lambda pairs: heard.append(pairs)])

    link_contacts(moved.pk, new.pk)

    assert heard == [[(moved.pk, new.pk), (moved.pk, old.pk)]]
