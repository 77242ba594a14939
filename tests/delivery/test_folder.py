"""A sender that sends to nobody: its emails lie here, each can be looked at, and only a demo may make one."""

import re

import pytest

from delivery.messengers.folder import MOST_KEPT, FolderMessenger, folder_of, forget_emails, newest_emails, read_email
from delivery.models import Delivery, Sender
from privacy.erasing import erase_person
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_reader
from workspaces.current import working_in

S = "/w/kettle/campaigns/senders/"


@pytest.fixture
def sender(inside):
    settings = {"from_name": "Kettle & Co", "from_email": "letter@kettle.example"}
    return Sender.objects.create(kind="folder", name="Demo", settings=settings, per_second=100_000)


def test_each_reader_has_a_file_of_their_own_and_nobody_got_anything(inside, sender, send):
    readers = [make_reader("Ann"), make_reader("Ben")]
    campaign = send(make_campaign(sender, body="# Hello {{ contact.first_name }}", body_format="markdown"))

    found = newest_emails(sender, 10)
    assert sorted(str(one["to"]) for _name, one in found) == sorted(one.email for one in readers)
    assert sorted(re.findall(r"Hello (\w+)", one.get_body(("html",)).get_content())[0] for _n, one in found) == [
        "Ann",
        "Ben",
    ]
    assert set(Delivery.objects.filter(message=campaign.message).values_list("state", flat=True)) == {
        Delivery.State.SENT
    }
    assert folder_of(sender).stat().st_mode & 0o077 == 0


def test_the_newest_stay(inside, sender, monkeypatch):
    monkeypatch.setattr("delivery.messengers.folder.MOST_KEPT", 3)
    messenger = FolderMessenger(sender)
    for number in range(7):
        messenger.keep(b"Subject: %d\r\n\r\nx" % number, number + 1)
    messenger.close()

    assert [str(one["subject"]) for _name, one in newest_emails(sender, 10)] == ["6", "5", "4"]
    assert MOST_KEPT == 500


@pytest.mark.parametrize("name", ["../../secret_key", "x.eml", "1.eml", "", "0" * 19 + "-1.eml", ".hidden.eml"])
def test_no_other_file_is_read(inside, sender, name):
    FolderMessenger(sender).keep(b"x", 1)
    assert read_email(sender, name) is None


def test_without_room_the_campaign_waits_with_its_reason(inside, sender, settings, tmp_path, send):
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    (settings.VAR_DIR / "mail").write_text("a file where a folder should be")
    make_reader()
    campaign = send(make_campaign(sender))

    assert campaign.message.state == "paused"
    assert "folder of emails" in campaign.message.state_reason
    assert not Delivery.objects.filter(state=Delivery.State.SENT).exists()


def test_its_page_shows_the_newest_and_opens_each(as_ada, kettle, member):
    with working_in(kettle):
        sender = Sender.objects.create(
            kind="folder", name="Demo", settings={"from_name": "K", "from_email": "a@kettle.example"}
        )
    assert "No email yet" in as_ada.get(f"{S}{sender.pk}/emails/").text
    with working_in(kettle):
        FolderMessenger(sender).keep(
            b"To: ann@x.example\r\nSubject: Hi <b>\r\nContent-Type: text/html\r\n\r\n<head></head><p>Dear Ann", 7
        )
        FolderMessenger(sender).keep(b"Subject: words\r\n\r\njust words", 8)

    page = as_ada.get(f"{S}{sender.pk}/emails/").text
    assert "ann@x.example" in page
    assert "Hi &lt;b&gt;" in page
    stems = re.findall(r"\?email=([\d-]+)", page)
    assert "words alone" in as_ada.get(f"{S}{sender.pk}/emails/{stems[0]}/").text
    shown = as_ada.get(f"{S}{sender.pk}/emails/{stems[1]}/")
    assert "Dear Ann" in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert as_ada.get(f"{S}{sender.pk}/emails/nothing/").status_code == 404
    assert member("analyst").get(f"{S}{sender.pk}/emails/").status_code == 403
    assert "they lie here" in as_ada.get(S).text


def test_it_is_offered_in_a_demo_alone(as_ada, kettle):
    assert as_ada.get(f"{S}new/?kind=folder").status_code == 404
    assert "kind=folder" not in as_ada.get(S).text
    made = as_ada.post(
        f"{S}new/?kind=folder", {"name": "x", "from_name": "x", "from_email": "a@x.example", "per_second": 5}
    )
    assert made.status_code == 404


def test_a_test_of_oneself_lies_there_too(inside, sender):
    outcome = FolderMessenger(sender).send_words(inside, "Hello", "It works.", to="me@x.example")

    [(_name, email)] = newest_emails(sender, 5)
    assert (str(outcome.kind), str(email["subject"]), str(email["to"])) == ("accepted", "Hello", "me@x.example")


def test_an_erased_person_leaves_no_file(inside, sender, send):
    gone, stays = make_reader("Ann"), make_reader("Ben")
    send(make_campaign(sender))
    FolderMessenger(sender).send_words(inside, "Hello", "It works.", to="me@x.example")

    assert forget_emails(inside.pk, [gone.pk]) == 2
    assert [str(one["to"]) for _name, one in newest_emails(sender, 10)] == [stays.email]


@pytest.mark.django_db(transaction=True)
def test_an_erasure_takes_the_file_along(kettle, ada):
    settings = {"from_name": "K", "from_email": "a@kettle.example"}
    with working_in(kettle):
        sender = Sender.objects.create(kind="folder", name="Demo", settings=settings)
        gone = make_reader("Ann")
        FolderMessenger(sender).keep(b"Subject: x\r\n\r\nDear Ann", gone.pk)
        erase_person(gone.pk, by=ada)

    assert newest_emails(sender, 10) == []
