"""Bluesky's own servers, as `make bluesky` starts them on this machine: what we believe of them is true.

The address of the accounts' server stands in ECRM_BLUESKY; without it these are skipped.
"""

import itertools
import os
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.utils import timezone

from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to
from conversations.channels import ChannelError, Outbox
from conversations.models import Connection, Conversation, Mention, Reply
from social.connecting import connect, poll_due
from social.networks.bluesky import Bluesky
from social.networks.bluesky_session import sign_in
from tests.social.test_picture_answers import shown
from workspaces.current import working_in

SERVER = os.environ.get("ECRM_BLUESKY", "")
PASSWORD = "slow water, good water"
BUT_SO_LONG = 60.0  # seconds, until the network has told its parts of what was written

pytestmark = [
    pytest.mark.skipif(not SERVER, reason="Bluesky's servers are not here: make bluesky"),
    pytest.mark.django_db,
]
numbers = itertools.count(int(time.time()))


class Account:
    """Somebody on the network, by its documented calls."""

    def __init__(self, name: str) -> None:
        self.handle = f"{name}{next(numbers)}.test"
        self.access = ""
        who = {"email": f"{self.handle}@kettle.example", "handle": self.handle, "password": PASSWORD}
        made = self.ask("com.atproto.server.createAccount", **who)
        self.did, self.access = made["did"], made["accessJwt"]
        self.write("app.bsky.actor.profile", key="self", displayName=name.title())

    def ask(self, method, **body):
        return self._call("POST", method, json=body)

    def get(self, method, **params):
        return self._call("GET", method, params=params)

    def _call(self, verb, method, **more):
        access = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        said = httpx.request(verb, f"{SERVER}/xrpc/{method}", headers=access, timeout=20, **more)
        return said.raise_for_status().json() if said.content else {}

    def write(self, collection, *, key=None, **record):
        """A record of theirs: its address and hash."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        more = {"rkey": key} if key else {}
        return self.ask(
            "com.atproto.repo.createRecord",
            repo=self.did,
            collection=collection,
            record={"$type": collection, "createdAt": moment, **record},
            **more,
        )

    def post(self, text, **more):
        return self.write("app.bsky.feed.post", text=text, langs=["en"], **more)

    def mention(self, other, text, **more):
        words = f"@{other.handle} {text}"
        index = {"byteStart": 0, "byteEnd": len(f"@{other.handle}".encode())}
        facet = {"index": index, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": other.did}]}
        return self.post(words, facets=[facet], **more)

    def thread(self, uri):
        return self.get("app.bsky.feed.getPostThread", uri=uri)["thread"]


@pytest.fixture(scope="module")
def us():
    return Account("kettle")


@pytest.fixture
def ines():
    return Account("ines")


@pytest.fixture
def sky(kettle, us, settings):
    settings.ECRM_FETCH_LOOPBACK = True
    own = {"handle": us.handle, "service": SERVER}
    with working_in(kettle):
        made = connect("bluesky", by=None, name="Our Bluesky", settings=own, password=PASSWORD)[0]
    until(lambda: us.get("app.bsky.notification.listNotifications"))
    look(kettle, made)
    return made


def until(found):
    """What comes at last; asked again while it is not there."""
    end = time.monotonic() + BUT_SO_LONG
    while True:
        try:
            if what := found():
                return what
        except httpx.HTTPStatusError as error:
            last = error
        else:
            last = None
        assert time.monotonic() < end, f"not there after {BUT_SO_LONG} s: {last or found}"
        time.sleep(0.3)


def look(kettle, sky):
    """What stands in the inbox after one more look."""
    with working_in(kettle):
        Connection.objects.filter(pk=sky.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    poll_due(kettle)
    with working_in(kettle):
        sky.refresh_from_db()
        return list(Mention.objects.select_related("author", "conversation").order_by("pk"))


def heard(kettle, sky, uri):
    """The mention of this address, when it is there."""
    return until(lambda: next((one for one in look(kettle, sky) if one.remote_id == uri), None))


def answered(kettle, ada, mention, text, **more):
    with working_in(kettle):
        reply = reply_to(mention, text, by=ada, **more)
    send_due(kettle)
    with working_in(kettle):
        reply.refresh_from_db()
    return reply


def test_the_app_password_lets_us_in(us, settings):
    settings.ECRM_FETCH_LOOPBACK = True
    made = us.ask("com.atproto.server.createAppPassword", name=f"eCRM {next(numbers)}")

    session = sign_in(us.handle, made["password"], service=SERVER)

    assert (session.did, session.handle) == (us.did, us.handle)
    with pytest.raises(ChannelError) as caught:
        sign_in(us.handle, "wrong", service=SERVER)
    assert caught.value.again is False


def test_a_mention_comes_in_and_our_answer_stands_below_it_for_its_writer(kettle, ada, us, ines, sky):
    asked = ines.mention(us, "Does the red kettle whistle?")

    mention = heard(kettle, sky, asked["uri"])
    assert (mention.author.handle, mention.author.name, mention.author.claimed_by) == (
        ines.did,
        f"Ines (@{ines.handle})",
        0,
    )
    reply = answered(kettle, ada, mention, "It does! See https://kettle.example/red #Tea")

    assert (reply.state, reply.last_error) == (Reply.State.SENT, "")
    below = until(lambda: ines.thread(asked["uri"]).get("replies"))
    [one] = below
    record = one["post"]["record"]
    assert (one["post"]["author"]["did"], record["text"]) == (us.did, "It does! See https://kettle.example/red #Tea")
    kinds = [f["features"][0]["$type"].partition("#")[2] for f in record["facets"]]
    assert kinds == ["link", "tag"]
    until(
        lambda: [
            n for n in ines.get("app.bsky.notification.listNotifications")["notifications"] if n["reason"] == "reply"
        ]
    )


def test_an_answer_and_a_quote_of_ours_come_in_and_stay_one_conversation(kettle, us, ines, sky):
    ours = us.post("Tea is ready.")
    until(lambda: ines.thread(ours["uri"]))  # the network tells nobody of an answer that it read before what it answers
    ref = {"uri": ours["uri"], "cid": ours["cid"]}
    answer = ines.post("Mine is cold.", reply={"root": ref, "parent": ref})
    quote = ines.post("Look at this", embed={"$type": "app.bsky.embed.record", "record": ref})

    first, second = heard(kettle, sky, answer["uri"]), heard(kettle, sky, quote["uri"])

    assert (first.text, second.text.splitlines()[0]) == ("Mine is cold.", "Look at this")
    again = ines.post("And old.", reply={"root": ref, "parent": {"uri": answer["uri"], "cid": answer["cid"]}})
    until(lambda: us.thread(again["uri"]))
    ref_again = {"uri": again["uri"], "cid": again["cid"]}
    words = f"@{us.handle} are you there?"
    third = ines.mention(us, "are you there?", reply={"root": ref, "parent": ref_again})

    found = heard(kettle, sky, third["uri"])
    assert (found.text, found.conversation_id) == (words, first.conversation_id)


def test_a_burst_between_two_looks_comes_in_whole(kettle, us, ines, sky):
    written = {ines.mention(us, f"Number {number}")["uri"] for number in range(130)}
    seen = lambda: {n["uri"] for n in us.get("app.bsky.notification.listNotifications", limit=100)["notifications"]}  # noqa: E731
    until(lambda: len(seen() & written) >= 100)

    found = until(lambda: (mine := {one.remote_id for one in look(kettle, sky)}) and written <= mine and mine)

    assert written <= found


def test_a_long_answer_is_a_thread_and_once_however_often_it_is_sent(us, ines, sky, kettle):
    asked = ines.mention(us, "Tell me all about kettles.")
    mention = heard(kettle, sky, asked["uri"])
    long = " ".join(f"This is sentence number {number} of a long answer about kettles." for number in range(12))
    row = Outbox(
        key="2f1c7a", text=long, mention_id=mention.remote_id, mention_url="", thread=asked["uri"], network="bluesky",
        is_public=True, visibility="public", language="en", wire=mention.wire, created_at=datetime.now(UTC),
    )  # fmt: skip

    first = Bluesky(sky).reply(row)
    assert Bluesky(sky).reply(row) == first

    def texts():
        found, below = [], ines.thread(asked["uri"])
        while mine := [one for one in below.get("replies", []) if one["post"]["author"]["did"] == us.did]:
            assert len(mine) == 1
            below = mine[0]
            found.append(below["post"]["record"]["text"])
        return found if len(found) == 3 else None

    assert " ".join(until(texts)) == long


def test_a_picture_goes_along_with_what_it_shows(kettle, ada, us, ines, sky):
    asked = ines.mention(us, "Have you a picture of it?")
    mention = heard(kettle, sky, asked["uri"])

    reply = answered(kettle, ada, mention, "Here it is.", pictures=[shown()])

    assert (reply.state, reply.last_error) == (Reply.State.SENT, "")
    [below] = until(lambda: ines.thread(asked["uri"]).get("replies"))
    [image] = below["post"]["embed"]["images"]
    assert image["alt"] == "A red kettle"


def test_what_its_writer_deletes_goes(kettle, us, ines, sky):
    asked = ines.mention(us, "Never mind.")
    mention = heard(kettle, sky, asked["uri"])
    ines.ask(
        "com.atproto.repo.deleteRecord",
        repo=ines.did,
        collection="app.bsky.feed.post",
        rkey=asked["uri"].rpartition("/")[2],
    )

    def gone():
        look(kettle, sky)
        with working_in(kettle):
            mention.refresh_from_db()
        return mention.deleted_at

    assert until(gone)


def test_who_blocks_us_is_told_and_not_tried_again(kettle, ada, us, ines, sky):
    asked = ines.mention(us, "Go away.")
    mention = heard(kettle, sky, asked["uri"])
    ines.write("app.bsky.graph.block", subject=us.did)
    until(lambda: us.get("app.bsky.actor.getProfile", actor=ines.did)["viewer"].get("blockedBy"))

    reply = answered(kettle, ada, mention, "Sorry to hear that.")

    assert reply.state == Reply.State.FAILED
    assert "blocks us" in reply.last_error


def test_a_like_is_one(us, ines, sky, kettle):
    asked = ines.mention(us, "I love it.")
    mention = heard(kettle, sky, asked["uri"])
    row = Outbox(
        key="like", text="", mention_id=mention.remote_id, mention_url="", thread=asked["uri"], network="bluesky",
        is_public=True, visibility="public", language="en", wire=mention.wire, created_at=datetime.now(UTC),
    )  # fmt: skip
    assert Bluesky(sky).like(row) == Bluesky(sky).like(row)

    likes = until(lambda: ines.get("app.bsky.feed.getLikes", uri=asked["uri"])["likes"])
    assert [one["actor"]["did"] for one in likes] == [us.did]
    with working_in(kettle):
        assert Conversation.objects.filter(mentions__remote_id=asked["uri"]).count() == 1
