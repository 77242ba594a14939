"""Pictures in the box of an answer: added, described, kept with the draft, approved, and shown there once, in their order."""

import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from conversations.answers.drafted_files import take_out
from conversations.answers.handing_over import send_due
from conversations.answers.picturing import make_picture
from conversations.answers.replying import reply_to
from conversations.attaching import NoFilesError
from conversations.merges.merging import merge_conversations, undo_merge
from conversations.models import AnswerDraft, AnswerDraftFile, Connection, Mention, Reply, ReplyFile
from lib import clock
from privacy.erasing import erase_person
from social.connecting import connect, poll_due, poll_one
from social.networks.mastodon import Mastodon
from tests.conftest import join, make_user
from tests.factories.contacts import make_contact
from tests.factories.social import make_connection, make_mention
from tests.machines import machine_of
from tests.social.killing import Killed
from tests.social.pds import PASSWORD, Server, post
from tests.social.test_mastodon_answers import kill
from workspaces.current import working_in
from workspaces.models import Event, Notice, Role, User

__all__ = ["kill"]
pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "reply-files"}
COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30), (30, 200, 200)]
WORDS = ["A red lid", "A green lid", "A blue lid", "A yellow lid"]


def raw(number=0):
    out = io.BytesIO()
    Image.new("RGB", (64 + number, 48), COLOURS[number]).save(out, "JPEG")
    return out.getvalue()


def upload(number=0, data=None):
    return SimpleUploadedFile(f"{number}.jpg", raw(number) if data is None else data)


@pytest.fixture
def mention(kettle, server, mastodon):
    poll_one(kettle, mastodon)
    server.mentioned(1)
    with working_in(kettle):
        mastodon.refresh_from_db()
    poll_one(kettle, mastodon)
    with working_in(kettle):
        return Mention.objects.select_related("connection", "author__contact", "conversation").get()


@pytest.fixture
def as_jonas(kettle):
    browser = Client()
    browser.force_login(join(kettle, make_user("jonas@kettle.example", "Jonas Brandt"), Role.EDITOR))
    return browser


def page_of(client, mention):
    return client.get(f"/w/kettle/inbox/{mention.conversation_id}/").text


def add(client, mention, *files, **said):
    return client.post(f"/w/kettle/inbox/mentions/{mention.pk}/files/", said | {"attached": files}, headers=HTMX)


def beside(kettle):
    with working_in(kettle):
        return list(AnswerDraftFile.objects.order_by("pk").values_list("pk", flat=True))


def described(kettle, words=WORDS):
    return {f"alt-{pk}": alt for pk, alt in zip(beside(kettle), words, strict=False)}


def send(client, kettle, mention, text="It does.", key=None, **said):
    given = {"text": text, "key": key or uuid4(), "seen": "0", "beside": beside(kettle)}
    return client.post(f"/w/kettle/inbox/mentions/{mention.pk}/reply/", given | said, headers={"HX-Request": "true"})


def hurry(kettle):
    with working_in(kettle):
        Reply.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        Reply.objects.filter(state="sending").update(leased_until=timezone.now() - timedelta(seconds=1))
    send_due(kettle)


def uploaded_words(server):
    return [re.search(rb'name="description"\r\n\r\n(.*?)\r\n', one)[1].decode() for one in server.media]


def states(kettle):
    with working_in(kettle):
        return list(Reply.objects.values_list("state", flat=True))


def test_four_pictures_are_shown_in_their_order_with_the_words_of_each(as_ada, kettle, server, mention):
    assert "Up to 4, 10 MB each" in page_of(as_ada, mention)
    shown = add(as_ada, mention, upload(0), upload(1))
    assert (shown.status_code, shown.text.count("What picture")) == (200, 2)
    full = add(as_ada, mention, upload(2), upload(3), text="It does.")
    assert ("These are 4 pictures" in full.text, 'type="file"' in full.text) == (True, False)

    sent = send(as_ada, kettle, mention, **described(kettle))
    hurry(kettle)

    assert sent.status_code == 200
    assert uploaded_words(server) == WORDS
    [said] = [one["said"] for one in server.posted]
    assert said["media_ids"] == ["901", "902", "903", "904"]
    page = page_of(as_ada, mention)
    assert re.findall(r"Picture: (A \w+ lid)", page) == WORDS
    with working_in(kettle):
        assert not AnswerDraft.objects.exists()
        assert [bytes(one.data) for one in ReplyFile.objects.all()] == [b""] * 4


