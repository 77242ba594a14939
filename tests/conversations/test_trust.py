"""Who wrote: a proven handle links by itself, a claimed one is a suggestion that a person may take."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Identity
from conversations.authors.authoring import link_known_authors, make_contact
from conversations.authors.suggesting import claimed_contact
from conversations.mentions.listening import hear
from conversations.mentions.setting_aside import hear_each
from conversations.models import Conversation, Mention, PublicAuthor
from tests.factories.contacts import make_contact as contact_for
from tests.factories.social import heard, make_connection, make_mention, make_vouching
from touchpoints.models import Touchpoint
from workspaces.current import working_in

COMPLAINT = "Third lid that cracks, it is broken again. Terrible. I want a refund."
INBOX = "/w/kettle/inbox/"


def known(name="Vic", **identity) -> Contact:
    """A contact with one handle or address."""
    contact = contact_for(name)
    kind, value = next(iter(identity.items()))
    Identity.objects.update_or_create(kind=Identity.Kind[kind.upper()], value=value, defaults={"contact": contact})
    return contact


@pytest.mark.parametrize("network", ["mastodon", "email", "feed", ""])
@pytest.mark.parametrize("kind", ["handle", "email"])
def test_a_claimed_handle_links_nobody(inside, network, kind):
    vic = known(**{kind: "vic@gmail.example"})
    people = Contact.objects.count()

    hear(make_connection(), [heard(COMPLAINT, handle="vic@gmail.example", network=network)])

    vic.refresh_from_db()
    author = PublicAuthor.objects.get()
    assert (author.contact_id, vic.complaint_since, Touchpoint.objects.count()) == (None, None, 0)
    assert Contact.objects.count() == people
    assert claimed_contact(author) == vic


def test_a_claimed_handle_is_not_linked_later_either(inside):
    make_mention(handle="vic@gmail.example")
    vic = known(handle="vic@gmail.example")

    assert link_known_authors([vic.pk]) == 0
    assert Touchpoint.objects.count() == 0


def test_an_account_of_the_fediverse_is_no_email_address(inside, vouching):
    known(email="ina@tea.example")

    hear(make_vouching(), [heard(handle="ina@tea.example", network="mastodon")])

    assert PublicAuthor.objects.get().contact_id is None


def test_the_card_suggests_and_a_person_decides(as_ada, kettle):
    with working_in(kettle):
        vic, mention = known("Vic Lang", handle="vic@tea.example"), make_mention(COMPLAINT, handle="vic@tea.example")
    page = as_ada.get(f"{INBOX}{mention.conversation_id}/").text
    assert ("Perhaps" in page, "Vic Lang" in page, "It is them" in page) == (True, True, True)

    as_ada.post(f"{INBOX}{mention.conversation_id}/link/", {"contact": vic.pk})

    with working_in(kettle):
        vic.refresh_from_db()
        assert PublicAuthor.objects.get().contact_id == vic.pk
        assert Touchpoint.objects.get().contact_id == vic.pk
        assert vic.complaint_since is None


@pytest.mark.parametrize("contact", ["", "0", "-1", "x", "²", "99999999999999999999"])
def test_nobody_but_the_suggested_one_is_linked(as_ada, kettle, contact):
    with working_in(kettle):
        known(handle="vic@tea.example")
        other = contact_for("Somebody Else")
        mention = make_mention(handle="vic@tea.example")
    path = f"{INBOX}{mention.conversation_id}/link/"
    assert [as_ada.post(path, {"contact": one}).status_code for one in (contact, other.pk)] == [404, 404]
    with working_in(kettle):
        assert PublicAuthor.objects.get().contact_id is None


def test_an_analyst_sees_no_suggestion(member, kettle):
    with working_in(kettle):
        known("Vic Lang", handle="vic@tea.example")
        mention = make_mention(handle="vic@tea.example")
    analyst = member("analyst")
    assert "Vic Lang" not in analyst.get(f"{INBOX}{mention.conversation_id}/").text
    assert analyst.post(f"{INBOX}{mention.conversation_id}/link/", {"contact": "1"}).status_code == 403


def test_the_same_claim_by_another_connection_is_somebody_else(inside, ada):
    vic = known(handle="vic@tea.example")
    first = make_mention(handle="vic@tea.example", connection=make_connection("One"))
    make_contact_of = claimed_contact(first.author)
    assert make_contact_of == vic
    from conversations.authors.authoring import link_author

    link_author(first.author, vic, by=ada)
    make_mention(COMPLAINT, handle="vic@tea.example", connection=make_connection("Two"))

    vic.refresh_from_db()
    assert PublicAuthor.objects.count() == 2
    assert (Touchpoint.objects.count(), vic.complaint_since) == (1, None)


def test_who_is_linked_by_a_person_still_opens_no_complaint_by_a_claim(inside, ada):
    from conversations.authors.authoring import link_author

    vic, bridge = contact_for("Vic"), make_connection()
    link_author(make_mention(handle="vic", connection=bridge).author, vic, by=ada)

    hear(bridge, [heard(COMPLAINT, handle="vic")])

    vic.refresh_from_db()
    assert vic.complaint_since is None


def test_making_a_contact_of_a_claim_takes_nobodys_place(inside, ada):
    vic = known(handle="vic@tea.example")

    made = make_contact(make_mention(handle="vic@tea.example").author, by=ada)

    assert made != vic
    assert Identity.objects.get(value="vic@tea.example").contact_id == vic.pk


@pytest.mark.parametrize(
    "handle", ["guest", "Guest", "@undefined", "null", "0000", "[object Object]", "anonymous", "-"]
)
def test_a_name_that_names_nobody_makes_no_two_strangers_one(inside, handle):
    hear(make_connection(), [heard("One", handle=handle, thread=""), heard("Two", handle=handle, thread="")])

    assert (PublicAuthor.objects.count(), Conversation.objects.count()) == (2, 2)


def test_a_guest_in_a_chat_is_one_for_the_whole_chat(inside):
    chat = make_connection()
    for text in ("Hello", "Anybody there?"):
        hear(chat, [heard(text, handle="guest", thread="session 1", is_public=False)])
    hear(chat, [heard("Hi", handle="guest", thread="session 2", is_public=False)])

    assert (PublicAuthor.objects.count(), Conversation.objects.count(), Mention.objects.count()) == (2, 2, 3)


def test_ids_count_within_their_connection(inside):
    one, other = make_connection("One"), make_connection("Other")
    kettle_ = heard("The kettle leaks", remote_id="1", handle="a", url="")
    bike = heard("The bike squeaks", remote_id="1", handle="b", url="")
    hear(one, [kettle_])
    hear(other, [bike])
    assert Mention.objects.count() == 2

    hear(other, [heard("The bike is fine now", remote_id="1", handle="b", edited_at=timezone.now())])
    hear(one, [heard("", remote_id="1", handle="a", is_deleted=True)])

    assert dict(Mention.objects.values_list("connection__name", "text")) == {"One": "", "Other": "The bike is fine now"}


def test_two_facts_of_two_connections_are_two_though_their_ids_are_one(inside, vouching):
    vic, at = known(handle="vic@tea.example"), timezone.now() - timedelta(hours=1)
    for name in ("One", "Other"):
        same = {"remote_id": "1", "handle": "vic@tea.example", "published_at": at, "url": ""}
        hear(make_vouching(name), [heard(f"Said on {name}", **same)])

    assert Touchpoint.objects.filter(contact=vic).count() == 2


POST = {"url": "https://social.example/@tom/9", "handle": "tom@social.example", "thread": "t9"}


def test_the_same_post_by_two_connections_waits_once(inside, vouching):
    first = heard("Does it fit?", remote_id="a", **POST)
    twin = heard("Does it fit?", remote_id="b", **POST | {"url": POST["url"] + "/?utm_source=feed#top"})
    one, other = make_vouching("One"), make_vouching("Other")
    known(handle="tom@social.example")

    new = hear(one, [first]).new
    again = hear(other, [twin])

    assert (len(new), again.new, again.known_count) == (1, [], 1)
    assert (Conversation.objects.count(), Touchpoint.objects.count()) == (1, 1)
    assert Mention.objects.get(remote_id="b").twin_of == new[0]


def test_a_twin_takes_the_place_of_what_is_deleted_and_not_of_what_stands(inside, as_ada):
    one, other = make_connection("One"), make_connection("Other")
    hear(one, [heard("Does it fit?", remote_id="a", **POST)])
    hear(other, [heard("Does it fit?", remote_id="b", **POST)])
    conversation = Conversation.objects.get()

    hear(one, [heard("", remote_id="a", is_deleted=True)])

    conversation.refresh_from_db()
    assert (conversation.state, conversation.title) == ("waiting", "Does it fit?")
    assert list(Mention.objects.filter(twin_of=None, deleted_at=None).values_list("remote_id", flat=True)) == ["b"]
    hear(other, [heard("", remote_id="b", is_deleted=True)])
    conversation.refresh_from_db()
    assert (conversation.state, conversation.title) == ("done", "")


@pytest.mark.parametrize(
    "change", [{"text": "Another text"}, {"handle": "eve@social.example"}, {"url": "https://x.example/"}]
)
def test_what_only_resembles_a_post_is_no_twin(inside, change):
    facts = {"text": "Does it fit?"} | POST
    hear(make_connection("One"), [heard(remote_id="a", **facts)])
    hear(make_connection("Other"), [heard(remote_id="b", **facts | change)])

    assert Mention.objects.filter(twin_of=None).count() == 2


def test_a_claim_never_hides_who_is_proven(inside, vouching):
    tom = known(handle="tom@social.example")
    hear(make_connection("A forger"), [heard("Does it fit?", remote_id="a", **POST)])

    assert len(hear(make_vouching(), [heard("Does it fit?", remote_id="b", **POST)]).new) == 1
    assert Touchpoint.objects.get().contact_id == tom.pk


def test_a_page_of_both_kinds_goes_through_hear_each(inside):
    good, bad = heard("Fine"), heard("Odd", published_at=timezone.now().replace(year=1969))

    heard_ = hear_each(make_connection(), [good, bad])

    assert ([row.text for row in heard_.new], [item for item, _why in heard_.poison]) == (["Fine"], [bad])
