"""Pictures with an answer on X: uploaded, told what they show, and shown by the first post of the answer, once."""

import base64
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.answers.handing_over import send_due
from conversations.answers.picturing import make_picture
from conversations.answers.replying import reply_to
from conversations.attaching import NoFilesError
from conversations.channels import ChannelError, Picture
from conversations.models import Mention, Reply, ReplyFile
from lib import clock
from social.connecting import network_of
from tests.machines import machine_of
from tests.social.killing import Killed, kill_asking
from tests.social.test_picture_answers import picture as drawn
from tests.social.test_several_pictures import WORDS, add, beside, described, page_of, picture, send, upload
from tests.social.test_x import connected, look, outbox, post, server
from workspaces.current import working_in

__all__ = ["connected", "kill_asking", "server"]
pytestmark = pytest.mark.django_db
LONG = " ".join(f"{place}. Look at https://kettle.example/spouts, and take the wide one." for place in range(8))


@pytest.fixture
def mention(kettle, server, connected):
    look(kettle, connected)
    server.posts = [post(100)]
    look(kettle, connected)
    with working_in(kettle):
        return Mention.objects.select_related("connection", "author__contact", "conversation").get()


def soon(kettle):
    with working_in(kettle):
        Reply.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        Reply.objects.filter(state="sending").update(leased_until=timezone.now() - timedelta(seconds=1))


def answer(kettle, mention, ada, count=4, text="It does."):
    with working_in(kettle):
        reply_to(mention, text, by=ada, pictures=[picture(number) for number in range(count)])
    soon(kettle)


def sent(kettle):
    with working_in(kettle):
        return Reply.objects.values_list("state", "last_error").get()


def test_four_pictures_are_uploaded_with_their_words_and_shown_in_their_order(as_ada, kettle, server, mention):
    assert "Up to 4, 10 MB each" in page_of(as_ada, mention)
    shown = add(as_ada, mention, *[upload(number) for number in range(4)])
    assert shown.text.count('maxlength="1000"') == 4
    assert send(as_ada, kettle, mention, **described(kettle)).status_code == 200
    soon(kettle)
    send_due(kettle)

    assert (sent(kettle), server.shown, len(server.media)) == (("sent", ""), [WORDS], 4)
    raw = next(iter(server.media.values()))
    assert b'name="media_category"\r\n\r\ntweet_image\r\n' in raw
    assert b'name="media_type"\r\n\r\nimage/jpeg\r\n' in raw
    assert re.search(rb'name="media"; filename="picture.jpeg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8', raw)
    with working_in(kettle):
        assert list(ReplyFile.objects.order_by("pk").values_list("remote_id", flat=True)) == list(server.media)


def test_a_long_answer_shows_them_in_its_first_post(kettle, server, mention, ada):
    answer(kettle, mention, ada, 2, LONG)
    send_due(kettle)

    assert sent(kettle)[0] == "sent"
    assert len(server.made) > 1
    assert server.shown == [WORDS[:2], *[[]] * (len(server.made) - 1)]


@pytest.mark.parametrize("text", ["It does.", LONG])
def test_a_worker_that_dies_at_any_request_leaves_one_post_with_all_pictures(
    kettle, server, mention, ada, kill_asking, text
):
    """Four uploads and as many words, then the posts; behind the first attempt our own posts are read first."""
    answer(kettle, mention, ada, text=text)
    steps = [
        (1, True), (2, False), (3, False), (4, True), (2, True), (5, False), (4, True), (4, True), (2, True), (2, False),
        (1, True), (1, False), (0, True),
    ]  # fmt: skip
    for at, before in steps:
        kill_asking(at, before)
        with pytest.raises(Killed):
            send_due(kettle)
        assert sent(kettle)[0] == "sending"
        soon(kettle)
    kill_asking(99, before=True)
    send_due(kettle)

    assert (sent(kettle)[0], len(server.media)) == ("sent", 7)  # three whose worker died before it could note them
    assert server.shown == [WORDS, *[[]] * (len(server.made) - 1)]
    assert (len(server.made) == 1) == (text != LONG)


@pytest.mark.parametrize("call", range(1, 11))
@pytest.mark.parametrize("when", ["before", "after"])
def test_whenever_the_line_breaks_it_stands_there_once(kettle, server, mention, ada, call, when):
    server.hangs = {server.calls + call: when}
    answer(kettle, mention, ada)
    for _turn in range(3):
        send_due(kettle)
        soon(kettle)

    assert (sent(kettle)[0], server.shown) == ("sent", [WORDS])
    assert len(server.media) <= 5  # at most one is uploaded twice


def test_what_x_keeps_no_more_is_uploaded_once_more_and_nothing_is_posted_twice(kettle, server, mention, ada):
    server.hangs = {server.calls + 5: "before"}  # the post
    answer(kettle, mention, ada, 2)
    send_due(kettle)
    server.expired = set(server.media)
    for _turn in range(2):
        soon(kettle)
        send_due(kettle)

    assert (sent(kettle)[0], server.shown, len(server.media)) == ("sent", [WORDS[:2]], 4)


