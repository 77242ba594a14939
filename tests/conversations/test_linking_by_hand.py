"""A member says who wrote: with the evidence, with what moves, with a reason, and with a way back."""

import pytest

from contacts.history.reading import changes_of, lines_of
from contacts.merging import link_contacts
from contacts.models import Contact, Identity
from contacts.searching import index_people
from contacts.sharing import share_all
from conversations.authors import weighing_accounts as signs
from conversations.authors.authoring import link_author
from conversations.authors.complaining import note_complaints
from conversations.authors.linking_by_hand import CannotLinkError, former_of, link_by_hand, undo_link, what_moves
from conversations.authors.parting import StillNamedError
from conversations.authors.suggesting import HANDLE, PARTED
from conversations.authors.weighing_accounts import Sign, find_linkable, signs_between
from conversations.models import PublicAuthor
from lib.clock import now
from tests.factories.contacts import make_contact
from tests.factories.social import make_connection, make_mention, make_vouching
from tests.machines import machine_of
from touchpoints.models import CorrectedFact, Touchpoint
from workspaces.current import working_in
from workspaces.models import Event

WHY = "She told me on the phone"


def known(name: str, email: str = "") -> Contact:
    """A contact who is found by their name."""
    contact = make_contact(name, email)
    index_people([contact.pk])
    return contact


def facts_of(contact):
    live = Touchpoint.objects.filter(contact_id=contact.pk)
    gone = CorrectedFact.objects.filter(is_deleted=1).values("touchpoint_id")
    return live.exclude(pk__in=gone).count()


def history(contact):
    lines = lines_of(list(changes_of([contact.pk])))
    return [(one.label, one.before, one.after, one.by, one.source_words) for one in lines]


@pytest.fixture
def network(inside, vouching):
    return make_vouching()


@pytest.fixture
def written(network):
    """Two messages of a stranger, who is called what nobody here is."""
    make_mention("Is it open?", connection=network, handle="g@social.example", name="Teapot")
    return make_mention("Hello?", connection=network, handle="g@social.example", name="Teapot").author


def test_a_stranger_becomes_whom_a_member_says_with_all_they_wrote(written, ada):
    greta = make_contact("Greta Stone")

    assert link_by_hand(written, greta, why=WHY, by=ada) == greta

    assert PublicAuthor.objects.get().contact_id == greta.pk
    assert facts_of(greta) == 2
    assert Identity.objects.get(value="g@social.example").contact_id == greta.pk
    assert history(greta) == [("Account", "", "Mastodon", str(ada), WHY)]
    link_by_hand(written, greta, why="Again", by=ada)
    assert len(history(greta)) == 1


def test_taking_it_back_makes_them_a_stranger_again(written, ada):
    greta = make_contact("Greta Stone")
    link_by_hand(written, greta, why=WHY, by=ada)

    assert undo_link(written, by=ada) is None

    assert PublicAuthor.objects.get().contact_id is None
    assert facts_of(greta) == 0
    assert history(greta)[0] == ("Account", "Mastodon", "", str(ada), "the link was taken back")
    assert undo_link(written, by=ada) is None


def test_whoever_was_wrong_is_left_and_is_them_again_after_an_undo(written, ada):
    tom, greta = make_contact("Tom"), make_contact("Greta Stone")
    link_author(written, tom, by=ada)

    link_by_hand(written, greta, why=WHY, by=ada)

    assert (facts_of(tom), facts_of(greta)) == (0, 2)
    assert history(tom) == [("Account", "Mastodon", "", str(ada), WHY)]
    assert former_of(PublicAuthor.objects.get()) == tom

    assert undo_link(written, by=ada) == tom
    assert (facts_of(tom), facts_of(greta)) == (2, 0)
    author = PublicAuthor.objects.get()
    assert (author.contact_id, former_of(author)) == (tom.pk, None)


def test_nothing_changes_where_the_wrong_one_has_the_handle_by_another_way(network, ada):
    tom, greta = make_contact("Tom"), make_contact("Greta")
    Identity.objects.create(contact=tom, kind=Identity.Kind.HANDLE, value="g@social.example", evidence="from a file")
    author = make_mention(connection=network, handle="g@social.example").author

    with pytest.raises(StillNamedError, match="social"):
        link_by_hand(author, greta, why=WHY, by=ada)

    assert (PublicAuthor.objects.get().contact_id, facts_of(greta), history(greta)) == (tom.pk, 0, [])


def test_of_a_merged_person_it_is_whoever_stands_for_them(written, ada):
    greta, twin = make_contact("Greta"), make_contact("G. Stone")
    link_contacts(twin.pk, greta.pk)
    assert link_by_hand(written, twin, why=WHY, by=ada) == greta


