"""An email from an address that several people use: a stranger's until a colleague says who wrote, and the next one too."""

import itertools

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from contacts.editing import edit_contact
from contacts.merging import link_contacts
from contacts.models import Contact, Identity
from contacts.sharing import mark_shared
from conversations.answers.replying import reply_to
from conversations.authors.shared_senders import NoUserError, tell_somebody_new, tell_who, users_behind
from conversations.mentions.listening import hear
from conversations.models import Connection, Conversation, Mention, PublicAuthor, Reply
from privacy.erasing import erase_person
from tests.factories.contacts import make_contact
from tests.factories.social import heard, make_vouching
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import AuditEntry

OFFICE = "info@tea.example"


@pytest.fixture
def two(kettle, ada) -> tuple[Contact, Contact]:
    """Ann and Ben, who share an address."""
    with working_in(kettle):
        ann, ben = make_contact("Ann Tee", OFFICE), make_contact("Ben Berg")
        mark_shared(ann, ann.identities.get(kind=Identity.Kind.EMAIL).pk, by=ada)
        edit_contact(ben, by=ada, email=OFFICE)
        return ann, ben


@pytest.fixture
def write(kettle, vouching):
    """`write("text", thread)`: an email that the office's server proves."""

    def come(text="Is it any good?", thread="t1") -> Conversation:
        with working_in(kettle):
            box = Connection.objects.first() or make_vouching()
            item = heard(text, handle=OFFICE, name="Tea office", network="mail", thread=thread, is_public=False)
            return hear(box, [item]).new[0].conversation

    return come


def told(kettle) -> list[tuple[str, str]]:
    """(who, what they wrote) of the timeline."""
    with working_in(kettle):
        rows = Touchpoint.objects.filter(payload__has_key="text", direction=0).order_by("occurred_at")
        return [(Contact.objects.get(pk=one.contact_id).name, one.payload["text"]) for one in rows]


def test_the_card_names_who_it_may_be_and_one_click_says_it(as_ada, kettle, ada, two, write):
    first = write()
    page = f"/w/kettle/inbox/{first.pk}/"

    shown = as_ada.get(page).text
    assert ("Who wrote this?" in shown, "Ann Tee" in shown, "Ben Berg" in shown) == (True, True, True)
    said = as_ada.post(f"{page}link/", {"contact": two[1].pk}, follow=True).text

    assert "Linked to Ben Berg: this conversation alone." in said
    assert told(kettle) == [("Ben Berg", "Is it any good?")]
    again = write("And one more", "t1")
    other = write("Another matter", "t2")
    assert len({first.pk, again.pk, other.pk}) == 3
    assert told(kettle) == [("Ben Berg", "Is it any good?")]
    assert "Who wrote this?" in as_ada.get(f"/w/kettle/inbox/{other.pk}/").text
    with working_in(kettle):
        tell_who(again, two[1], by=ada)
        tell_who(other, two[0], by=ada)
    assert sorted(told(kettle)) == [
        ("Ann Tee", "Another matter"), ("Ben Berg", "And one more"), ("Ben Berg", "Is it any good?"),
    ]  # fmt: skip


def test_whom_a_colleague_named_first_stays(as_ada, kettle, two, write):
    row = write()
    path = f"/w/kettle/inbox/{row.pk}/link/"
    as_ada.post(path, {"contact": two[0].pk})

    said = as_ada.post(path, {"contact": two[1].pk}, follow=True).text

    assert "A colleague said already that it was Ann Tee." in said
    with working_in(kettle):
        assert Conversation.objects.get().author.contact == two[0]
        assert AuditEntry.objects.filter(action="author.linked").count() == 1


def test_nobody_but_who_uses_the_address_is_named(as_ada, as_eve, member, kettle, ada, two, write):
    row = write()
    with working_in(kettle):
        other = make_contact("Cyd", "cyd@tea.example")
        with pytest.raises(NoUserError):
            tell_who(row, other, by=ada)
    path = f"/w/kettle/inbox/{row.pk}/link/"

    assert as_ada.post(path, {"contact": other.pk}).status_code == 404
    assert as_ada.post(path, {"contact": "²"}).status_code == 404
    analyst = member("analyst")
    assert analyst.post(path, {"contact": two[0].pk}).status_code == 403
    assert as_eve.post(path, {"contact": two[0].pk}).status_code == 404
    masked = analyst.get(f"/w/kettle/inbox/{row.pk}/").text
    assert ("Ann Tee" in masked, "Ben Berg" in masked) == (False, False)


def test_somebody_new_uses_the_address_too_and_takes_no_later_email(as_ada, kettle, ada, two, write):
    row = write()

    as_ada.post(f"/w/kettle/inbox/{row.pk}/contact/", {})

    later = write("Later", "t9")
    with working_in(kettle):
        made = Contact.objects.get(name="Tea office")
        assert Conversation.objects.get(pk=row.pk).author.contact == made
        assert Conversation.objects.get(pk=later.pk).author.contact is None
        assert {one.name for one in users_behind(PublicAuthor.objects.get(contact=None))} == {
            "Ann Tee", "Ben Berg", "Tea office",
        }  # fmt: skip
        assert tell_somebody_new(row, by=ada) == made


def test_what_came_before_the_address_was_shared_stays_and_what_comes_after_asks(kettle, ada, vouching, write):
    with working_in(kettle):
        ann = make_contact("Ann Tee", OFFICE)
    write("Before")
    with working_in(kettle):
        mark_shared(ann, ann.identities.get(kind=Identity.Kind.EMAIL).pk, by=ada)

    row = write("After", "t1")

    assert told(kettle) == [("Ann Tee", "Before")]
    with working_in(kettle):
        assert Conversation.objects.get(pk=row.pk).author.contact is None
        assert users_behind(row.author) == [ann]


def test_of_users_who_are_one_person_by_now_or_erased_nobody_is_named_twice_or_at_all(kettle, ada, two, write):
    row = write()
    with working_in(kettle):
        third = make_contact("Cyd")
        edit_contact(third, by=ada, email=OFFICE)
        link_contacts(third.pk, two[1].pk)
        assert users_behind(row.author) == [*two]
        erase_person(two[0].pk, by=ada)
        assert users_behind(row.author) == [two[1]]
        tell_who(row, two[1], by=ada)
    with working_in(kettle):
        erase_person(two[1].pk, by=ada)
        assert not Mention.objects.exclude(text="").exists()


def test_an_answer_goes_to_who_wrote_and_stands_on_their_timeline(kettle, ada, two, write):
    row = write()
    with working_in(kettle):
        tell_who(row, two[1], by=ada)
        mention = Mention.objects.select_related("author__contact", "connection", "conversation").get()
        reply_to(mention, "It is.", by=ada)
        assert Reply.objects.get().conversation.author.contact == two[1]
        assert set(Touchpoint.objects.filter(direction=1).values_list("contact_id", flat=True)) <= {two[1].pk}


def test_a_page_of_fifty_emails_asks_no_more_than_one(kettle, two, vouching):
    threads = itertools.count()

    def statements(count):
        items = [heard(f"Q{n}", handle=OFFICE, network="mail", thread=f"{next(threads)}") for n in range(count)]
        with working_in(kettle), CaptureQueriesContext(database) as caught:
            hear(Connection.objects.first() or make_vouching(), items)
        return len(caught)

    statements(1)
    assert statements(1) == statements(50)
