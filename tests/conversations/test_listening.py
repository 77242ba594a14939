from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Identity
from conversations.authors.authoring import link_known_authors, make_contact
from conversations.mentions.listening import hear
from conversations.models import Conversation, Mention, PublicAuthor
from tests.factories.contacts import make_contact as contact_for
from tests.factories.social import heard, make_mention, make_vouching
from touchpoints.kinds import KINDS
from touchpoints.models import Correction, Touchpoint


@pytest.fixture
def bridge(inside, vouching):
    """A network that vouches for its writers."""
    return make_vouching()


def test_a_mention_is_stored_understood_and_waits(bridge):
    item = heard("I love this kettle, thank you!")

    listened = hear(bridge, [item])

    row = Mention.objects.select_related("conversation", "author").get()
    assert (listened.new, row.language, row.sentiment, row.intent) == ([row], "en", "pos", "praise")
    assert (row.conversation.state, row.conversation.waiting_since) == ("waiting", item.published_at)
    assert (row.author.handle, row.author.contact_id, row.touchpoint_id) == (item.handle, None, None)


def test_the_same_again_is_one_effect(bridge):
    item = heard()
    hear(bridge, [item, item])

    again = hear(bridge, [item])

    assert (again.new, again.changed, again.known_count) == ([], [], 1)
    assert (Mention.objects.count(), Conversation.objects.count(), PublicAuthor.objects.count()) == (1, 1, 1)


def test_edits_are_followed_in_any_order(bridge):
    first = heard("I love it")
    edit = heard(
        "It is broken, terrible",
        remote_id=first.remote_id,
        handle=first.handle,
        thread=first.thread,
        published_at=first.published_at,
        edited_at=first.published_at + timedelta(seconds=20),
    )
    hear(bridge, [first])

    assert len(hear(bridge, [edit]).changed) == 1
    assert hear(bridge, [first]).changed == []
    row = Mention.objects.get()
    assert (row.text, row.sentiment, row.intent, row.edited_at) == (
        "It is broken, terrible",
        "neg",
        "complaint",
        edit.edited_at,
    )


def test_a_delete_empties_the_text_is_final_and_nobody_waits(bridge):
    item = heard()
    hear(bridge, [item])
    gone = heard("", remote_id=item.remote_id, handle=item.handle, is_deleted=True)

    hear(bridge, [gone])
    hear(bridge, [item])

    row = Mention.objects.select_related("conversation").get()
    assert (row.text, row.deleted_at is None, row.conversation.state) == ("", False, "done")


def test_foreign_markup_becomes_plain_text(bridge):
    hear(
        bridge,
        [
            heard(
                "<p>Hi<br>there</p><script>alert(1)</script><img src=x onerror=alert(2)>&lt;b&gt; 5 &amp; 6",
                url="javascript:alert(1)",
                is_html=True,
            )
        ],
    )

    row = Mention.objects.get()
    assert (row.text, row.url) == ("Hi\nthere\n<b> 5 & 6", "")


def test_invisible_tricks_go_and_joined_emoji_stay(bridge):
    hear(bridge, [heard("safe\u202egpj.exe\u200b 👩\u200d🚀 \x00\x07")])
    assert Mention.objects.get().text == "safegpj.exe 👩\u200d🚀"


def test_a_huge_post_is_cut(bridge):
    hear(bridge, [heard("x" * 1_000_000)])
    assert len(Mention.objects.get().text) == 10_000


def test_what_was_there_before_we_listened_asks_for_nothing(bridge):
    old = heard(published_at=timezone.now() - timedelta(days=20))

    hear(bridge, [old], silent=True)

    row = Mention.objects.select_related("conversation").get()
    assert (row.conversation.state, row.conversation.due_at, row.received_at) == ("done", None, old.published_at)


def test_an_author_named_by_an_identity_is_linked_and_told_to_the_ledger(bridge):
    greta = contact_for("Greta")
    Identity.objects.create(contact=greta, kind=Identity.Kind.HANDLE, value="greta@tea.example")

    hear(bridge, [heard("I love this kettle, thank you!", handle="@Greta@tea.example")])

    row, fact = Mention.objects.select_related("author").get(), Touchpoint.objects.get()
    assert (row.author.contact_id, row.touchpoint_id) == (greta.pk, fact.pk)
    assert (fact.contact_id, fact.kind, fact.sentiment_milli) == (greta.pk, KINDS["mention"].code, row.sentiment_milli)