def test_a_fifth_is_refused_and_so_is_what_is_no_picture_and_the_words_stay(as_ada, kettle, mention):
    add(as_ada, mention, upload(0), upload(1), upload(2), text="It does", **{"alt-x": "y"})

    many = add(as_ada, mention, upload(3), upload(4), text="It does.")
    bad = add(as_ada, mention, upload(3, b"GIF89a"), text="It does.")
    bare = as_ada.post(f"/w/kettle/inbox/mentions/{mention.pk}/files/", {"attached": [upload(3, b"no")]}, follow=True)

    assert (many.status_code, "shows 4 pictures with an answer at most" in many.text) == (422, True)
    assert (bad.status_code, "no picture that we read" in bad.text) == (422, True)
    assert ("no picture that we read" in bare.text, bare.status_code) == (True, 200)
    assert len(beside(kettle)) == 3
    assert "0.jpg" not in page_of(as_ada, mention)
    with working_in(kettle):
        assert AnswerDraft.objects.get().text == ""  # the last form had none; what stands beside it keeps it


def test_a_picture_without_words_is_not_sent_and_all_that_was_typed_stays(as_ada, kettle, server, mention):
    add(as_ada, mention, upload(0), upload(1))
    first, second = beside(kettle)

    held = send(as_ada, kettle, mention, "Look.", **{f"alt-{first}": "A red lid", f"alt-{second}": "  "})

    assert (held.status_code, "Say in words what each picture shows" in held.text) == (422, True)
    assert ('value="A red lid"' in held.text, ">Look.</textarea>" in held.text) == (True, True)
    wrong = re.findall(r'name="alt-(\d+)"[^>]*aria-invalid="true"', held.text)
    assert wrong == [str(second)]
    assert states(kettle) == []
    send(as_ada, kettle, mention, "Look.", **described(kettle))
    hurry(kettle)
    assert uploaded_words(server) == ["A red lid", "A green lid"]


def test_they_are_there_on_another_device_with_their_words_and_are_taken_out(as_ada, kettle, ada, server, mention):
    add(as_ada, mention, upload(0), upload(1), text="It does")
    first, second = beside(kettle)
    as_ada.post(f"/w/kettle/inbox/{mention.conversation_id}/draft/", {"text": "It does", f"alt-{second}": "Green"})
    phone = Client()
    phone.force_login(ada)
    page = page_of(phone, mention)
    assert ('value="Green"' in page, page.count('class="drafted-file"')) == (True, 2)
    picture = phone.get(f"/w/kettle/inbox/drafts/files/{first}/")
    with Image.open(io.BytesIO(picture.content)) as found:
        assert (found.size, picture.headers["Content-Type"]) == ((64, 48), "image/jpeg")

    where = f"/w/kettle/inbox/mentions/{mention.pk}/files/"
    said = {"take_out": first, "text": "It does.", f"alt-{second}": "A green lid"}
    assert phone.post(where, said, headers=HTMX).text.count('class="drafted-file"') == 1
    late = send(as_ada, kettle, mention, beside=[first, second])  # the first device shows what is there no more
    assert (late.status_code, "was changed meanwhile" in late.text) == (422, True)
    send(phone, kettle, mention)
    hurry(kettle)

    assert uploaded_words(server) == ["A green lid"]


def test_without_a_script_they_go_with_the_words_in_one_form(as_ada, kettle, server, mention):
    key = uuid4()
    held = send(as_ada, kettle, mention, key=key, attached=[upload(0), upload(1)])
    assert (held.status_code, len(beside(kettle))) == (422, 2)

    for _press in range(2):
        assert send(as_ada, kettle, mention, key=key, **described(kettle)).status_code == 200
    hurry(kettle)

    assert (len(server.posted), len(server.media), states(kettle)) == (1, 2, ["sent"])


def test_what_was_taken_back_stands_in_the_box_again_with_its_pictures(as_ada, kettle, server, mention):
    add(as_ada, mention, upload(0), upload(1))
    send(as_ada, kettle, mention, "Oops.", **described(kettle))
    with working_in(kettle):
        pk = Reply.objects.get().pk

    as_ada.post(f"/w/kettle/inbox/replies/{pk}/undo/", headers={"HX-Request": "true"})

    page = page_of(as_ada, mention)
    assert (">Oops.</textarea>" in page, 'value="A red lid"' in page, 'value="A green lid"' in page) == (True,) * 3
    send(as_ada, kettle, mention, "Better.")
    hurry(kettle)
    assert uploaded_words(server) == WORDS[:2]
    assert len(server.posted) == 1