def test_an_open_complaint_goes_along(written, ada):
    greta = make_contact("Greta")
    note_complaints({written.pk: now()})
    written.refresh_from_db()
    assert what_moves(written).has_complaint

    link_by_hand(written, greta, why=WHY, by=ada)
    assert Contact.objects.get(pk=greta.pk).complaint_since is not None

    undo_link(written, by=ada)
    assert Contact.objects.get(pk=greta.pk).complaint_since is None


def test_who_shares_an_address_is_said_for_each_conversation(inside, ada):
    tom, greta = make_contact("Tom"), make_contact("Greta")
    author = make_mention(network="email", handle="home@tea.example").author
    both = [(one.pk, Identity.Kind.EMAIL, "home@tea.example") for one in (tom, greta)]
    share_all(both, why=Identity.Shared.BY_HAND, evidence="test", by=None)
    PublicAuthor.objects.update(contact=None)
    author.refresh_from_db()

    with pytest.raises(CannotLinkError, match=r"^shared$"):
        link_by_hand(author, make_contact("Ina"), why=WHY, by=ada)


def test_nobody_is_linked_without_a_reason_nor_to_the_erased(written, ada):
    gone = make_contact("Gone")
    Contact.objects.filter(pk=gone.pk).update(erased_at=now())
    with pytest.raises(CannotLinkError, match="gone"):
        link_by_hand(written, gone, why=WHY, by=ada)
    with pytest.raises(ValueError, match=r"^ $"):
        link_by_hand(written, make_contact("Greta"), why=" ", by=ada)
    assert PublicAuthor.objects.get().contact_id is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Greta Stone", [Sign(True, signs.SAME_NAME)]),
        ("greta  stone", [Sign(True, signs.SAME_NAME)]),
        ("Greta Brook", [Sign(True, signs.NAME_IN_PART)]),
        ("Ina Brook", [Sign(False, signs.OTHER_NAME)]),
    ],
)
def test_names_speak_for_it_or_against(network, name, expected):
    author = make_mention(connection=network, handle="x@social.example", name="Greta Stone").author
    assert signs_between(author, make_contact(name)) == expected


def test_what_else_speaks_for_it_stands_before_what_speaks_against(network, ada):
    greta = make_contact("Greta Stone", "greta@tea.example")
    Identity.objects.create(contact=greta, kind=Identity.Kind.PHONE, value="+493012345678", evidence="test")
    for other in ("other@social.example", "g@social.example"):
        author = make_mention("Call +49 30 1234 5678", connection=network, handle=other, name="Ina Brook").author
        link_by_hand(author, greta, why=WHY, by=ada)
    undo_link(author, by=ada)
    author.refresh_from_db()

    assert [(one.is_for, one.text) for one in signs_between(author, greta)] == [
        (True, signs.IN_THEIR_WORDS),
        (False, signs.OTHER_NAME),
        (False, PARTED),
        (False, signs.ANOTHER_ACCOUNT),
    ]


def test_a_claimed_handle_speaks_for_its_owner_and_against_others(inside):
    greta, tom = make_contact("", "greta@tea.example"), make_contact("")
    author = make_mention(connection=make_connection("Feed"), handle="greta@tea.example", name="").author
    assert signs_between(author, greta) == [Sign(True, HANDLE)]
    assert signs_between(author, tom) == [Sign(False, signs.SOMEBODY_ELSES)]


def test_the_search_finds_each_person_once_and_not_who_it_is_already(written, ada):
    greta, twin, tom = known("Greta Stone"), known("Greta Sto"), known("Tom Stone")
    link_contacts(twin.pk, greta.pk)
    link_by_hand(written, tom, why=WHY, by=ada)
    written.refresh_from_db()
    assert find_linkable(written, "sto") == [greta]
    assert find_linkable(written, "") == []


