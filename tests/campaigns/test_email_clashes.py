"""Two write the same block: nothing goes over words that were not seen, and nothing that was typed is lost."""

import re

import pytest
from django.test import Client

from campaigns.beginning import begin_with
from delivery.models import Content
from emails.editing import digest_of
from emails.reading import read_blocks, write_blocks
from tests.emails.making import made
from tests.factories.campaigns import make_campaign, make_sender
from workspaces.current import working_in

WORDS = ({"kind": "heading", "text": "Spring"}, {"kind": "text", "html": "<p>Hello</p>"})
LOOK = {"level": "1", "align": "left", "space": "16"}


@pytest.fixture
def campaign(kettle, ada):
    """A draft of two blocks, which Ada wrote."""
    with working_in(kettle):
        found = make_campaign(make_sender(), subject="Spring", preheader="", body="", body_format="blocks")
        begin_with(found, made(*WORDS), by_id=ada.pk)
        return found


@pytest.fixture
def as_bob(bob):
    """A browser in which Bob is logged in."""
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def content(kettle, campaign):
    """The email's content, read anew at each call."""

    def read() -> Content:
        with working_in(kettle):
            return Content.objects.get(pk=campaign.message.content_id)

    return read


@pytest.fixture
def take(campaign):
    """Take a step as a page with scripts does."""

    def step(client, do: str, *, expect: int = 200, **more: str) -> str:
        where = f"/w/kettle/campaigns/{campaign.pk}/email/"
        answer = client.post(where, {"do": do, **more}, headers={"HX-Request": "true"})
        assert answer.status_code == expect, answer.text
        return answer.text

    return step


def words_of(content) -> list[str]:
    return [getattr(one, "text", "") or getattr(one, "html", "") for one in read_blocks(content.blocks)]


def history(kettle, content) -> list[tuple[bool, list[str]]]:
    with working_in(kettle):
        return [(one.is_clash, words_of(one)) for one in content.versions.order_by("number")]


def test_the_second_one_sees_both_texts_and_nothing_was_changed(take, as_ada, as_bob, kettle, content):
    seen = digest_of(read_blocks(content().blocks)[0])
    take(as_bob, "save:b1", text="Bob's spring", seen=seen, **LOOK)

    text = take(as_ada, "save:b1", expect=422, text="Ada's spring", seen=seen, **LOOK)

    assert "Bob Marsh wrote here meanwhile." in text
    assert ("Bob&#x27;s spring" in text, "Ada&#x27;s spring" in text) == (True, True)
    assert words_of(content())[0] == "Bob's spring"
    assert (True, ["Ada's spring", "<p>Hello</p>"]) in history(kettle, content())


def test_what_is_typed_on_is_one_version_of_the_history(take, as_ada, as_bob, kettle, content):
    seen = digest_of(read_blocks(content().blocks)[0])
    take(as_bob, "save:b1", text="Bob's", seen=seen, **LOOK)

    for text in ("A", "Ad", "Ada's"):
        take(as_ada, "save:b1", expect=422, text=text, seen=seen, **LOOK)

    assert [said[0] for is_clash, said in history(kettle, content()) if is_clash] == ["Ada's"]


def test_mine_goes_over_theirs_once_it_was_seen_and_theirs_is_kept(take, as_ada, as_bob, kettle, content):
    seen = digest_of(read_blocks(content().blocks)[0])
    take(as_bob, "save:b1", text="Bob's", seen=seen, **LOOK)
    asked = take(as_ada, "save:b1", expect=422, text="Ada's", seen=seen, **LOOK)
    over = re.search(r'name="over"\s+value="(\w+)"', asked)[1]
    take(as_bob, "save:b1", text="Bob's second", seen=over, **LOOK)

    take(as_ada, "save:b1", expect=422, text="Ada's", seen=seen, over=over, **LOOK)  # this one was not seen either
    over = digest_of(read_blocks(content().blocks)[0])
    take(as_ada, "save:b1", text="Ada's", seen=seen, over=over, **LOOK)

    assert words_of(content())[0] == "Ada's"
    assert (True, ["Bob's second", "<p>Hello</p>"]) in history(kettle, content())


def test_blocks_of_two_are_both_kept_without_a_word(take, as_ada, as_bob, kettle, content):
    first, second = map(digest_of, read_blocks(content().blocks))
    take(as_bob, "save:b1", text="Bob's", seen=first, **LOOK)

    text = take(
        as_ada, "save:b2", html="<p>Ada's</p>", size="normal", align="left", space="16", seen=second, version="1"
    )

    assert "meanwhile" not in text
    assert words_of(content()) == ["Bob's", "<p>Ada's</p>"]


