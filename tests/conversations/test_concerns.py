"""A critic's chip stands on evidence: since when, how many posts, and the posts themselves."""

from datetime import timedelta

from contacts.merging import link_contacts
from contacts.models import Audience, Contact
from conversations.concerns import concern_of
from conversations.models import Conversation, Mention, PublicAuthor
from lib.clock import now
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from workspaces.current import working_in


def wrote(contact: Contact, text: str, **fields) -> Mention:
    mention = make_mention(text, handle=f"@p{contact.pk}@tea.example", name=contact.name)
    PublicAuthor.objects.filter(pk=mention.author_id).update(contact=contact)
    Mention.objects.filter(pk=mention.pk).update(**fields)
    return mention


def test_who_is_neither_critic_nor_complains_has_no_concern(inside):
    contact = make_contact(roles=[Audience.CUSTOMER])
    wrote(contact, "Leaks", sentiment="neg")

    assert concern_of(contact) is None


def test_the_concern_counts_what_is_negative_or_a_complaint_and_stands(inside):
    contact, visitor = make_contact(roles=[Audience.CRITIC]), make_contact("", "")
    link_contacts(visitor.pk, contact.pk)
    wrote(contact, "It leaks", sentiment="neg", published_at=now() - timedelta(days=3))
    wrote(contact, "Where is my refund", sentiment="neu", intent="complaint", published_at=now() - timedelta(days=2))
    wrote(visitor, "Never again", sentiment="neg", published_at=now() - timedelta(days=1))
    wrote(contact, "Lovely lid", sentiment="pos")
    wrote(contact, "Taken back", sentiment="neg", deleted_at=now())

    found = concern_of(contact)

    assert (found["posts"], found["is_open"]) == (3, False)
    assert [row["text"] for row in found["rows"]] == ["Never again", "Where is my refund", "It leaks"]


def test_a_concern_is_as_old_as_the_first_that_is_known_of_it(inside):
    contact = make_contact(roles=[Audience.CRITIC], complaint_since=now() - timedelta(days=9))

    found = concern_of(contact)

    assert (found["since"], found["is_open"], found["posts"]) == (contact.complaint_since, True, 0)


def test_the_chip_leads_to_the_evidence(as_ada, kettle):
    with working_in(kettle):
        contact = make_contact("Cora Critic", roles=[Audience.CRITIC])
        wrote(contact, "It leaks and nobody helps", sentiment="neg")
        thread = Conversation.objects.get().pk

    page = as_ada.get(f"/w/kettle/contacts/{contact.pk}/").text
    card = as_ada.get(f"/w/kettle/inbox/{thread}/").text

    assert 'href="#concern"' in page
    assert 'id="concern"' in page
    assert "1 post" in page
    assert f'href="/w/kettle/inbox/{thread}/"' in page
    assert f'href="/w/kettle/contacts/{contact.pk}/#concern"' in card
    assert "1 post" in card
