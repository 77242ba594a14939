"""Changing how to reach somebody changes it: one address of a kind is used, the one before is former."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.editing import edit_contact, phone_of
from contacts.enriching import enrich
from contacts.models import Contact, Identity
from contacts.reaching import Chosen, primary_of, use_addresses
from tests.examples import examples
from tests.factories.contacts import make_contact
from workspaces.current import working_in

EMAIL, PHONE = Identity.Kind.EMAIL, Identity.Kind.PHONE


def known(contact, kind):
    rows = Identity.objects.filter(contact=contact, kind=kind).order_by("value")
    return [(row.value, row.former_since is not None) for row in rows]


def test_a_new_email_by_hand_replaces_the_one_before(inside, ada):
    greta = make_contact(email="old@tea.example")

    edit_contact(greta, by=ada, email="New@tea.example")

    greta.refresh_from_db()
    assert greta.email == primary_of(greta, EMAIL) == "new@tea.example"
    assert known(greta, EMAIL) == [("new@tea.example", False), ("old@tea.example", True)]
    edit_contact(greta, by=ada, email="old@tea.example")
    greta.refresh_from_db()
    assert greta.email == "old@tea.example"
    assert known(greta, EMAIL) == [("new@tea.example", True), ("old@tea.example", False)]


def test_an_emptied_email_is_used_no_more_and_still_recognises(inside, ada):
    greta = make_contact(email="old@tea.example")

    edit_contact(greta, by=ada, email="")

    assert Contact.objects.get(pk=greta.pk).email == ""
    assert known(greta, EMAIL) == [("old@tea.example", True)]


def test_a_phone_is_edited_and_emptied_on_the_page(as_ada, kettle):
    here = "/w/kettle/contacts/"
    with working_in(kettle):
        greta = make_contact(email="greta@tea.example")
    facts = {"name": "Greta", "email": "greta@tea.example", "contact_frequency": "2", "dialogue_mode": "1"}

    for number in ("+49 30 901860", "+49 30 901861"):
        assert as_ada.post(f"{here}{greta.pk}/edit/", facts | {"phone": number}).status_code == 302

    assert 'value="+4930901861"' in as_ada.get(f"{here}{greta.pk}/edit/").text
    page = as_ada.get(f"{here}{greta.pk}/").text
    assert "former since" in page
    as_ada.post(f"{here}{greta.pk}/edit/", facts | {"phone": ""})
    with working_in(kettle):
        assert phone_of(greta) == ""
        assert known(greta, PHONE) == [("+4930901860", True), ("+4930901861", True)]


def test_a_new_email_by_the_api_replaces_the_one_before(inside):
    greta = make_contact(email="old@tea.example")
    Identity.objects.create(contact=greta, kind=EMAIL, value="new@tea.example")

    enrich([(greta.pk, {"email": "new@tea.example"})], trusted=False)
    assert primary_of(Contact.objects.get(pk=greta.pk), EMAIL) == "old@tea.example"
    enrich([(greta.pk, {"email": "new@tea.example"})])

    assert primary_of(Contact.objects.get(pk=greta.pk), EMAIL) == "new@tea.example"
    assert known(greta, EMAIL) == [("new@tea.example", False), ("old@tea.example", True)]


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(steps=st.lists(st.tuples(st.sampled_from(["+4930901820", "+4930901821", "+4930901822", ""]), st.booleans())))
def test_of_the_current_ones_exactly_one_is_used(inside, steps):
    greta = make_contact()
    for last in "012":
        Identity.objects.create(contact=greta, kind=PHONE, value=f"+4930901{greta.pk % 100:02}82{last}")
    ours = [value for value, _former in known(greta, PHONE)]

    for value, retires in steps:
        mine = ours[int(value[-1])] if value else ""
        before = primary_of(greta, PHONE)
        told = use_addresses([Chosen(greta.pk, PHONE, mine, retires)])
        after, current = primary_of(greta, PHONE), [one for one, former in known(greta, PHONE) if not former]
        assert told == ([(greta.pk, PHONE, before, mine)] if before != mine else [])
        assert (after in current) if current else (after == "")
        assert after == mine or not mine
        assert (before in current) == (not retires or before == mine) or before == ""
    Identity.objects.filter(contact=greta).delete()