def test_a_picture_is_nobody_elses_before_it_asks(as_ada, as_jonas, kettle, mention, bob, stranger_browser):
    add(as_jonas, mention, upload(0), text="It does.")
    [pk] = beside(kettle)
    where = f"/w/kettle/inbox/drafts/files/{pk}/"

    assert [one.get(where).status_code for one in (as_jonas, as_ada, stranger_browser)] == [200, 404, 404]
    as_ada.post(f"/w/kettle/inbox/mentions/{mention.pk}/files/", {"take_out": pk}, headers=HTMX)
    as_ada.post(f"/w/kettle/inbox/mentions/{mention.pk}/files/", {"take_out": "x", f"alt-{pk}": "No"}, headers=HTMX)
    assert beside(kettle) == [pk]


@pytest.fixture
def stranger_browser(eve):
    browser = Client()
    browser.force_login(eve)
    return browser


def ask(as_jonas, kettle, mention, count=2):
    add(as_jonas, mention, *[upload(number) for number in range(count)], text="It does.")
    said = send(as_jonas, kettle, mention, **described(kettle))
    assert "It waits to be approved" in said.text
    with working_in(kettle):
        return AnswerDraft.objects.exclude(asked_at=None).get().pk


def test_who_approves_sees_the_pictures_with_their_words_and_they_leave_after_it(
    as_jonas, as_ada, kettle, server, mention
):
    pk = ask(as_jonas, kettle, mention)
    first, second = beside(kettle)
    page = page_of(as_ada, mention)
    assert re.findall(r'src="/w/kettle/inbox/drafts/files/(\d+)/small/"\s+alt="(.*?)"', page) == [
        (str(first), "A red lid"),
        (str(second), "A green lid"),
    ]
    assert as_ada.get(f"/w/kettle/inbox/drafts/files/{second}/").status_code == 200
    assert (server.media, states(kettle)) == ([], [])

    sent = send(as_ada, kettle, mention, approves=pk, **{"with": [first, second], f"alt-{second}": "A lid in green"})
    hurry(kettle)

    assert sent.status_code == 200
    assert uploaded_words(server) == ["A red lid", "A lid in green"]
    assert (len(server.posted), states(kettle), beside(kettle)) == (1, ["sent"], [])


def test_who_approves_may_leave_one_out_and_what_changed_meanwhile_is_shown_first(
    as_jonas, as_ada, kettle, server, mention
):
    pk = ask(as_jonas, kettle, mention)
    first, second = beside(kettle)
    add(as_jonas, mention, upload(2), text="It does.")
    assert send(as_ada, kettle, mention, approves=pk, beside=[first, second], **{"with": [first]}).status_code == 422
    again = send(as_jonas, kettle, mention, **described(kettle))
    assert "It waits to be approved" in again.text
    old = send(as_ada, kettle, mention, approves=pk, beside=[first, second], **{"with": [first]})
    assert (old.status_code, "was changed meanwhile" in old.text, states(kettle)) == (422, True, [])

    send(as_ada, kettle, mention, approves=pk, **{"with": [second]})
    hurry(kettle)

    assert uploaded_words(server) == ["A green lid"]


def test_given_back_the_pictures_stand_with_its_writer_and_asking_needs_words_for_each(
    as_jonas, as_ada, kettle, mention
):
    pk = ask(as_jonas, kettle, mention)
    as_ada.post(f"/w/kettle/inbox/drafts/{pk}/back/", headers={"HX-Request": "true"})
    assert 'value="A green lid"' in page_of(as_jonas, mention)
    add(as_jonas, mention, upload(2))

    bare = send(as_jonas, kettle, mention)

    assert (bare.status_code, "Say in words what each picture shows" in bare.text) == (422, True)
    with working_in(kettle):
        assert AnswerDraft.objects.get().asked_at is None


