"""Own facts under pressure: undone whole, no address proved twice over, nobody mailed who must not be."""

import re

import pytest
from django.core import mail

from consent.asking import Ask
from consent.gate import verdict
from consent.models import Suppression, Topic
from consent.suppressing import is_suppressed, suppress
from contacts.models import Contact, FieldChange
from conversations.models import Connection
from portal import own_facts
from tests.portal.test_relationship import press
from tests.portal.test_speaking import ask_for
from workspaces.current import working_in


def sealed(page):
    return re.search(r'name="before" value="([^"]+)"', page.text)[1]


@pytest.mark.parametrize(("name", "language"), [("", ""), ("Greta", "sv"), ("Greta", "")])
def test_a_correction_is_undone_whole(visitor, greta, kettle, name, language):
    with working_in(kettle):
        Contact.objects.filter(pk=greta.pk).update(name=name, language=language)
    page = press(visitor, greta, do="facts", name="New Name", language="de")
    press(visitor, greta, do="undo", before=sealed(page))
    with working_in(kettle):
        assert Contact.objects.values_list("name", "language").get() == (name, language)


def test_another_name_changes_how_they_are_addressed(visitor, greta, kettle):
    page = press(visitor, greta, do="facts", name="Anna Berg", language="en")
    assert "Hello Greta" not in page.text
    with working_in(kettle):
        assert FieldChange.objects.order_by("-pk").first().source == "Their own page"


def test_who_says_this_is_not_me_is_not_written_to(visitor, greta, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        press(visitor, greta, do="not-me")
    assert mail.outbox == []


def test_a_server_that_is_down_is_said_and_the_next_try_mails(visitor, greta, monkeypatch):
    def down(*_args, **_kwargs):
        raise OSError("down")

    with monkeypatch.context() as patched:
        patched.setattr(own_facts, "send_mail", down)
        page = press(visitor, greta, do="address", email="new@slowwater.example")
    assert "could not be sent" in page.text
    press(visitor, greta, do="address", email="new@slowwater.example")
    assert [one.to for one in mail.outbox] == [["new@slowwater.example"]]


def test_an_older_link_turns_no_address_back(visitor, greta, kettle):
    links = []
    for name in ("a", "b"):
        _page, link = ask_for(visitor, greta, f"{name}@slowwater.example")
        links.append(link)
        visitor.post(link)
    assert "Another address came after this link" in visitor.get(links[0]).text
    assert "Nothing was changed" in visitor.post(links[0]).text
    assert "Saved" in visitor.post(links[1]).text
    with working_in(kettle):
        assert Contact.objects.get().email == "b@slowwater.example"


def test_nobody_who_is_blocked_is_mailed_by_a_stranger(visitor, greta, kettle):
    with working_in(kettle):
        suppress("stop@slowwater.example", reason=Suppression.Reason.MANUAL, source="x")
    page = press(visitor, greta, do="address", email="stop@slowwater.example")
    assert "on its way" in page.text  # who asks is told the same
    assert mail.outbox == []


def test_two_connections_do_not_close_the_door(visitor, greta, kettle):
    with working_in(kettle):
        for _ in range(2):
            Connection.objects.create(network="own_page", name="x")
    assert visitor.post(greta.path, {"do": "say", "words": "Hello there"}).status_code == 302


@pytest.mark.parametrize("kind", ["transactional", "personal", "subscribed"])
def test_stop_is_undone_whole(visitor, greta, kettle, kind):
    def allowed():
        with working_in(kettle):
            topic = Topic.objects.get(key="letter").pk if kind == "subscribed" else None
            return verdict(Ask(message_class=kind, topic_id=topic), Contact.objects.get(pk=greta.pk)).allowed

    assert allowed()
    page = press(visitor, greta, do="stop")
    assert not allowed()
    press(visitor, greta, do="undo", before=sealed(page))
    assert allowed()


def test_undoing_a_stop_takes_back_no_earlier_one_and_nobody_elses(visitor, greta, kettle):
    first = press(visitor, greta, do="stop")
    again = press(visitor, greta, do="stop")
    press(visitor, greta, do="undo", before=sealed(again))
    with working_in(kettle):
        assert not verdict(Ask(message_class="transactional"), Contact.objects.get(pk=greta.pk)).allowed
        suppress(greta.email, reason=Suppression.Reason.OBJECTION, source="told us on the phone")
    press(visitor, greta, do="undo", before=sealed(first))
    with working_in(kettle):
        assert is_suppressed(greta.email)
