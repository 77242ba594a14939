"""Answers with a picture: what it shows is said, where it was taken is not, and the answer stands there once."""

import base64
import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from conversations.answers.handing_over import send_due
from conversations.answers.picturing import NewPicture, PictureRefusedError, make_picture
from conversations.answers.replying import reply_to
from conversations.attaching import NoFilesError
from conversations.models import Connection, Mention, Reply, ReplyFile
from lib.pictures import MOST_PIXELS, BadPictureError, remake
from social.connecting import connect, poll_due, poll_one
from tests.factories.social import make_connection, make_mention
from tests.machines import machine_of
from tests.social.pds import PASSWORD, Server, post
from workspaces.current import working_in

pytestmark = pytest.mark.django_db
GPS = 0x8825


def picture(kind="JPEG", size=(64, 48), mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, size, (200, 30, 30, 90)[: len(mode)]).save(out, kind, **more)
    return out.getvalue()


def with_place():
    """A picture that tells where it was taken, held upright only by what it says."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(GPS)[2] = (51.0, 20.0, 0.0)
    return picture(exif=exif)


def shown(alt="A red kettle", data=None):
    return make_picture(data or picture(), alt)


def test_a_picture_is_made_anew_upright_and_without_where_it_was_taken():
    made = remake(with_place(), 2_000, 950_000)

    assert (made.content_type, made.width, made.height) == ("image/jpeg", 48, 64)
    with Image.open(io.BytesIO(made.data)) as again:
        assert (again.size, dict(again.getexif()), again.info.get("exif")) == ((48, 64), {}, None)
    assert b"Exif" not in made.data


def test_one_that_is_see_through_stays_so_and_one_that_is_too_large_gets_smaller():
    small = remake(picture("PNG", mode="RGBA"), 2_000, 950_000)
    noise = Image.effect_noise((1_500, 1_500), 120)
    out = io.BytesIO()
    noise.save(out, "PNG")

    made = remake(out.getvalue(), 2_000, 100_000)

    assert small.content_type == "image/png"
    assert (made.content_type, len(made.data) <= 100_000) == ("image/jpeg", True)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"\xff\xd8\xff" + b"0" * 50, picture()[:300]])
def test_what_is_no_picture_is_refused_in_words(data):
    with pytest.raises(BadPictureError):
        remake(data, 2_000, 950_000)
    with pytest.raises(PictureRefusedError, match="no picture"):
        make_picture(data, "x")


def test_a_picture_of_too_many_pixels_is_not_decoded():
    side = int(MOST_PIXELS**0.5) + 2
    with pytest.raises(PictureRefusedError, match="pixels"):
        shown(data=picture("PNG", (side, side), "L"))


@pytest.fixture
def mention(kettle, server, mastodon):
    poll_one(kettle, mastodon)
    server.mentioned(1)
    with working_in(kettle):
        mastodon.refresh_from_db()
    poll_one(kettle, mastodon)
    with working_in(kettle):
        return Mention.objects.select_related("connection", "author__contact", "conversation").get()


def hurry(kettle):
    with working_in(kettle):
        Reply.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        Reply.objects.filter(state="sending").update(leased_until=timezone.now() - timedelta(seconds=1))
    send_due(kettle)


def state(kettle):
    with working_in(kettle):
        return Reply.objects.get().state


def answer(kettle, mention, ada, *pictures):
    with working_in(kettle):
        return reply_to(mention, "It does. See here.", by=ada, pictures=pictures or [shown()])


def test_on_mastodon_it_is_uploaded_with_its_words_before_the_post(kettle, server, mention, ada):
    answer(kettle, mention, ada)
    send_due(kettle)

    [said] = [one["said"] for one in server.posted]
    assert said["media_ids"] == ["901"]
    [raw] = server.media
    assert b'name="description"\r\n\r\nA red kettle\r\n' in raw
    assert b"Content-Type: image/jpeg" in raw
    with working_in(kettle):
        kept = ReplyFile.objects.get()
        assert (kept.alt, kept.remote_id, bytes(kept.data)) == ("A red kettle", "901", b"")  # the network holds it


def test_an_upload_that_got_lost_is_repeated_and_the_post_stands_once(kettle, server, mention, ada):
    server.drops_uploads = 1
    answer(kettle, mention, ada)
    send_due(kettle)
    assert (server.posted, state(kettle)) == ([], "waiting")

    hurry(kettle)

    assert (len(server.media), len(server.posted), state(kettle)) == (2, 1, "sent")
    assert server.posted[0]["said"]["media_ids"] == ["902"]


def test_a_post_whose_answer_got_lost_is_not_repeated_nor_its_picture(kettle, server, mention, ada):
    server.drops_answers = 1
    answer(kettle, mention, ada)
    send_due(kettle)
    assert state(kettle) == "waiting"

    hurry(kettle)

    assert (len(server.media), len(server.posted), state(kettle)) == (1, 1, "sent")


def test_one_that_is_being_made_ready_is_waited_for_and_uploaded_once(kettle, server, mention, ada):
    server.slow_media = 2
    answer(kettle, mention, ada)
    send_due(kettle)
    for _each in range(3):
        hurry(kettle)

    assert (len(server.media), len(server.posted), state(kettle)) == (1, 1, "sent")


def test_one_that_the_server_threw_away_meanwhile_is_uploaded_again(kettle, server, mention, ada):
    server.slow_media = 1
    answer(kettle, mention, ada)
    send_due(kettle)
    server.unready.clear()
    server.slow_media = 0

    hurry(kettle)

    assert (len(server.media), len(server.posted), state(kettle)) == (2, 1, "sent")


def test_a_picture_that_the_server_refuses_is_told_and_nothing_is_posted(kettle, server, mention, ada):
    server.quirk = lambda _method, path: (422, {"error": "Validation failed: File is not valid"}, {}) if "media" in path else None  # fmt: skip
    made = answer(kettle, mention, ada)
    send_due(kettle)

    with working_in(kettle):
        made.refresh_from_db()
    assert (made.state, server.posted) == ("failed", [])
    assert "does not take the picture" in made.last_error


def test_on_bluesky_it_stands_in_the_first_post_with_its_words(kettle, ada, settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = Server()
    facts = {"handle": "kettle.bsky.social", "service": server.url}
    with working_in(kettle):
        connect("bluesky", by=None, name="Sky", settings=facts, password=PASSWORD)
    poll_due(kettle)
    server.posts = [post(1)]
    with working_in(kettle):
        Connection.objects.update(due_at=timezone.now())
    poll_due(kettle)
    with working_in(kettle):
        mention = Mention.objects.select_related("connection", "author__contact", "conversation").get()
        made = reply_to(mention, " ".join(["A long answer of many words."] * 20), by=ada, pictures=[shown()])
    send_due(kettle)

    with working_in(kettle):
        made.refresh_from_db()
    embeds = [one.get("embed") for one in server.records.values()]
    server.close()
    assert made.state == "sent"
    assert [kind for kind, _data in server.blobs] == ["image/jpeg"]
    assert embeds[1:] == [None] * (len(embeds) - 1)
    [image] = embeds[0]["images"]
    assert (image["alt"], image["aspectRatio"]) == ("A red kettle", {"width": 64, "height": 48})
    assert image["image"]["mimeType"] == "image/jpeg"


def test_elsewhere_it_is_refused_and_nothing_is_kept(inside, ada):
    mention = make_mention(connection=make_connection(callback_url="https://answers.example/hook"))
    with pytest.raises(NoFilesError, match="shows no picture"):
        reply_to(mention, "Here.", by=ada, pictures=[NewPicture(b"x", "image/png", "x", 1, 1)])
    assert not Reply.objects.exists()


def test_the_api_takes_a_picture_with_its_words(kettle, server, mention):
    machine = machine_of(kettle)
    where = f"/conversations/{mention.conversation_id}/replies"
    data = base64.b64encode(with_place()).decode()

    def told(*pictures):
        return machine.post(where, {"text": "It does.", "pictures": list(pictures)})

    assert told({"data": data, "alt": ""}).status_code == 422
    assert told({"data": "not base64!", "alt": "A kettle"}).status_code == 422
    assert told({"data": base64.b64encode(b"no").decode(), "alt": "A kettle"}).status_code == 422
    assert told(*[{"data": data, "alt": "A kettle"}] * 5).status_code == 422
    assert told({"data": data, "alt": "A kettle"}).status_code == 201
    send_due(kettle)

    assert server.posted[0]["said"]["media_ids"] == ["901"]
