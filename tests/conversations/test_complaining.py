"""A complaint is whoever's words opened it: it goes along when a stranger is linked, and when they are parted again."""

from datetime import timedelta

import pytest

from contacts.editing import add_role
from contacts.merging import link_contacts
from contacts.models import Audience, AudienceRole, Contact, Identity
from conversations.assigning import hold_complaint, resolve_complaint
from conversations.authors.authoring import link_author, make_contact
from conversations.authors.complaining import CRITIC_SINCE, WORK, end_critics, note_complaints
from conversations.authors.parting import part_author
from conversations.cases import close_case, open_case
from conversations.models import Case, Conversation, PublicAuthor
from lib.clock import now
from tests.factories.contacts import make_contact as make_person
from tests.factories.social import make_mention, make_vouching
from workspaces.current import working_in
from workspaces.models import AgendaItem, AuditEntry

pytestmark = pytest.mark.django_db
COMPLAINT = "This kettle is broken and useless, I want a refund, terrible."


@pytest.fixture
def network(kettle, vouching):
    with working_in(kettle):
        return make_vouching()


def complained(kettle, contact):
    with working_in(kettle):
        return Contact.objects.get(pk=contact.pk).complaint_since


def is_critic(kettle, contact):
    with working_in(kettle):
        return AudienceRole.objects.filter(contact=contact, role=Audience.CRITIC, until=None).exists()


def linked(kettle, network, ada, text="Does it fit?", person=None, **facts):
    """A mention of an account that was linked to a contact."""
    with working_in(kettle):
        mention = make_mention(text, connection=network, **facts)
        person = person or make_person("Greta")
        link_author(mention.author, person, by=ada)
        mention.author.refresh_from_db()
        mention.conversation.author.refresh_from_db()
        return mention, person


def test_parting_takes_the_open_case_and_its_complaint_along(kettle, network, ada):
    mention, greta = linked(kettle, network, ada)
    with working_in(kettle):
        case = open_case(mention.conversation, by=ada, what="The lid burnt him")
    assert complained(kettle, greta) is not None
    assert is_critic(kettle, greta)

    with working_in(kettle):
        part_author(mention.author, by=ada)

    assert complained(kettle, greta) is None  # offers to Greta go on
    assert not is_critic(kettle, greta)
    with working_in(kettle):
        assert Case.objects.get(pk=case.pk).closed_at is None  # what we promised is promised
        tom = make_contact(PublicAuthor.objects.get(pk=mention.author.pk), by=ada)
    assert complained(kettle, tom) is not None
    assert complained(kettle, greta) is None


def test_a_complaint_that_nobody_had_to_open_goes_along_as_well(kettle, network, ada):
    first, greta = linked(kettle, network, ada, handle="tom@social.example")
    with working_in(kettle):
        make_mention(COMPLAINT, connection=network, handle="tom@social.example")
    assert complained(kettle, greta) is not None

    with working_in(kettle):
        part_author(first.author, by=ada)

    assert complained(kettle, greta) is None


def test_what_another_account_of_theirs_complains_of_stays(kettle, network, ada):
    wrong, greta = linked(kettle, network, ada)
    own, _same = linked(kettle, network, ada, person=greta)
    with working_in(kettle):
        for one in (wrong, own):
            hold_complaint(one.conversation, by=ada)
        part_author(wrong.author, by=ada)
        later = PublicAuthor.objects.get(pk=own.author.pk).complained_at

    assert complained(kettle, greta) == later
    assert is_critic(kettle, greta)


def test_a_complaint_that_was_there_before_stays(kettle, network, ada):
    wrong, greta = linked(kettle, network, ada)
    with working_in(kettle):
        since = wrong.published_at.replace(year=2020)
        Contact.objects.filter(pk=greta.pk).update(complaint_since=since)
        hold_complaint(wrong.conversation, by=ada)
        part_author(wrong.author, by=ada)

    assert complained(kettle, greta) == since


