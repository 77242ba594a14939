"""Strangers who wrote in public are forgotten after a while; who talked with us, or is known, is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.authors.forgetting import forget_authors, forget_tonight
from conversations.models import Conversation, Mention, PublicAuthor, Reply
from privacy.keeping import keep_for, retention
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import AgendaItem


@pytest.fixture
def old(inside) -> Mention:
    """Something a stranger wrote in public long ago."""
    mention = make_mention("My kettle whistles, said Xanthippe")
    PublicAuthor.objects.update(seen_at=timezone.now() - timedelta(days=91), name="Xanthippe")
    return mention


def test_a_stranger_is_forgotten_and_still_counts(old):
    before = Mention.objects.values_list("published_at", "sentiment", "network").get()

    assert forget_authors() == 1

    author, mention, talk = PublicAuthor.objects.get(), Mention.objects.get(), Conversation.objects.get()
    assert (author.name, author.url, author.handle) == ("", "", f"erased-{author.pk}")
    assert (mention.text, mention.url, talk.title) == ("", "", "")
    assert (mention.published_at, mention.sentiment, mention.network) == before
    assert talk.state == Conversation.State.DONE
    assert talk.waiting_since is None
    assert forget_authors() == 0


def knows_them(mention):
    PublicAuthor.objects.update(contact=make_contact())


def answered_them(mention):
    Reply.objects.create(
        conversation=mention.conversation, mention=mention, key="0" * 32, text="Descale it", state=Reply.State.SENT
    )


def talked_in_private(mention):
    Conversation.objects.update(is_public=False)


def heard_of_them_lately(mention):
    PublicAuthor.objects.update(seen_at=timezone.now() - timedelta(days=89))


@pytest.mark.parametrize("reason", [knows_them, answered_them, talked_in_private, heard_of_them_lately])
def test_who_is_no_stranger_is_kept(old, reason):
    reason(old)

    assert forget_authors() == 0
    assert Mention.objects.get().text.startswith("My kettle whistles")


def test_how_long_is_a_setting(old, ada):
    keep_for(authors_days=400, by=ada)
    assert forget_authors() == 0
    keep_for(authors_days=10, by=ada)
    assert retention().authors_days == 10
    assert forget_authors() == 1


def test_it_happens_each_night(kettle):
    with working_in(kettle):
        make_mention()
        PublicAuthor.objects.update(seen_at=timezone.now() - timedelta(days=91))
    assert AgendaItem.objects.filter(work="conversations.forget_authors", workspace=kettle).exists()

    assert forget_tonight(kettle) > timezone.now()

    with working_in(kettle):
        assert Mention.objects.get().text == ""


def test_the_privacy_desk_sets_it(as_ada, kettle):
    page = "/w/kettle/contacts/privacy/"
    assert 'name="authors_days" value="90"' in as_ada.get(page).text
    assert as_ada.post(f"{page}keep/", {"authors_days": "0", "pages_months": "25"}).status_code == 422
    as_ada.post(f"{page}keep/", {"authors_days": "30", "pages_months": "14"})
    assert 'name="authors_days" value="30"' in as_ada.get(page).text
    assert 'name="pages_months" value="14"' in as_ada.get(page).text
    for wrong in ("0", "121", "x", ""):
        assert as_ada.post(f"{page}keep/", {"authors_days": "30", "pages_months": wrong}).status_code == 422
