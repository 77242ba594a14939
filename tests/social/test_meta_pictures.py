"""The picture of an answer on a Facebook page, uploaded before its comment, once; and where none goes, the box says so."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to
from conversations.attaching import NoFilesError
from conversations.channels import ChannelError, Outbox, Picture, able_to_answer
from conversations.models import Mention, Reply, ReplyFile
from social.connecting import network_of
from tests.factories.contacts import make_contact
from tests.social.killing import Killed, kill_asking
from tests.social.test_meta import COMMENT, INSTAGRAM, PAGE, THREADS, connected, deliver, graph, page
from tests.social.test_several_pictures import add, beside, described, page_of, picture, send, upload
from workspaces.current import working_in

__all__ = ["graph", "kill_asking"]
pytestmark = pytest.mark.django_db
PRIVATE = {"sender": {"id": "4444"}, "recipient": {"id": PAGE}, "message": {"mid": "m_1", "text": "Psst"}}


def direct(kind="page"):
    now = int(timezone.now().timestamp() * 1000)
    return {"object": kind, "entry": [{"id": PAGE, "time": now // 1000, "messaging": [PRIVATE | {"timestamp": now}]}]}


def heard(kettle, graph, network, tree):
    """The mention that this delivery brings."""
    _connection, _word, url = connected(kettle, network, graph.url)
    assert deliver(url, tree).json()["new"]
    with working_in(kettle):
        return Mention.objects.select_related("connection", "author__contact", "conversation").order_by("pk").last()


@pytest.fixture
def comment(kettle, graph):
    return heard(kettle, graph, "facebook", page(COMMENT))


def soon(kettle):
    with working_in(kettle):
        Reply.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        Reply.objects.filter(state="sending").update(leased_until=timezone.now() - timedelta(seconds=1))


def answer(kettle, mention, ada):
    with working_in(kettle):
        reply_to(mention, "It does.", by=ada, pictures=[picture(0)])
    soon(kettle)


def sent(kettle):
    with working_in(kettle):
        return Reply.objects.values_list("state", "last_error").get()


def comments(graph):
    return [(one["path"], one["text"], one["body"].get("attachment_id")) for one in graph.made]


def test_one_picture_goes_with_a_comment_and_its_box_says_that_it_is_one(as_ada, kettle, graph, comment):
    box = page_of(as_ada, comment)
    assert ("One picture goes with an answer there" in box, "Add a picture" in box) == (True, True)
    assert "multiple" not in re.search(r'<input\s+id="reply-attached".*?>', box, re.DOTALL)[0]
    refused = add(as_ada, comment, upload(0), upload(1))
    assert (refused.status_code, "shows 1 picture with an answer at most" in refused.text) == (422, True)
    shown = add(as_ada, comment, upload(0))
    assert ("This is 1 picture" in shown.text, 'type="file"' in shown.text) == (True, False)
    assert send(as_ada, kettle, comment, **described(kettle)).status_code == 200
    soon(kettle)
    send_due(kettle)

    assert (sent(kettle), comments(graph)) == (("sent", ""), [("/9_77/comments", "It does.", "501")])
    [raw] = graph.photos.values()
    assert b'name="published"\r\n\r\nfalse\r\n' in raw
    assert b'name="alt_text_custom"\r\n\r\nA red lid\r\n' in raw
    assert re.search(rb'name="source"; filename="picture.jpeg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8', raw)
    with working_in(kettle):
        assert ReplyFile.objects.get().remote_id == "501"


def test_a_worker_that_dies_at_any_request_leaves_one_comment_with_its_picture(
    kettle, graph, comment, ada, kill_asking
):
    """Upload and comment; behind the first attempt the comments that stand there are read first."""
    answer(kettle, comment, ada)
    for at, before in [
        (1, True),
        (1, True),
        (2, True),
        (2, False),
        (3, True),
        (2, True),
        (2, False),
        (1, False),
        (0, True),
    ]:
        kill_asking(at, before)
        with pytest.raises(Killed):
            send_due(kettle)
        assert sent(kettle)[0] == "sending"
        soon(kettle)
    kill_asking(99, before=True)
    send_due(kettle)

    assert (sent(kettle)[0], comments(graph)) == ("sent", [("/9_77/comments", "It does.", "502")])
    assert len(graph.photos) == 2  # one whose worker died before it could note it: nobody sees it


@pytest.mark.parametrize("hangs", [{1: "before"}, {1: "after"}, {2: "before"}, {2: "after"}, {1: "after", 3: "after"}])
def test_whenever_the_line_breaks_it_stands_there_once(kettle, graph, comment, ada, hangs):
    graph.hangs = {graph.calls + number: when for number, when in hangs.items()}
    answer(kettle, comment, ada)
    for _turn in range(4):
        send_due(kettle)
        soon(kettle)

    assert (sent(kettle)[0], len(graph.made), graph.made[0]["body"]["attachment_id"] in graph.photos) == (
        "sent",
        1,
        True,
    )


def test_a_picture_that_meta_keeps_no_more_is_uploaded_once_more(kettle, graph, comment, ada):
    graph.hangs = {graph.calls + 2: "before"}  # the comment
    answer(kettle, comment, ada)
    send_due(kettle)
    graph.gone = {"501"}
    for _turn in range(2):
        soon(kettle)
        send_due(kettle)

    assert (sent(kettle)[0], comments(graph)) == ("sent", [("/9_77/comments", "It does.", "502")])


def test_a_fresh_picture_that_is_refused_with_its_comment_ends_it(kettle, graph, comment, ada):
    graph.gone = {str(number) for number in range(500, 600)}
    answer(kettle, comment, ada)
    for _turn in range(3):
        send_due(kettle)
        soon(kettle)

    assert (sent(kettle)[0], len(graph.photos), graph.made) == ("failed", 1, [])


def shown(data=b"\xff\xd8", kind="image/jpeg"):
    return Picture(0, data, kind, "A red lid", 4, 4)


def to_comment(mention, **facts):
    given = {
        "key": "k", "text": "It does.", "mention_id": mention.remote_id, "mention_url": "", "thread": "",
        "network": "facebook", "is_public": True, "wire": mention.wire, "created_at": timezone.now(),
    }  # fmt: skip
    return network_of(mention.connection).reply(Outbox(**given | facts))


def refusal(code, status=400):
    return status, {"error": {"message": "boom", "type": "OAuthException", "code": code}}, {}


@pytest.mark.parametrize(
    ("said", "again", "words"),
    [
        (refusal(200, 403), False, "pages_manage_posts"),
        (refusal(10, 403), False, "pages_manage_posts"),
        (refusal(324), False, "does not take the picture: boom"),
        ((413, None, {}), False, "too large for Facebook"),
        (refusal(190, 401), False, "access token any more"),
        (refusal(32), True, "wait"),
        (refusal(2, 500), True, "500"),
        ((429, None, {"Retry-After": "7"}), True, "wait"),
        ((200, {"id": "../7"}, {}), True, "something else"),
        ((200, [], {}), True, "something else"),
    ],
)
def test_a_refusal_is_said_in_words_and_nothing_is_posted(graph, comment, said, again, words):
    graph.answers = [said]
    with pytest.raises(ChannelError, match=words) as caught:
        to_comment(comment, pictures=[shown()])
    assert (caught.value.again, graph.made) == (again, [])


@pytest.mark.parametrize(
    ("one", "words"), [(shown(b"x" * 10_000_001), "too large"), (shown(kind="image/webp"), "JPEG or PNG")]
)
def test_what_facebook_never_takes_is_not_even_uploaded(graph, comment, one, words):
    with pytest.raises(ChannelError, match=words) as caught:
        to_comment(comment, pictures=[one])
    assert (caught.value.again, graph.photos, graph.made) == (False, {}, [])


NONE_GOES = [
    ("instagram", INSTAGRAM, "in words alone"),
    ("threads", THREADS, "public address"),
    ("facebook", direct(), "A private message there"),
    ("instagram", direct("instagram"), "A private message there"),
]


@pytest.mark.parametrize(
    ("network", "tree", "words"), NONE_GOES, ids=["instagram", "threads", "messenger", "in private"]
)
def test_where_no_picture_goes_the_box_says_why_before_anything_is_written(
    as_ada, kettle, graph, ada, network, tree, words
):
    mention = heard(kettle, graph, network, tree)
    box = page_of(as_ada, mention)
    assert (words in box, 'name="attached"' in box) == (True, False)
    told = add(as_ada, mention, upload(0), text="It does.")
    assert (told.status_code, words in told.text, beside(kettle)) == (422, True, [])

    with working_in(kettle):
        with pytest.raises(NoFilesError, match=words):
            reply_to(mention, "It does.", by=ada, pictures=[picture(0)])
        mention.author.contact = make_contact("Tom Green", "tom@tea.example")
        mention.author.save()
        assert (able_to_answer(mention).media, able_to_answer(mention).replies) == (0, True)
    assert words in as_ada.get(f"/w/kettle/contacts/{mention.author.contact_id}/?compose=answer").text
    assert (graph.photos, graph.made) == ({}, [])


def test_a_private_message_to_a_page_is_answered_in_words_as_ever(kettle, graph, ada):
    mention = heard(kettle, graph, "facebook", direct())
    with working_in(kettle):
        reply_to(mention, "It does.", by=ada)
    soon(kettle)
    send_due(kettle)

    assert (sent(kettle)[0], [one["body"]["message"] for one in graph.made]) == ("sent", [{"text": "It does."}])