def test_fresh_pictures_that_x_does_not_show_are_not_uploaded_for_ever(kettle, server, mention, ada):
    server.expired = {str(number) for number in range(7_000, 7_100)}
    answer(kettle, mention, ada, 1)
    for _turn in range(4):
        send_due(kettle)
        soon(kettle)

    assert (sent(kettle)[0], "does not show these pictures" in sent(kettle)[1]) == ("failed", True)
    assert (len(server.media), server.made) == (1, [])


def test_nor_where_an_earlier_attempt_uploaded_one_of_them(kettle, server, mention, ada):
    server.expired = {str(number) for number in range(7_000, 7_100)}
    server.hangs = {server.calls + 3: "before"}  # the second upload
    answer(kettle, mention, ada, 2)
    for _turn in range(6):
        send_due(kettle)
        soon(kettle)

    assert (sent(kettle)[0], len(server.media), server.made) == ("failed", 4, [])


def test_uploads_that_take_long_go_on_at_the_next_attempt(kettle, server, mention, ada, monkeypatch):
    """Otherwise the lease would run out, and a second worker post the same."""
    start = clock.now()
    monkeypatch.setattr("social.networks.x_pictures.now", lambda: start + timedelta(seconds=15 * len(server.media)))
    answer(kettle, mention, ada)
    send_due(kettle)
    assert (len(server.media), server.made, sent(kettle)[0]) == (2, [], "waiting")

    for _turn in range(3):
        soon(kettle)
        send_due(kettle)

    assert (len(server.media), server.shown, sent(kettle)[0]) == (4, [WORDS], "sent")


FORBIDDEN = (403, {"title": "Forbidden", "type": "about:blank", "status": 403, "detail": "Forbidden"}, {})


@pytest.mark.parametrize(
    ("said", "again", "words"),
    [
        (FORBIDDEN, False, "media.write"),
        ((402, {"title": "CreditsDepleted", "detail": "No credits."}, {}), False, "plan"),
        ((413, None, {}), False, "too large for X"),
        (
            (400, {"errors": [{"message": "media type unrecognized."}]}, {}),
            False,
            "does not take the picture: media type",
        ),
        ((429, {"title": "Too Many Requests"}, {"x-rate-limit-reset": "@hour"}), True, "wait"),
        ((503, None, {}), True, "503"),
    ],
)
@pytest.mark.parametrize("at", ["upload", "words"])
def test_a_refusal_is_said_in_words_and_nothing_is_posted(kettle, server, mention, said, again, words, at):
    until = str(int((timezone.now() + timedelta(hours=1)).timestamp()))
    status, tree, headers = said
    said = status, tree, {name: value.replace("@hour", until) for name, value in headers.items()}
    server.answers = [said] if at == "upload" else [(200, {"data": {"id": "7001"}}, {}), said]

    with pytest.raises(ChannelError, match=words) as caught:
        network_of(mention.connection).reply(outbox(pictures=[shown()]))

    assert (caught.value.again, server.made) == (again, [])
    assert (3500 < caught.value.wait < 3700) == (status == 429)


@pytest.mark.parametrize(
    "tree", [{"data": {"id": "../7"}}, {"data": {"id": "٣"}}, {"data": {"id": "7" * 31}}, None, [], {"data": []}]
)
def test_an_upload_without_an_id_shows_nothing(server, mention, tree):
    server.answers = [(200, tree, {})]
    with pytest.raises(ChannelError, match="something else") as caught:
        network_of(mention.connection).reply(outbox(pictures=[shown()]))
    assert (caught.value.again, server.made) == (True, [])


def shown(data=b"\xff\xd8", kind="image/jpeg"):
    return Picture(0, data, kind, "A red lid", 4, 4)


@pytest.mark.parametrize(
    ("one", "words"),
    [(shown(b"x" * 5_000_001), "too large for X"), (shown(kind="image/bmp"), "JPEG, PNG, WebP or GIF")],
)
def test_what_x_never_takes_is_not_even_uploaded(server, mention, one, words):
    with pytest.raises(ChannelError, match=words) as caught:
        network_of(mention.connection).reply(outbox(pictures=[one]))
    assert (caught.value.again, server.media, server.made) == (False, {}, [])


def test_words_of_a_picture_that_are_too_long_for_x_are_told_before_anything_leaves(
    as_ada, kettle, server, mention, ada
):
    with working_in(kettle):
        with pytest.raises(NoFilesError, match=r"X takes 1,000 letters .* picture 2"):
            reply_to(mention, "It does.", by=ada, pictures=[picture(0), make_picture(drawn(), "x" * 1_001)])
        assert not Reply.objects.exists()
    add(as_ada, mention, upload(0))
    [pk] = beside(kettle)

    held = send(as_ada, kettle, mention, **{f"alt-{pk}": "x" * 1_001})
    assert (held.status_code, "1,000 letters" in held.text, server.media) == (422, True, {})
    assert send(as_ada, kettle, mention, **{f"alt-{pk}": "x" * 1_000}).status_code == 200


def test_the_api_says_so_too(kettle, mention):
    data = base64.b64encode(drawn()).decode()
    where = f"/conversations/{mention.conversation_id}/replies"
    told = machine_of(kettle).post(where, {"text": "It does.", "pictures": [{"data": data, "alt": "x" * 1_001}]})
    assert (told.status_code, "1,000 letters" in told.text) == (422, True)