def test_a_bare_name_on_another_network_is_nobody_we_know(bridge):
    anna = contact_for("Anna")
    Identity.objects.create(contact=anna, kind=Identity.Kind.HANDLE, value="anna")

    hear(bridge, [heard(handle="anna", network="forum")])

    assert PublicAuthor.objects.get().contact_id is None


def test_a_stranger_becomes_a_contact_with_everything_they_wrote(bridge, ada):
    first = make_mention("Great tea", connection=bridge, handle="tom@tea.example")
    make_mention("Still great", connection=bridge, handle="tom@tea.example")

    contact = make_contact(first.author, by=ada)
    same = make_contact(first.author, by=ada)

    assert (contact.pk, Contact.objects.count()) == (same.pk, 1)
    assert set(Touchpoint.objects.values_list("contact_id", flat=True)) == {contact.pk}
    assert (Touchpoint.objects.count(), Mention.objects.filter(touchpoint_id=None).count()) == (2, 0)
    assert Identity.objects.get(contact=contact).value == "tom@tea.example"


def test_an_identity_learnt_later_links_the_author(bridge):
    make_mention("Great tea", connection=bridge, handle="tom@tea.example")
    tom = contact_for("Tom")
    Identity.objects.create(contact=tom, kind=Identity.Kind.HANDLE, value="tom@tea.example")

    assert (link_known_authors([tom.pk]), link_known_authors([tom.pk])) == (1, 0)
    assert Touchpoint.objects.get().contact_id == tom.pk


def test_a_strong_complaint_of_a_contact_opens_one(bridge):
    jonas = contact_for("Jonas")
    Identity.objects.create(contact=jonas, kind=Identity.Kind.HANDLE, value="jonas@werkbank.example")

    hear(bridge, [heard("Third lid that cracks, it is broken again. Terrible.", handle="jonas@werkbank.example")])

    jonas.refresh_from_db()
    assert jonas.complaint_since == Mention.objects.get().published_at
    assert Touchpoint.objects.get().kind == KINDS["complaint"].code


def test_an_edit_that_changes_the_feeling_stands_beside_the_fact(bridge):
    greta = contact_for("Greta")
    Identity.objects.create(contact=greta, kind=Identity.Kind.HANDLE, value="greta@tea.example")
    item = heard("I love it", handle="greta@tea.example")
    hear(bridge, [item])
    hear(
        bridge,
        [
            heard(
                "I hate it",
                remote_id=item.remote_id,
                handle=item.handle,
                thread=item.thread,
                published_at=item.published_at,
                edited_at=timezone.now(),
            )
        ],
    )

    assert Correction.objects.get().value == Mention.objects.get().sentiment_milli < 0


def test_a_page_costs_the_same_number_of_queries_whatever_its_size(bridge, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    hear(bridge, [heard() for _ in range(2)])
    with CaptureQueriesContext(
        connection,
    ) as few:
        hear(bridge, [heard() for _ in range(3)])
    with CaptureQueriesContext(connection) as many:
        hear(bridge, [heard() for _ in range(60)])

    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("text", "is_urgent"),
    [
        ("My daughter burned her hand on the handle of this kettle, please help us", True),
        ("Der Griff ist gefährlich heiß, meine Tochter hat sich verletzt", True),
        ("I will talk to my lawyer about this kettle if nobody answers", True),
        ("Does the spout fit the small kettle, or only the large one?", False),
        (
            "Mijn waterkoker is een burned design, mooi hoor, wat een fijne theekleur",
            False,
        ),  # words of no language of ours
    ],
)
def test_words_of_danger_make_it_urgent_and_due_within_the_hour(bridge, text, is_urgent):
    row = hear(bridge, [heard(text)]).new[0]

    row.refresh_from_db()
    talk = Conversation.objects.get()
    assert (row.is_urgent, talk.due_minutes == 60, talk.due_for.endswith("urgent")) == (is_urgent,) * 3
