"""Identity across networks: proven by a code, suggested with evidence, undone when it was wrong."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from contacts.merging import link_contacts
from contacts.models import Contact, Identity
from contacts.searching import index_people
from contacts.sharing import share_all
from conversations.answers.replying import reply_to
from conversations.authors.account_codes import MOST_OPEN, accounts_of, make_code
from conversations.authors.authoring import link_author, link_known_authors
from conversations.authors.parting import StillNamedError, part_author
from conversations.authors.shared_senders import tell_who
from conversations.authors.suggesting import HANDLE, LOOKED_AT, NAME, PARTED, suggest_contact
from conversations.mentions.listening import hear
from conversations.models import AccountCode, Conversation, PublicAuthor
from lib.clock import now
from portal.access_links import relationship_token
from tests.factories.contacts import make_contact
from tests.factories.social import heard, make_connection, make_mention, make_vouching
from touchpoints.models import CorrectedFact, Touchpoint
from workspaces.current import working_in
from workspaces.models import AuditEntry


def known(name: str) -> Contact:
    """A contact who is found by their name."""
    contact = make_contact(name)
    index_people([contact.pk])
    return contact


def said(contact):
    live = Touchpoint.objects.filter(contact_id=contact.pk)
    gone = CorrectedFact.objects.filter(is_deleted=1).values("touchpoint_id")
    return live.exclude(pk__in=gone).count()


@pytest.fixture
def network(inside, vouching):
    return make_vouching()


def test_a_code_sent_from_an_account_makes_it_theirs_with_all_they_wrote(network):
    greta = make_contact("Greta")
    make_mention("Is it open?", connection=network, handle="greta@social.example")
    code = make_code(greta)

    make_mention(f"Here: {code.lower()}!", connection=network, handle="greta@social.example")

    author = PublicAuthor.objects.get()
    assert author.contact_id == greta.pk
    assert said(greta) == 2
    identity = Identity.objects.get(kind=Identity.Kind.HANDLE)
    assert (identity.contact_id, identity.value) == (greta.pk, "greta@social.example")
    assert identity.evidence.startswith("proven by a code on ")
    assert accounts_of(greta) == [author]
    assert AuditEntry.objects.filter(action="account.connected").count() == 1


def test_a_code_works_once(network):
    greta = make_contact("Greta")
    code = make_code(greta)
    make_mention(code, connection=network, handle="greta@social.example")
    make_mention(code, connection=network, handle="thief@social.example")

    assert [one.handle for one in accounts_of(greta)] == ["greta@social.example"]


@pytest.mark.parametrize("why", ["claimed", "late", "silent", "wrong", "known"])
def test_what_proves_nothing_links_nobody(network, time_machine, why):
    greta, code = make_contact("Greta"), make_code(make_contact("Greta Two"))
    holder = AccountCode.objects.get().contact
    if why == "late":
        time_machine.move_to(now() + timedelta(days=8), tick=False)
    if why == "known":
        Identity.objects.create(contact=greta, kind=Identity.Kind.HANDLE, value="g@social.example")
    text = code if why != "wrong" else "7GK2-9QMX"
    bridge = make_connection("A webhook") if why == "claimed" else network
    hear(bridge, [heard(text, handle="g@social.example", published_at=now())], silent=why == "silent")

    assert accounts_of(holder) == []
    assert AuditEntry.objects.filter(action="account.refused").count() == (why == "known")


def test_codes_that_are_over_go(inside, time_machine):
    greta = make_contact("Greta")
    make_code(greta)
    time_machine.move_to(now() + timedelta(days=8), tick=False)
    make_code(greta)
    assert AccountCode.objects.count() == 1


def test_of_many_codes_the_oldest_end(inside):
    greta = make_contact("Greta")
    for _ in range(MOST_OPEN + 3):
        make_code(greta)
    assert AccountCode.objects.count() == MOST_OPEN


def test_a_page_without_a_code_asks_nothing_of_codes(network):
    with CaptureQueriesContext(database) as queries:
        make_mention("The LATE-EDIT is no c0de", connection=network)
    assert not any("accountcode" in one["sql"] for one in queries)


def test_a_suggestion_says_why(network):
    vic = known("Vic Stone")
    Identity.objects.create(contact=vic, kind=Identity.Kind.HANDLE, value="vic@social.example")
    claimed = make_mention(connection=make_connection("W"), handle="vic@social.example", name="V").author
    named = make_mention(connection=network, handle="other@social.example", name="VIC  Stone").author

    assert (suggest_contact(claimed).contact, suggest_contact(claimed).why) == (vic, HANDLE)
    assert (suggest_contact(named).contact, suggest_contact(named).why) == (vic, NAME)


def test_a_name_that_many_have_or_of_one_word_suggests_nobody(network):
    known("Vic Stone"), known("Vic Stone"), known("Ina")
    assert suggest_contact(make_mention(connection=network, name="Vic Stone").author) is None
    assert suggest_contact(make_mention(connection=network, name="Ina").author) is None
    assert suggest_contact(make_mention(connection=network, name="Vic Stonewall").author) is None


def test_where_more_fit_than_are_looked_at_nobody_is_called_the_only_one(network):
    known("Vic Stone")
    for number in range(LOOKED_AT):
        known(f"Vic Stone the {number}th")
    assert suggest_contact(make_mention(connection=network, name="Vic Stone").author) is None


def test_parting_undoes_what_linking_did(network, ada, bob):
    greta = known("Greta Stone")
    before = said(greta)
    mention = make_mention("Is it open?", connection=network, handle="greta@social.example", name="Greta Stone")
    link_author(mention.author, greta, by=ada)
    reply_to(mention, "It is.", by=bob)
    assert said(greta) == before + 2

    assert part_author(mention.author, by=ada) == greta

    author = PublicAuthor.objects.get()
    assert (author.contact_id, said(greta)) == (None, before)
    assert not Identity.objects.filter(contact=greta, kind=Identity.Kind.HANDLE).exists()
    assert not Touchpoint.objects.filter(contact_id=greta.pk, payload__text="Is it open?").exists()
    assert link_known_authors([greta.pk]) == 0
    assert suggest_contact(author).why == PARTED  # to take it back
    assert part_author(author, by=ada) is None
    Conversation.objects.get()  # it stays in the inbox


def test_after_parting_they_can_be_linked_again_to_anybody(network, ada):
    greta, tom = make_contact("Greta"), make_contact("Tom")
    mention = make_mention("Is it open?", connection=network, handle="greta@social.example")
    link_author(mention.author, greta, by=ada)
    part_author(mention.author, by=ada)
    link_author(PublicAuthor.objects.get(), tom, by=ada)
    assert (said(greta), said(tom)) == (0, 1)

    part_author(PublicAuthor.objects.get(), by=ada)
    link_author(PublicAuthor.objects.get(), greta, by=ada)
    assert (said(greta), said(tom)) == (1, 0)


def test_what_was_parted_is_not_linked_by_an_identity_that_comes_later(network, ada):
    greta = make_contact("Greta")
    mention = make_mention(connection=network, handle="greta@social.example")
    link_author(mention.author, greta, by=ada)
    part_author(mention.author, by=ada)
    Identity.objects.create(contact=greta, kind=Identity.Kind.HANDLE, value="greta@social.example")

    assert link_known_authors([greta.pk]) == 0
    make_mention("And now?", connection=network, handle="greta@social.example")
    assert PublicAuthor.objects.get().contact_id is None

    survivor = make_contact("Greta Stone")
    link_contacts(greta.pk, survivor.pk)
    make_mention("And today?", connection=network, handle="greta@social.example")
    assert PublicAuthor.objects.get().contact_id is None


def test_who_wrote_one_email_of_a_shared_address_is_parted_and_told_again(inside, vouching, ada):
    ina, ben = make_contact("Ina"), make_contact("Ben")
    share_all(
        [(one.pk, Identity.Kind.EMAIL, "info@tea.example") for one in (ina, ben)], why="hand", evidence="x", by=""
    )
    mention = make_mention(connection=make_vouching(), network="email", handle="info@tea.example", is_public=False)
    talk = Conversation.objects.get(pk=mention.conversation_id)
    assert tell_who(talk, ina, by=ada) == ina
    author = Conversation.objects.get(pk=talk.pk).author

    part_author(author, by=ada)

    assert Identity.objects.filter(contact=ina, value="info@tea.example").exists()  # she uses it all the same
    assert said(ina) == 0
    assert tell_who(talk, ina, by=ada) == ina
    assert (Conversation.objects.get(pk=talk.pk).author.contact_id, said(ina)) == (ina.pk, 1)
    part_author(Conversation.objects.get(pk=talk.pk).author, by=ada)
    assert tell_who(talk, ben, by=ada) == ben
    assert (said(ina), said(ben)) == (0, 1)


def test_a_contact_who_has_the_handle_anyway_is_not_parted(network, ada):
    greta = make_contact("Greta")
    Identity.objects.create(
        contact=greta, kind=Identity.Kind.HANDLE, value="greta@social.example", evidence="from a file"
    )
    mention = make_mention(connection=network, handle="greta@social.example")
    assert mention.author.contact_id == greta.pk
    with pytest.raises(StillNamedError, match=r"greta@social\.example"):
        part_author(mention.author, by=ada)
    assert said(greta) == 1


def test_the_card_parts_and_says_why_it_suggests(as_ada, kettle, ada, vouching):
    with working_in(kettle):
        greta = known("Greta Stone")
        mention = make_mention(connection=make_vouching(), handle="g@social.example", name="Greta Stone")
    address = f"/w/kettle/inbox/{mention.conversation_id}/"
    assert "the whole name is the same" in as_ada.get(address).text
    as_ada.post(f"{address}link/", {"contact": greta.pk})
    assert "This is not them" in as_ada.get(address).text

    as_ada.post(f"{address}part/")
    page = as_ada.get(address).text
    assert "This is not them" not in page
    assert "until somebody said that it is not" in page
    with working_in(kettle):
        assert PublicAuthor.objects.get().contact_id is None
        assert said(greta) == 0

    as_ada.post(f"{address}link/", {"contact": greta.pk})  # a slip is taken back
    with working_in(kettle):
        assert (PublicAuthor.objects.get().contact_id, said(greta)) == (greta.pk, 1)


def test_who_may_not_edit_parts_nobody(member, kettle, ada, vouching):
    with working_in(kettle):
        mention = make_mention(connection=make_vouching(), handle="g@social.example")
        link_author(mention.author, make_contact("Greta"), by=ada)
    assert member("analyst").post(f"/w/kettle/inbox/{mention.conversation_id}/part/").status_code == 403


class TestOnTheirOwnPage:
    @pytest.fixture
    def greta(self, kettle, vouching) -> Contact:
        with working_in(kettle):
            make_vouching(settings={"acct": "kettle@social.example"})
            return make_contact("Greta", "greta@tea.example")

    def page(self, kettle, greta):
        with working_in(kettle):
            return f"/p/kettle/me/{relationship_token(greta.pk)}/"

    def test_they_get_a_code_and_see_the_account_and_take_it_away(self, client, kettle, greta):
        address = self.page(kettle, greta)
        assert "Connect an account" in client.get(address).text
        shown = client.post(address, {"do": "account-code"}, follow=True).text
        assert "@kettle@social.example" in shown
        with working_in(kettle):
            code = make_code(greta)
            connection = (
                Conversation.objects.none().model._meta.apps.get_model("conversations.Connection").objects.get()
            )
            make_mention(f"Hi {code}", connection=connection, handle="greta@social.example")
            [account] = accounts_of(greta)
        assert "greta@social.example" in client.get(address).text

        client.post(address, {"do": "account-part", "account": account.pk})
        with working_in(kettle):
            assert accounts_of(greta) == []

    def test_five_codes_an_hour(self, client, kettle, greta):
        address = self.page(kettle, greta)
        for _ in range(6):
            answer = client.post(address, {"do": "account-code"}, follow=True)
        assert "five codes" in answer.text
        with working_in(kettle):
            assert AccountCode.objects.count() == 5

    def test_nobody_takes_away_somebody_elses_account(self, client, kettle, greta, ada):
        with working_in(kettle):
            tom = make_contact("Tom")
            mention = make_mention(connection=make_connection("W"), handle="tom@x.example")
            link_author(mention.author, tom, by=ada)
        for asked in (mention.author_id, "no number", ""):
            answer = client.post(self.page(kettle, greta), {"do": "account-part", "account": asked})
            assert answer.status_code == 422
        with working_in(kettle):
            assert PublicAuthor.objects.get(pk=mention.author_id).contact_id == tom.pk

    def test_where_we_are_nowhere_nothing_is_offered(self, client, kettle):
        with working_in(kettle):
            greta = make_contact("Greta")
        address = self.page(kettle, greta)
        assert "Connect an account" not in client.get(address).text
        assert client.post(address, {"do": "account-code"}).status_code == 422