def test_the_same_words_of_two_are_no_clash(take, as_ada, as_bob, content):
    seen = digest_of(read_blocks(content().blocks)[0])
    take(as_bob, "save:b1", text="Summer", seen=seen, **LOOK)

    assert "meanwhile" not in take(as_ada, "save:b1", text="Summer", seen=seen, **LOOK)


def test_undoing_leaves_what_others_wrote_since(take, as_ada, as_bob, content):
    before = content().blocks
    first, second = map(digest_of, read_blocks(before))
    take(as_ada, "save:b1", text="Ada's", seen=first, **LOOK)
    after = content().blocks
    take(as_bob, "save:b2", html="<p>Bob's</p>", size="normal", align="left", space="16", seen=second)

    take(as_ada, "replace", blocks=before, **{"from": after})

    assert words_of(content()) == ["Spring", "<p>Bob's</p>"]


def test_undoing_a_block_that_another_wrote_since_says_so(take, as_ada, as_bob, content):
    before = content().blocks
    take(as_ada, "save:b1", text="Ada's", seen=digest_of(read_blocks(before)[0]), **LOOK)
    after = content().blocks
    take(as_bob, "save:b1", text="Bob's", seen=digest_of(read_blocks(after)[0]), **LOOK)

    text = take(as_ada, "replace", blocks=before, **{"from": after})

    assert "theirs stands" in text
    assert words_of(content())[0] == "Bob's"


def test_a_block_that_was_changed_unseen_is_not_removed(take, as_ada, as_bob, content):
    seen = digest_of(read_blocks(content().blocks)[0])
    take(as_bob, "save:b1", text="Bob's", seen=seen, **LOOK)

    text = take(as_ada, "remove:b1", expect=422, chosen="b1", seen=seen)

    assert "still there" in text
    assert "Bob&#x27;s" in text
    take(as_ada, "remove:b1", chosen="b1", seen=digest_of(read_blocks(content().blocks)[0]))
    assert words_of(content()) == ["<p>Hello</p>"]


def test_subject_and_preview_line_are_told_apart(take, as_ada, as_bob, content):
    was = {"was_subject": "Spring", "was_preheader": ""}
    take(as_bob, "words", subject="Spring", preheader="Bob's", **was)

    take(as_ada, "words", subject="Ada's", preheader="", **was)

    assert (content().subject, content().preheader) == ("Ada's", "Bob's")


def test_a_subject_of_two_is_asked_about(take, as_ada, as_bob, kettle, content):
    was = {"was_subject": "Spring", "was_preheader": ""}
    take(as_bob, "words", subject="Bob's", preheader="", **was)

    text = take(as_ada, "words", expect=422, subject="Ada's", preheader="", **was)

    assert "Bob Marsh wrote here meanwhile." in text
    assert content().subject == "Bob's"
    with working_in(kettle):
        assert content().versions.get(is_clash=True).subject == "Ada's"
    over = re.search(r'name="over"\s+value="(\w+)"', text)[1]
    take(as_ada, "words", subject="Ada's", preheader="", over=over, **was)
    assert content().subject == "Ada's"


def test_without_scripts_mine_stands_in_the_form_and_theirs_beside_it(as_ada, as_bob, take, campaign, content):
    seen = digest_of(read_blocks(content().blocks)[0])
    take(as_bob, "save:b1", text="Bob's", seen=seen, **LOOK)
    take(as_bob, "words", subject="Bob's subject", preheader="", was_subject="Spring", was_preheader="")
    where = f"/w/kettle/campaigns/{campaign.pk}/email/"

    block = as_ada.post(where, {"do": "save:b1", "text": "Ada's", "seen": seen, **LOOK})
    facts = {"subject": "Ada's subject", "was_subject": "Spring", "preheader": "", "was_preheader": ""}
    words = as_ada.post(where, {"do": "words", **facts})

    assert (block.status_code, words.status_code) == (422, 422)
    assert f'name="seen" value="{seen}"' in block.text
    assert re.search(r"<textarea[^>]*>\s*Ada&#x27;s", block.text)
    assert 'name="subject" value="Ada&#x27;s subject"' in words.text
    assert "Bob&#x27;s subject" in words.text


def test_the_last_words_of_a_tab_that_closes_do_not_clash_with_its_own(take, as_ada, as_bob, content):
    seen = digest_of(read_blocks(content().blocks)[0])
    take(as_ada, "save:b1", text="Half a wo", seen=seen, **LOOK)

    take(as_ada, "save:b1", text="Half a word", seen=seen, own="1", **LOOK)

    assert words_of(content())[0] == "Half a word"
    take(as_bob, "save:b1", expect=422, text="Bob's", seen=seen, own="1", **LOOK)


def test_bad_lists_to_undo_from_are_refused(take, as_ada, content):
    before = content().blocks

    take(as_ada, "replace", expect=422, blocks=write_blocks(made(*WORDS)), **{"from": "{"})

    assert content().blocks == before