class TestThePage:
    @pytest.fixture
    def mention(self, kettle, vouching):
        with working_in(kettle):
            return make_mention("Hello", connection=make_vouching(), handle="g@social.example", name="Teapot")

    @pytest.fixture
    def greta(self, kettle):
        with working_in(kettle):
            return known("Greta Stone", "greta@tea.example")

    @pytest.fixture
    def address(self, mention):
        return f"/w/kettle/inbox/{mention.conversation_id}/"

    def test_from_the_card_to_the_link_and_back(self, as_ada, kettle, address, greta, mention):
        assert f"{address}who/" in as_ada.get(address).text
        assert f"contact={greta.pk}" in as_ada.get(f"{address}who/?find=greta@tea").text
        chosen = as_ada.get(f"{address}who/?contact={greta.pk}").text
        assert str(signs.OTHER_NAME) in chosen
        assert "messages 1, answers of ours 0" in chosen

        done = as_ada.post(f"{address}who/", {"contact": greta.pk, "why": WHY}, follow=True).text
        assert f'<q class="wrapping">{WHY}</q>' in done
        assert WHY in as_ada.get(f"/w/kettle/contacts/{greta.pk}/history/").text

        as_ada.post(f"{address}unlink/")
        with working_in(kettle):
            assert PublicAuthor.objects.get(pk=mention.author_id).contact_id is None

    def test_without_a_reason_it_says_so_and_keeps_whom_they_chose(self, as_ada, kettle, address, greta):
        for why in ("", "x" * 121):
            answer = as_ada.post(f"{address}who/?contact={greta.pk}", {"why": why})
            assert answer.status_code == 422
            assert "Greta Stone" in answer.text
        with working_in(kettle):
            assert PublicAuthor.objects.get().contact_id is None

    def test_strange_input_is_nobody(self, as_ada, address, greta, rival):
        with working_in(rival):
            theirs = make_contact("Zoe")
        for asked in ("999999", "no", "٣", str(2**64), theirs.pk):
            assert as_ada.get(f"{address}who/?contact={asked}").status_code == 404
        assert as_ada.get(f"{address}who/?find=%F0%9F%90%99{'x' * 500}").status_code == 200
        assert as_ada.post(f"{address}who/", {"why": WHY}).status_code == 422

    def test_who_may_not_edit_links_nobody(self, member, address, greta):
        analyst = member("analyst")
        assert f"{address}who/" not in analyst.get(address).text
        for way in ("who/", "unlink/"):
            assert analyst.post(f"{address}{way}", {"contact": greta.pk, "why": WHY}).status_code == 403

    def test_who_sees_no_names_sees_no_reason(self, as_ada, member, address, greta):
        as_ada.post(f"{address}who/", {"contact": greta.pk, "why": WHY})
        analyst = member("analyst")
        assert WHY not in analyst.get(address).text
        assert WHY not in analyst.get(f"/w/kettle/contacts/{greta.pk}/history/").text

    def test_a_stranger_to_the_workspace_finds_nothing(self, client, eve, address, greta):
        client.force_login(eve)
        assert client.post(f"{address}who/", {"contact": greta.pk, "why": WHY}).status_code == 404

    def test_a_suggestion_taken_says_why_too(self, as_ada, kettle, greta, vouching):
        with working_in(kettle):
            mention = make_mention(connection=make_vouching("B"), handle="s@social.example", name="Greta Stone")
        where = f"/w/kettle/inbox/{mention.conversation_id}/"
        as_ada.post(f"{where}link/", {"contact": greta.pk})
        assert "the whole name is the same, and nobody else here has it</q>" in as_ada.get(where).text


def test_a_machine_says_who_wrote_and_takes_it_back(kettle, rival, vouching):
    with working_in(kettle):
        mention = make_mention("Hello", connection=make_vouching(), handle="g@social.example")
        greta = make_contact("Greta")
    with working_in(rival):
        theirs = make_contact("Zoe")
    machine, where = machine_of(kettle), f"/conversations/{mention.conversation_id}/contact"

    assert machine.call("PUT", where, {"contact": greta.pk, "why": "Order 12"}).json()["contact"] == greta.pk
    assert machine.call("PUT", where, {"contact": theirs.pk, "why": "Order 12"}).status_code == 404
    assert machine.call("PUT", where, {"contact": greta.pk, "why": " "}).status_code == 422

    with working_in(kettle):
        assert history(greta)[0][4].endswith(": Order 12")
        [event] = Event.objects.filter(type="author.linked")
        assert event.data == {"conversation_ids": [mention.conversation_id]}
    undone = machine.post(f"{where}/undo").json()
    assert undone == {"conversation": mention.conversation_id, "contact": None}


def test_the_same_handle_claimed_elsewhere_is_no_other_account(written):
    greta = make_contact("")
    other = make_connection("Feed").pk
    PublicAuthor.objects.create(network=written.network, handle=written.handle, claimed_by=other, contact=greta)
    names = Sign(False, signs.OTHER_NAME)
    assert signs_between(written, greta) == [names]

    PublicAuthor.objects.create(network=written.network, handle="h@social.example", claimed_by=other, contact=greta)
    assert signs_between(written, greta) == [names, Sign(False, signs.ANOTHER_ACCOUNT)]


def test_their_own_address_and_what_is_too_short_to_tell_are_no_address_in_their_words(inside):
    greta = make_contact("", "greta@tea.example")
    Identity.objects.create(contact=greta, kind=Identity.Kind.HANDLE, value="tea", evidence="test")
    words = "Tea for greta@tea.example"
    author = make_mention(words, connection=make_connection("Feed"), handle="greta@tea.example", name="").author
    assert signs_between(author, greta) == [Sign(True, HANDLE)]