def test_what_was_left_out_stays_out_where_the_answer_is_shown_again(as_jonas, as_ada, kettle, mention):
    pk = ask(as_jonas, kettle, mention)
    first, second = beside(kettle)

    said = send(as_ada, kettle, mention, approves=pk, **{"with": [second], f"alt-{second}": ""})

    boxes = re.findall(r'name="with"\s+value="(\d+)"\s+(checked|>)', said.text)
    assert (said.status_code, boxes) == (422, [(str(first), ">"), (str(second), "checked")])


def test_an_answer_whose_picture_is_taken_out_asks_no_more_and_is_none_without_words(as_jonas, kettle, mention):
    ask(as_jonas, kettle, mention)
    first, second = beside(kettle)
    with working_in(kettle):
        jonas = User.objects.get(email="jonas@kettle.example")
        take_out(mention.conversation, first, by=jonas)
        assert AnswerDraft.objects.values_list("text", "asked_at").get() == ("It does.", None)

        AnswerDraft.objects.update(text="")
        take_out(mention.conversation, second, by=jonas)
        assert list(AnswerDraft.objects.all()) == []


def test_the_api_lists_shows_and_approves_answers_with_pictures(as_jonas, kettle, server, mention):
    pk, machine = ask(as_jonas, kettle, mention, 3), machine_of(kettle)
    first, second, third = beside(kettle)
    [item] = machine.get("/approvals").json()["items"]
    assert [(one["id"], one["alt"], one["content_type"]) for one in item["files"]] == [
        (first, "A red lid", "image/jpeg"),
        (second, "A green lid", "image/jpeg"),
        (third, "A blue lid", "image/jpeg"),
    ]
    assert machine.get(f"/approvals/files/{first}").json()["base64"]
    assert machine.get("/approvals/files/999999").status_code == 404
    where, said = f"/approvals/{pk}/replies", {"text": "It does.", "key": str(uuid4())}
    assert machine.post(where, said | {"files": [first, 999_999]}).status_code == 409

    made = [machine.post(where, said | {"files": [first, third]}) for _time in range(2)]
    hurry(kettle)

    assert [one.status_code for one in made] == [201, 404]  # it waits no longer
    assert uploaded_words(server) == ["A red lid", "A blue lid"]
    ours = machine.get(f"/conversations/{mention.conversation_id}").json()["messages"][-1]
    assert [one["alt"] for one in ours["attached"]] == ["A red lid", "A blue lid"]
    assert machine.get(f"/approvals/files/{first}").status_code == 404


def picture(number):
    return make_picture(raw(number), WORDS[number])


def test_a_worker_that_dies_at_any_request_leaves_one_post_with_all_pictures_in_order(
    kettle, server, mention, ada, kill
):
    with working_in(kettle):
        reply_to(mention, "It does.", by=ada, pictures=[picture(number) for number in range(4)])
    hurry_only(kettle)
    deaths = 0
    for at, before in [(2, False), (1, True), (4, False), (3, True), (6, True), (6, False), (0, True)]:
        kill(at, before)
        with pytest.raises(Killed):
            send_due(kettle)
        deaths += 1
        assert states(kettle) == ["sending"]
        hurry_only(kettle)
    kill(99, before=True)
    send_due(kettle)

    assert (deaths, states(kettle), len(server.posted)) == (7, ["sent"], 1)
    shown = [server.media[int(one) - 901] for one in server.posted[0]["said"]["media_ids"]]
    assert [re.search(rb'name="description"\r\n\r\n(.*?)\r\n', one)[1].decode() for one in shown] == WORDS


def hurry_only(kettle):
    with working_in(kettle):
        Reply.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        Reply.objects.filter(state="sending").update(leased_until=timezone.now() - timedelta(seconds=1))


def test_all_that_are_being_made_ready_are_uploaded_at_once_and_waited_for(kettle, server, mention, ada):
    server.slow_media = 1
    with working_in(kettle):
        reply_to(mention, "It does.", by=ada, pictures=[picture(number) for number in range(4)])
    send_due(kettle)
    assert (len(server.media), server.posted) == (4, [])

    hurry(kettle)

    assert (len(server.media), len(server.posted), states(kettle)) == (4, 1, ["sent"])


