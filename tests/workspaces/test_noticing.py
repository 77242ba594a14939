"""Members are told of what concerns them: once, never of their own acts, by mail only of what they have not seen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.noting import add_note as note_on
from conversations.assigning import add_team_note, assign
from conversations.models import Conversation
from conversations.telling_members import GIVEN, NAMED
from lib.clock import now
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import Membership, Notice, Role, User
from workspaces.notices.mailing import mail_notices
from workspaces.notices.noticing import MAILED_AFTER, notify, notify_of_many, see, unseen_count

pytestmark = pytest.mark.django_db
NOTICES = "/w/kettle/notices/"


@pytest.fixture
def talk(kettle, bob):
    with working_in(kettle):
        return Conversation.objects.get(pk=make_mention("Does it drip?").conversation_id)


def later(time_machine, **passed):
    time_machine.move_to(now() + timedelta(**passed), tick=False)


def test_a_note_of_the_inbox_tells_whom_it_names(kettle, ada, bob, talk):
    with working_in(kettle):
        add_team_note(talk, "@Bob please look, @Ada too", by=ada)

        assert [(row.user_id, row.kind, row.subject_id) for row in Notice.objects.all()] == [(bob.pk, NAMED, talk.pk)]
        assert (unseen_count(bob.pk), unseen_count(ada.pk)) == (1, 0)


def test_a_note_on_a_person_tells_whom_it_names(kettle, ada, bob):
    with working_in(kettle):
        greta = make_contact("Greta")
        note_on(greta, "Ask @Bob", by=ada)

        assert [(row.user_id, row.subject_id) for row in Notice.objects.all()] == [(bob.pk, greta.pk)]


def test_who_is_given_a_conversation_hears_of_it_and_who_takes_one_does_not(kettle, ada, bob, talk):
    with working_in(kettle):
        assign(talk, ada, by=ada)
        assign(talk, bob, by=ada)

        assert [(row.user_id, row.kind) for row in Notice.objects.all()] == [(bob.pk, GIVEN)]


def test_the_same_occasion_is_told_once_and_strangers_are_told_nothing(kettle, ada, bob, eve, talk):
    with working_in(kettle):
        assert notify(NAMED, talk.pk, [bob.pk, eve.pk, None], by_id=ada.pk, occasion=7) == 1
        assert notify(NAMED, talk.pk, [bob.pk], by_id=ada.pk, occasion=7) == 0
        assert notify(NAMED, talk.pk, [bob.pk], by_id=ada.pk, occasion=8) == 1
        assert not Notice.objects.filter(user_id=eve.pk).exists()


def test_who_may_not_see_the_inbox_is_told_nothing_of_it(kettle, ada, member, talk):
    member("colleague")
    colleague = User.objects.get(email="colleague@kettle.example")
    with working_in(kettle):
        assert notify(NAMED, talk.pk, [colleague.pk], by_id=ada.pk) == 0


def test_what_is_not_seen_is_mailed_once_with_all_of_it(kettle, ada, bob, talk, mailoutbox, time_machine):
    with working_in(kettle):
        notify(NAMED, talk.pk, [bob.pk], by_id=ada.pk, occasion=1)
        notify(GIVEN, talk.pk, [bob.pk], by_id=ada.pk)
    assert mail_notices(kettle) is not None
    assert mailoutbox == []

    later(time_machine, minutes=5)
    assert mail_notices(kettle) is None
    [letter] = mailoutbox
    assert (letter.to, letter.subject) == ([bob.email], "2 things for you at Kettle & Co")
    assert "Ada Berg named you in a note of the inbox" in letter.body
    assert f"/w/kettle/inbox/{talk.pk}/" in letter.body
    assert "drip" not in letter.body  # what people wrote stays in the product

    later(time_machine, minutes=5)
    mail_notices(kettle)
    assert len(mailoutbox) == 1


def test_what_was_seen_is_not_mailed_nor_what_nobody_wants(kettle, ada, bob, talk, mailoutbox, time_machine):
    with working_in(kettle):
        notify(NAMED, talk.pk, [bob.pk], by_id=ada.pk)
        see(bob.pk)
        Membership.objects.filter(user=ada).update(mails_notices=False)
        notify(NAMED, talk.pk, [ada.pk], by_id=bob.pk)

    later(time_machine, seconds=MAILED_AFTER.total_seconds())
    mail_notices(kettle)
    assert mailoutbox == []
    with working_in(kettle):
        assert unseen_count(ada.pk) == 1


def test_a_mail_speaks_the_members_language(kettle, ada, bob, talk, mailoutbox, time_machine):
    User.objects.filter(pk=bob.pk).update(locale="de")
    with working_in(kettle):
        notify(GIVEN, talk.pk, [bob.pk], by_id=ada.pk)
    later(time_machine, minutes=5)
    mail_notices(kettle)
    assert mailoutbox[0].subject == "1 Sache für Sie bei Kettle & Co"


def test_a_mail_server_that_refuses_stops_nothing(kettle, ada, bob, talk, monkeypatch, time_machine):
    def refuse(*_args):
        raise ConnectionRefusedError

    monkeypatch.setattr("workspaces.notices.mailing.send_mail", refuse)
    with working_in(kettle):
        notify(GIVEN, talk.pk, [bob.pk], by_id=ada.pk)
    later(time_machine, minutes=5)
    assert mail_notices(kettle) is None
    with working_in(kettle):
        assert unseen_count(bob.pk) == 1


def test_the_bell_counts_and_the_list_leads_there(kettle, ada, as_ada, bob, talk):
    with working_in(kettle):
        add_team_note(talk, "@Ada?", by=bob)
        [row] = Notice.objects.all()
    page = as_ada.get(NOTICES)
    assert "Bob Marsh named you in a note of the inbox" in page.text
    assert "Does it drip?" in page.text
    assert page.text.count('<b class="count">') >= 1

    assert as_ada.get(f"{NOTICES}{row.pk}/").url == f"/w/kettle/inbox/{talk.pk}/"
    with working_in(kettle):
        assert unseen_count(ada.pk) == 0


def test_whoever_looks_at_the_conversation_has_seen_it(kettle, ada, as_ada, bob, talk):
    with working_in(kettle):
        add_team_note(talk, "@Ada?", by=bob)
    as_ada.get(f"/w/kettle/inbox/{talk.pk}/")
    with working_in(kettle):
        assert unseen_count(ada.pk) == 0


def test_nobody_opens_what_somebody_else_was_told(kettle, ada, as_ada, bob, talk, as_eve):
    with working_in(kettle):
        add_team_note(talk, "@Bob?", by=ada)
        [row] = Notice.objects.all()
    assert as_ada.get(f"{NOTICES}{row.pk}/").status_code == 404
    assert as_eve.get(f"{NOTICES}{row.pk}/").status_code == 404
    assert "Nothing here yet" in as_ada.get(NOTICES).text


def test_all_are_marked_and_mail_is_a_choice(kettle, ada, as_ada, bob, talk):
    with working_in(kettle):
        notify(GIVEN, talk.pk, [ada.pk], by_id=bob.pk)
    as_ada.post(f"{NOTICES}seen/")
    as_ada.post(f"{NOTICES}mail/", {})
    assert not Membership.objects.get(user=ada).mails_notices
    with working_in(kettle):
        assert unseen_count(ada.pk) == 0
    as_ada.post(f"{NOTICES}mail/", {"mails": "on"})
    assert Membership.objects.get(user=ada).mails_notices


def test_what_is_gone_is_not_shown_and_statements_stay(kettle, ada, as_ada, bob, talk, django_assert_max_num_queries):
    with working_in(kettle):
        notify(GIVEN, talk.pk + 1_000, [ada.pk], by_id=bob.pk)
        for number in range(30):
            notify(NAMED, talk.pk, [ada.pk], by_id=bob.pk, occasion=number)
    with django_assert_max_num_queries(21):
        page = as_ada.get(NOTICES)
    assert page.text.count("named you in a note of the inbox") == 30
    assert "gave you" not in page.text


def test_old_ones_are_forgotten(kettle, ada, bob, talk, time_machine):
    with working_in(kettle):
        notify(GIVEN, talk.pk, [ada.pk], by_id=bob.pk)
    later(time_machine, days=91)
    mail_notices(kettle)
    with working_in(kettle):
        assert not Notice.objects.exists()


def test_roles_beyond_the_inbox_see_the_page(member):
    assert member(Role.COLLEAGUE).get(NOTICES).status_code == 200


def test_what_is_told_of_many_costs_as_much_as_of_one(kettle, ada, bob, talk):
    def statements(news):
        with CaptureQueriesContext(connection) as queries:
            told = notify_of_many(NAMED, news, by_id=ada.pk)
        assert len(told) == len(news)
        return len(queries)

    with working_in(kettle):
        one = statements([(talk.pk, bob.pk, 1)])
        assert statements([(number, bob.pk, 2) for number in range(50)]) == one


def test_a_brand_of_two_lines_breaks_no_subject(kettle, ada, bob, talk, mailoutbox, time_machine):
    kettle.name = "Kettle\n& Co"
    kettle.save()
    with working_in(kettle):
        notify(GIVEN, talk.pk, [bob.pk], by_id=ada.pk)
    later(time_machine, minutes=5)
    mail_notices(kettle)
    assert mailoutbox[0].subject == "1 thing for you at Kettle & Co"
