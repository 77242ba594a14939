import pytest

from contacts.merging import link_contacts
from contacts.models import Audience, AudienceRole, Contact, Identity, Note, Tag
from contacts.searching import index_people
from lib.pages import write_cursor
from tests.factories.contacts import make_contact, make_reader
from workspaces.current import working_in
from workspaces.models import AuditEntry, User

HERE = "/w/kettle/contacts/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def greta(kettle):
    with working_in(kettle):
        person = make_reader(
            "Greta Lindqvist", email="greta@slowwater.example", city="Gothenburg", roles=[Audience.CUSTOMER]
        )
        Identity.objects.create(contact=person, kind=Identity.Kind.PHONE, value="+46705550142")
        index_people([person.pk])
    return person


@pytest.fixture
def theirs(rival):
    with working_in(rival):
        return make_contact("Secret Rival")


class TestTheList:
    @pytest.mark.parametrize("text", ["gre lind", "GRETA", "greta@slow", "slowwater", "+46 70 555 01 42", "0705550142"])
    def test_finds_by_the_beginning_of_words(self, as_ada, greta, kettle, text):
        with working_in(kettle):
            index_people([make_contact("Somebody Else").pk])

        page = as_ada.get(HERE, {"q": text}).text

        assert "Greta Lindqvist" in page
        assert "Somebody Else" not in page

    def test_filters_by_role(self, as_ada, greta, kettle):
        with working_in(kettle):
            make_contact("Carl Critic", roles=[Audience.CRITIC])

        page = as_ada.get(HERE, {"role": int(Audience.CRITIC)}).text

        assert ("Carl Critic" in page, "Greta Lindqvist" in page) == (True, False)

    def test_pages_by_cursor_show_everybody_once(self, as_ada, kettle):
        import re

        with working_in(kettle):
            for number in range(120):
                make_contact(f"P{number:03}")
        seen, url = [], HERE + "?sort=name"
        while url:
            text = as_ada.get(url).text
            seen += re.findall(r">(P\d{3})<", text)
            more = re.search(r'href="(\?[^"]*after=[^"]+)"', text)
            url = HERE + more[1].replace("&amp;", "&") if more else ""

        assert seen == [f"P{number:03}" for number in range(120)]

    def test_answers_htmx_with_the_table_alone(self, as_ada, greta):
        page = as_ada.get(HERE, headers=HTMX).text

        assert page.lstrip().startswith('<div class="page" id="people-page">')
        assert '<section id="people"' in page
        assert "<html" not in page

    def test_needs_the_same_queries_for_one_or_fifty(self, as_ada, greta, kettle, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        as_ada.get(HERE)
        with CaptureQueriesContext(connection) as one:
            as_ada.get(HERE)
        with working_in(kettle):
            for number in range(49):
                make_contact(f"P{number}", roles=[Audience.CUSTOMER], tags=["vip"])

        with django_assert_num_queries(len(one)):
            as_ada.get(HERE)

    @pytest.mark.parametrize("key", [(1, 2), ("newest", "yesterday", 3), ("name", "x", 3), ("newest", None, 2**70), ()])
    def test_a_foreign_cursor_is_the_first_page(self, as_ada, greta, key):
        cursor = write_cursor(*key)

        assert "Greta Lindqvist" in as_ada.get(HERE, {"after": cursor, "sort": "nonsense", "role": "x"}).text

    def test_shows_a_stranger_nothing(self, as_eve, greta):
        assert as_eve.get(HERE).status_code == 404

    def test_is_not_for_colleagues(self, member, greta):
        assert member("colleague").get(HERE).status_code == 403

    def test_teaches_when_empty(self, as_ada):
        assert "Nobody is here yet" in as_ada.get(HERE).text


class TestOnePerson:
    def test_stands_on_one_page(self, as_ada, greta):
        page = as_ada.get(f"{HERE}{greta.pk}/").text

        for words in (
            "Greta Lindqvist",
            "Customer since",
            "Can we write to Greta?",
            "greta@slowwater.example",
            "+46705550142",
            "Everything, in order",
            "Yes, write to me",
        ):
            assert words in page

    def test_of_another_workspace_is_not_there(self, as_ada, theirs):
        for tail in ("", "edit/", "may-write/"):
            assert as_ada.get(f"{HERE}{theirs.pk}/{tail}").status_code == 404
        for tail in ("roles/", "roles/1/end/", "tags/", "tags/1/remove/", "notes/", "notes/1/remove/"):
            assert as_ada.post(f"{HERE}{theirs.pk}/{tail}").status_code == 404

    def test_merged_leads_to_who_stands_for_them(self, as_ada, greta, kettle):
        with working_in(kettle):
            other = make_contact()
            link_contacts(other.pk, greta.pk)

        assert as_ada.get(f"{HERE}{other.pk}/").url == f"{HERE}{greta.pk}/"

    def test_says_for_each_kind_of_message_whether_it_may_go(self, as_ada, greta):
        page = as_ada.get(f"{HERE}{greta.pk}/may-write/", {"about": "transactional-"}, headers=HTMX).text

        assert page.strip().startswith('<section class="panel" id="may-write"')
        assert "Not erased" in page
        assert "Agreed to this" not in page

    def test_nonsense_about_a_message_is_the_first_kind(self, as_ada, greta):
        assert as_ada.get(f"{HERE}{greta.pk}/may-write/", {"about": "x-9"}, headers=HTMX).status_code == 200

    def test_the_queries_do_not_grow_with_what_is_known(self, as_ada, greta, kettle, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def fill(prefix):
            with working_in(kettle):
                for number in range(8):
                    Identity.objects.create(contact=greta, kind=4, value=f"{prefix}{number}@tea.example")
                    Tag.objects.create(contact=greta, name=f"{prefix}{number}")
                    Note.objects.create(contact=greta, text="x", author_id=1)

        fill("a")
        as_ada.get(f"{HERE}{greta.pk}/")
        with CaptureQueriesContext(connection) as few:
            as_ada.get(f"{HERE}{greta.pk}/")
        fill("b")
        with django_assert_num_queries(len(few)):
            as_ada.get(f"{HERE}{greta.pk}/")


class TestChanges:
    def test_somebody_new(self, as_ada, kettle):
        answer = as_ada.post(HERE + "new/", form(email="Nora@Example.com", phone="030 901820"))

        with working_in(kettle):
            nora = Contact.objects.get(email="nora@example.com")
            assert answer.url == f"{HERE}{nora.pk}/"
            assert sorted(nora.identities.values_list("value", flat=True)) == ["+4930901820", "nora@example.com"]
            assert AuditEntry.objects.filter(action="contact.created", target_id=nora.pk).exists()
        assert "Nora" in as_ada.get(HERE, {"q": "nora"}).text

    @pytest.mark.parametrize(
        "wrong",
        [
            {"email": "x@y\nBcc: z"},
            {"email": "nobody"},
            {"phone": "4.9E+11"},
            {"zone": "Mars"},
            {"name": "", "email": ""},
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_made(self, as_ada, kettle, wrong):
        answer = as_ada.post(HERE + "new/", form(**wrong))

        assert answer.status_code == 422
        with working_in(kettle):
            assert Contact.objects.count() == 0

    def test_an_address_belongs_to_one_person(self, as_ada, greta, kettle):
        answer = as_ada.post(HERE + "new/", form(email="greta@slowwater.example"))

        assert answer.status_code == 422
        assert f"belongs to contact {greta.pk}" in answer.text
        with working_in(kettle):
            assert Contact.objects.count() == 1

    def test_editing_keeps_the_old_address_as_a_way_to_recognise(self, as_ada, greta, kettle):
        as_ada.post(f"{HERE}{greta.pk}/edit/", form(name="Greta L.", email="new@slowwater.example"))

        with working_in(kettle):
            person = Contact.objects.get(pk=greta.pk)
            assert (person.name, person.email) == ("Greta L.", "new@slowwater.example")
            assert person.identities.filter(value="greta@slowwater.example").exists()

    def test_roles_begin_and_end_with_dates(self, as_ada, greta, kettle):
        page = as_ada.post(f"{HERE}{greta.pk}/roles/", {"role": int(Audience.INFLUENCER)}, headers=HTMX).text
        assert "Influencer since" in page

        as_ada.post(f"{HERE}{greta.pk}/roles/{int(Audience.INFLUENCER)}/end/")

        with working_in(kettle):
            assert AudienceRole.objects.get(contact=greta, role=Audience.INFLUENCER).until is not None

    def test_an_unknown_role_is_refused(self, as_ada, greta):
        assert as_ada.post(f"{HERE}{greta.pk}/roles/", {"role": 77}, headers=HTMX).status_code == 422

    def test_tags_come_and_go(self, as_ada, greta, kettle):
        assert "vip" in as_ada.post(f"{HERE}{greta.pk}/tags/", {"name": "vip"}, headers=HTMX).text
        with working_in(kettle):
            tag = Tag.objects.get(contact=greta)

        as_ada.post(f"{HERE}{greta.pk}/tags/{tag.pk}/remove/")

        with working_in(kettle):
            assert not Tag.objects.filter(contact=greta).exists()

    def test_only_ones_own_note_can_be_removed(self, as_ada, member, greta, kettle):
        member("marketer").post(f"{HERE}{greta.pk}/notes/", {"text": "Likes oolong", "is_private": "on"})
        with working_in(kettle):
            note = Note.objects.get(contact=greta)

        as_ada.post(f"{HERE}{greta.pk}/notes/{note.pk}/remove/")

        with working_in(kettle):
            assert Note.objects.filter(pk=note.pk).exists()

    @pytest.mark.parametrize("tail", ["edit/", "roles/", "tags/", "notes/"])
    def test_analysts_change_nothing(self, member, greta, tail):
        assert member("analyst").post(f"{HERE}{greta.pk}/{tail}").status_code == 403


class TestWhoSeesWhat:
    def test_analysts_see_no_names_until_they_ask_and_that_is_written_down(self, member, greta, kettle):
        analyst = member("analyst")
        listed, page = analyst.get(HERE, {"q": "greta"}).text, analyst.get(f"{HERE}{greta.pk}/").text
        for text in (listed, page):
            assert f"Contact {greta.pk}" in text
            assert "Greta" not in text
            assert "slowwater" not in text
            assert "5550142" not in text

        analyst.post(f"{HERE}{greta.pk}/reveal/")

        assert "Greta Lindqvist" in analyst.get(f"{HERE}{greta.pk}/").text
        with working_in(kettle):
            entry = AuditEntry.objects.get(action="contact.revealed")
            assert (entry.target_id, entry.actor_id) == (greta.pk, User.objects.get(email="analyst@kettle.example").pk)

    def test_private_notes_stay_with_those_who_note(self, as_ada, member, greta, kettle):
        for text, private in (("Hidden word", "on"), ("Open word", "")):
            as_ada.post(f"{HERE}{greta.pk}/notes/", {"text": text, **({"is_private": "on"} if private else {})})

        page = member("analyst").get(f"{HERE}{greta.pk}/").text

        assert ("Hidden word" in page, "Open word" in page) == (False, True)

    def test_a_colleague_looks_up_one_person_exactly(self, member, greta, kettle):
        colleague = member("colleague")

        assert "Greta Lindqvist" in colleague.get(HERE + "look-up/", {"q": "Greta@SlowWater.example"}).text
        assert "Greta Lindqvist" in colleague.get(HERE + "look-up/", {"q": "+46 70 555 01 42"}).text
        assert "Greta Lindqvist" not in colleague.get(HERE + "look-up/", {"q": "greta"}).text
        assert colleague.get(f"{HERE}{greta.pk}/").status_code == 403
        with working_in(kettle):
            assert AuditEntry.objects.filter(action="contact.looked_up").count() == 2

    def test_a_look_up_ends_at_the_workspace(self, member, theirs):
        assert "Secret" not in member("colleague").get(HERE + "look-up/", {"q": theirs.email}).text


def form(**changes):
    fields = {
        "name": "Nora",
        "contact_frequency": 2,
        "dialogue_mode": 1,
        "email": "",
        "phone": "",
        "zone": "",
        "country": "",
        "city": "",
        "given_name": "",
        "family_name": "",
        "language": "",
    }
    return {**fields, **changes}