def test_what_is_resolved_comes_back_with_nobody(kettle, network, ada):
    mention, greta = linked(kettle, network, ada)
    with working_in(kettle):
        hold_complaint(mention.conversation, by=ada)
        greta.refresh_from_db()
        mention.conversation.author.contact = greta
        resolve_complaint(mention.conversation, by=ada)
        part_author(mention.author, by=ada)
        tom = make_contact(PublicAuthor.objects.get(pk=mention.author.pk), by=ada)

    assert complained(kettle, tom) is None


def test_a_strangers_case_pauses_offers_once_we_know_who_it_is_and_closed_no_more(kettle, network, ada):
    with working_in(kettle):
        mentions = [make_mention(connection=network) for _n in range(2)]
        cases = [open_case(one.conversation, by=ada, what="It leaks") for one in mentions]
        close_case(cases[1], Case.Outcome.RECOVERED, by=ada)
        people = [make_contact(one.author, by=ada) for one in mentions]

    assert [complained(kettle, one) is None for one in people] == [False, True]


def test_parting_takes_a_number_away_that_linking_wrote(kettle, ada):
    """Else the network would know them again by it."""
    with working_in(kettle):
        mention = make_mention(network="sms", handle="+4930123456", connection=None)
        PublicAuthor.objects.update(claimed_by=0)
        mention.author.refresh_from_db()
        greta = make_person("Greta")
        link_author(mention.author, greta, by=ada)
        assert Identity.objects.filter(contact=greta, kind=Identity.Kind.PHONE).exists()

        part_author(mention.author, by=ada)

        assert not Identity.objects.filter(contact=greta, kind=Identity.Kind.PHONE).exists()


def test_an_open_complaint_keeps_its_first_moment_and_the_next_one_begins_anew(kettle, network):
    with working_in(kettle):
        author = make_mention(COMPLAINT, connection=network).author
        first, later = now() - timedelta(days=2), now() - timedelta(days=1)
        PublicAuthor.objects.filter(pk=author.pk).update(complained_at=None)
        for moment in (first, later):
            note_complaints({author.pk: moment})
        author.refresh_from_db()
        assert author.complained_at == first
        note_complaints({})


def look_after(kettle, time_machine, days):
    time_machine.move_to(now() + timedelta(days=days))
    return end_critics(kettle)


def test_a_critic_by_a_complaint_is_none_a_month_after_it_was_resolved(kettle, network, ada, time_machine):
    mention, greta = linked(kettle, network, ada)
    with working_in(kettle):
        eve, tom, older = make_person("Eve"), make_person("Tom", roles=[Audience.CRITIC]), make_person("Older")
        link_contacts(greta.pk, older.pk)  # they turn out to be one
        hold_complaint(mention.conversation, by=ada)
        add_role(eve, Audience.CRITIC, by=ada, source=CRITIC_SINCE)
        Contact.objects.filter(pk=eve.pk).update(complaint_since=now())  # hers is open
    assert end_critics(kettle) is None
    with working_in(kettle):
        resolve_complaint(Conversation.objects.get(pk=mention.conversation_id), by=ada)
        due = AgendaItem.objects.get(workspace=kettle, work=WORK).due_at

    again = look_after(kettle, time_machine, 29)

    assert is_critic(kettle, greta)
    assert abs(again - due) < timedelta(minutes=1)
    assert look_after(kettle, time_machine, 2) is None
    assert [is_critic(kettle, one) for one in (greta, eve, tom)] == [False, True, True]
    with working_in(kettle):
        assert AuditEntry.objects.filter(action="contact.role_ended").count() == 1


def test_who_complains_anew_stays_a_critic(kettle, network, ada, time_machine):
    mention, greta = linked(kettle, network, ada)
    with working_in(kettle):
        hold_complaint(mention.conversation, by=ada)
        resolve_complaint(Conversation.objects.get(pk=mention.conversation_id), by=ada)
        hold_complaint(Conversation.objects.get(pk=mention.conversation_id), by=ada)

    assert look_after(kettle, time_machine, 60) is None
    assert is_critic(kettle, greta)