def test_uploads_that_take_long_go_on_at_the_next_attempt(kettle, server, mention, ada, monkeypatch):
    """Otherwise the lease would run out, and a second worker post the same."""
    real = server.upload
    start = clock.now()
    monkeypatch.setattr(server, "upload", lambda body: (real(body), set_clock(start + timedelta(seconds=30 * len(server.media))))[0])  # fmt: skip

    def set_clock(moment):
        monkeypatch.setattr("social.networks.mastodon_pictures.now", lambda: moment)

    set_clock(start)
    with working_in(kettle):
        reply_to(mention, "It does.", by=ada, pictures=[picture(number) for number in range(4)])
    send_due(kettle)
    assert (len(server.media), server.posted, states(kettle)) == (2, [], ["waiting"])

    hurry(kettle)
    hurry(kettle)

    assert (len(server.media), len(server.posted), states(kettle)) == (4, 1, ["sent"])
    assert uploaded_words(server) == WORDS


def test_a_server_that_shows_fewer_says_so(kettle, mastodon, server, mention, ada):
    with working_in(kettle):
        mastodon.refresh_from_db()
        assert Mastodon(mastodon).capabilities().media == 4
        Connection.objects.update(health=mastodon.health | {"most_pictures": 1})
        fewer = Mention.objects.select_related("connection", "author__contact", "conversation").get()
        with pytest.raises(NoFilesError, match="shows 1 picture with an answer at most"):
            reply_to(fewer, "It does.", by=ada, pictures=[picture(0), picture(1)])


def test_on_bluesky_all_stand_in_the_first_post_in_their_order(as_ada, kettle, settings):
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
        asked = Mention.objects.select_related("connection", "conversation").get()
    add(as_ada, asked, *[upload(number) for number in range(4)])
    send(as_ada, kettle, asked, **described(kettle))
    hurry(kettle)

    embeds = [one.get("embed") for one in server.records.values()]
    server.close()
    assert states(kettle) == ["sent"]
    assert [[one["alt"] for one in each["images"]] for each in embeds] == [WORDS]
    assert [one["aspectRatio"]["width"] for one in embeds[0]["images"]] == [64, 65, 66, 67]


def test_merged_conversations_hold_the_pictures_of_both_drafts_until_they_are_parted(
    as_ada, kettle, ada, server, mention, mastodon
):
    with working_in(kettle):
        tom = make_contact("Tom", "tom@tea.example")
        mention.author.contact = tom
        mention.author.save()
        own = {"handle": mention.author.handle, "network": "mastodon", "thread": "other"}
        other = make_mention("And this?", connection=mention.connection, **own)
        other.author.contact = tom
        other.author.save()
    add(as_ada, mention, upload(0), text="It does.")
    add(as_ada, other, upload(1), text="That too.")
    with working_in(kettle):
        merge = merge_conversations(other.conversation, mention.conversation, by=ada)
        held = AnswerDraftFile.objects.filter(draft__conversation=mention.conversation_id)
        assert held.count() == 2
        undo_merge(merge, by=ada)
        assert held.count() == 1
        assert AnswerDraftFile.objects.filter(draft__conversation=other.conversation_id).count() == 1
        erase_person(tom.pk, by=ada)
        assert not AnswerDraftFile.objects.exists()


def test_a_box_of_a_channel_that_shows_none_has_no_place_for_one(as_ada, kettle):
    with working_in(kettle):
        made = make_mention(connection=make_connection(callback_url="https://answers.example/hook"))
    assert 'name="attached"' not in page_of(as_ada, made)

    told = add(as_ada, made, upload(0), text="It does.")
    held = send(as_ada, kettle, made, attached=[upload(0)])

    assert (told.status_code, "takes neither files nor pictures" in told.text) == (422, True)
    assert (held.status_code, ">It does.</textarea>" in held.text, states(kettle)) == (422, True, [])


def pressed(client, kettle, mention, key, **said):
    """What a browser without script sends when the button is pressed: the files chosen in this very form, too."""
    files = [upload(0), upload(1)]
    given = {"text": "It does.", "key": key, "seen": "0", "attached": files, **said}
    return client.post(f"/w/kettle/inbox/mentions/{mention.pk}/reply/", given)


def test_asking_twice_by_one_form_adds_its_pictures_and_tells_once(as_jonas, kettle, mention):
    key = uuid4()
    bare = pressed(as_jonas, kettle, mention, key)
    assert "Say in words what each picture shows" in bare.text
    words = {"beside": beside(kettle)} | described(kettle)

    for _turn in range(2):
        assert pressed(as_jonas, kettle, mention, key, **words).status_code == 302

    with working_in(kettle):
        draft = AnswerDraft.objects.get()
        assert draft.asked_at is not None
        assert list(draft.files.order_by("pk").values_list("name", "alt")) == [
            ("1.jpeg", "A red lid"),
            ("2.jpeg", "A green lid"),
        ]
        assert Notice.objects.filter(kind="conversations.asked").count() == 1
        assert Event.objects.filter(type="answer.asked").count() == 1


def test_adding_twice_adds_once_and_the_same_picture_again_once_it_is_out(as_ada, kettle, mention):
    path = f"/w/kettle/inbox/mentions/{mention.pk}/files/"
    for _turn in range(2):
        as_ada.post(path, {"text": "It does.", "attached": [upload(0), upload(1), upload(2)]})
    first, *_others = found = beside(kettle)
    assert len(found) == 3

    add(as_ada, mention, take_out=first)
    add(as_ada, mention, upload(0))
    assert len(beside(kettle)) == 3

    add(as_ada, mention, upload(3))
    assert add(as_ada, mention, upload(3), upload(1)).status_code == 200  # there is no room, and none is needed
    assert len(beside(kettle)) == 4


@pytest.fixture
def person(kettle, mention):
    with working_in(kettle):
        contact = make_contact("Tom Green", "tom@tea.example")
        mention.author.contact = contact
        mention.author.save()
    return f"/w/kettle/contacts/{contact.pk}/", f"/w/kettle/inbox/of/{contact.pk}/answer/"


def answer_from(client, where, kettle, mention, key=None, **said):
    given = {"text": "It does.", "key": key or uuid4(), "seen": "0", "mention": mention.pk, "beside": beside(kettle)}
    return client.post(where, given | said)


def test_pictures_go_with_an_answer_from_a_persons_page(as_ada, kettle, server, mention, person):
    page, where = person
    assert "Up to 4, 10 MB each" in as_ada.get(f"{page}?compose=answer").text
    path, given = f"/w/kettle/inbox/mentions/{mention.pk}/files/", {"text": "It does.", "at": "person"}
    back = as_ada.post(path, given | {"attached": [upload(0), upload(1)]})
    assert back["Location"] == f"{page}?compose=answer#reply-files"
    shown = as_ada.get(f"{page}?compose=answer").text
    assert (shown.count("/small/"), ">It does.</textarea>" in shown) == (2, True)
    bare = answer_from(as_ada, where, kettle, mention)
    assert (bare.status_code, "Say in words what each picture shows" in bare.text) == (422, True)

    key = uuid4()
    for _turn in range(2):
        assert answer_from(as_ada, where, kettle, mention, key, **described(kettle)).status_code == 302
    hurry(kettle)

    assert uploaded_words(server) == ["A red lid", "A green lid"]
    assert (states(kettle), beside(kettle)) == (["sent"], [])


def test_from_a_persons_page_pictures_wait_for_approval_with_the_words(
    as_jonas, as_ada, kettle, server, mention, person
):
    _page, where = person
    key = uuid4()
    answer_from(as_jonas, where, kettle, mention, key, attached=[upload(0)])
    for _turn in range(2):
        said = answer_from(as_jonas, where, kettle, mention, key, attached=[upload(0)], **described(kettle))
        assert said.status_code == 302
    with working_in(kettle):
        pk = AnswerDraft.objects.exclude(asked_at=None).get().pk
    assert len(beside(kettle)) == 1

    send(as_ada, kettle, mention, approves=pk, **{"with": beside(kettle)})
    hurry(kettle)

    assert uploaded_words(server) == ["A red lid"]


def test_the_small_picture_of_a_draft_is_its_writers_until_it_asks(as_jonas, as_ada, kettle, mention, eve):
    add(as_jonas, mention, upload(0), text="It does.")
    small = f"/w/kettle/inbox/drafts/files/{beside(kettle)[0]}/small/"
    stranger = Client()
    stranger.force_login(eve)

    got = as_jonas.get(small)
    assert (got.status_code, got["Content-Type"], got["Content-Disposition"]) == (200, "image/jpeg", "inline")
    assert [one.get(small).status_code for one in (as_ada, stranger)] == [404, 404]
    with working_in(kettle):
        AnswerDraft.objects.update(asked_at=timezone.now())
    assert as_ada.get(small).status_code == 200
