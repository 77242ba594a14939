"""Where emails land: a test leaves by SMTP and is looked for by IMAP, both real servers on loopback."""

from datetime import timedelta

import pytest

from deliverability.models import SeedMailbox, SeedTest
from deliverability.seed_tests import ask_seed_tests, keep_password, newest_run, results_of, run_seed_tests
from delivery.models import Sender
from lib.clock import now
from lib.connections.imap import Account, MailboxError, open_mailbox
from tests.deliverability.mailbox import ImapServer
from workspaces.current import working_in

RESULTS = (
    b"Authentication-Results: mx.google.com; dkim=pass header.i=@kettle.coffee;\r\n spf=softfail (google.com: not) "
    b"smtp.mailfrom=kettle.coffee; dmarc=pass (p=NONE)\r\nAuthentication-Results: evil; spf=pass\r\n"
)


@pytest.fixture
def sender(kettle, room):
    with working_in(kettle):
        given = {"host": "127.0.0.1", "port": room.port, "security": "none", "from_email": "hello@kettle.example"}
        return Sender.objects.create(name="Letters", settings=given)


def add_mailbox(kettle, port, name="Google"):
    with working_in(kettle):
        mailbox = SeedMailbox.objects.create(
            name=name,
            address=f"seed@{name.lower()}.example",
            host="127.0.0.1",
            port=port,
            security="none",
            username="seed",
        )
        keep_password(mailbox, "open")
        return mailbox


def email_with(token, head=RESULTS):
    return head + f"Subject: Where does this land? {token}\r\n\r\nHello\r\n".encode()


def look_again(kettle):
    with working_in(kettle):
        SeedTest.objects.update(sent_at=now() - timedelta(seconds=5))
    return run_seed_tests(kettle)


@pytest.mark.parametrize(
    ("folder", "flags", "place"),
    [("INBOX", "", "inbox"), ("[Mail]/Odd", "\\Junk", "junk"), ("Spam", "", "junk"), ("Promotions", "", "elsewhere")],
)
def test_a_test_is_found_where_it_lies(kettle, ada, sender, room, folder, flags, place):
    folders = {"INBOX": ("", []), folder: (flags, [])}
    with ImapServer(folders) as imap:
        add_mailbox(kettle, imap.port)
        with working_in(kettle):
            assert ask_seed_tests(sender, by=ada) == 1
            assert ask_seed_tests(sender, by=ada) == 0
        run_seed_tests(kettle)
        with working_in(kettle):
            test = SeedTest.objects.get()
            assert (test.place, len(room.letters)) == ("waiting", 1)
        folders[folder][1].append(email_with(test.token))
        again = look_again(kettle)

    with working_in(kettle):
        test = newest_run(sender)[0]
        assert (test.place, test.folder, test.spf, test.dkim, test.dmarc) == (place, folder, "softfail", "pass", "pass")
    assert again is None


def test_a_test_that_never_comes_is_given_up_after_an_hour(kettle, ada, sender):
    with ImapServer({"INBOX": ("", [])}) as imap:
        add_mailbox(kettle, imap.port)
        with working_in(kettle):
            ask_seed_tests(sender, by=ada)
        run_seed_tests(kettle)
        assert look_again(kettle) is not None
        with working_in(kettle):
            SeedTest.objects.update(sent_at=now() - timedelta(minutes=61), looked_at=now() - timedelta(minutes=31))
        assert run_seed_tests(kettle) is None

    with working_in(kettle):
        assert SeedTest.objects.get().place == "missing"


def test_a_mailbox_that_cannot_be_read_says_so_and_stops_no_other(kettle, ada, sender):
    folders = {"INBOX": ("", [])}
    with ImapServer(folders) as good, ImapServer(folders, password="other") as bad:
        add_mailbox(kettle, bad.port, "Bad")
        add_mailbox(kettle, good.port, "Good")
        with working_in(kettle):
            ask_seed_tests(sender, by=ada)
        run_seed_tests(kettle)
        with working_in(kettle):
            folders["INBOX"][1].extend(email_with(one.token) for one in SeedTest.objects.all())
        look_again(kettle)

    with working_in(kettle):
        assert {one.mailbox.name: one.place for one in SeedTest.objects.select_related("mailbox")} == {
            "Bad": "waiting", "Good": "inbox",
        }  # fmt: skip
        assert dict(SeedMailbox.objects.values_list("name", "last_error")) == {"Bad": "refused", "Good": ""}


def test_a_mailbox_that_stays_closed_says_nothing_of_where_emails_land(kettle, ada, as_ada, sender):
    with ImapServer({"INBOX": ("", [])}, password="other") as imap:
        add_mailbox(kettle, imap.port)
        with working_in(kettle):
            ask_seed_tests(sender, by=ada)
        run_seed_tests(kettle)
        with working_in(kettle):
            SeedTest.objects.update(sent_at=now() - timedelta(minutes=61), looked_at=now() - timedelta(minutes=31))
        run_seed_tests(kettle)

    with working_in(kettle):
        test = SeedTest.objects.get()
        assert (test.place, test.said) == ("unread", "refused")
    page = as_ada.get(f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/").text
    assert "0 of 1 in the inbox, 1 in mailboxes that could not be read." in page
    assert "The mailbox does not accept the login." in page


def test_a_folder_that_cannot_be_opened_hides_no_other(kettle, ada, sender):
    folders = {"INBOX": ("", []), "Shared": ("", []), "Zebra": ("", [])}
    with ImapServer(folders) as imap:
        imap.closed = {"Shared"}
        add_mailbox(kettle, imap.port)
        with working_in(kettle):
            ask_seed_tests(sender, by=ada)
        run_seed_tests(kettle)
        with working_in(kettle):
            folders["Zebra"][1].append(email_with(SeedTest.objects.get().token))
            assert ask_seed_tests(sender, by=ada) == 0  # one is waited for
        look_again(kettle)

    with working_in(kettle):
        assert (SeedTest.objects.get().folder, SeedMailbox.objects.get().last_error) == ("Zebra", "")


def test_a_server_that_refuses_says_its_code_alone(kettle, ada, sender, room):
    room.refuse["seed@google.example"] = "550 5.7.1 go away, secret"
    with ImapServer({"INBOX": ("", [])}) as imap:
        add_mailbox(kettle, imap.port)
        with working_in(kettle):
            ask_seed_tests(sender, by=ada)
        assert run_seed_tests(kettle) is None

    with working_in(kettle):
        test = SeedTest.objects.get()
        assert (test.place, test.said) == ("failed", "550 5.7.1")


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ({"hello": b"* BYE go away\r\n"}, "refused"),
        ({"hello": b"HTTP/1.1 400 Bad\r\n"}, "broken"),
        ({"LIST": b"* LIST (\\x) nonsense\r\nTAG OK done\r\n"}, None),
        ({"LIST": b'* LIST () "/" {99999999999}\r\n'}, "broken"),
        ({"LIST": b"TAG NO\r\n"}, "refused"),
        ({"LIST": b"\xff\xfe\x00\r\n" * 3}, "broken"),
        ({"LOGIN": b"TAG BAD\r\n"}, "refused"),
        ({"CAPABILITY": b"* CAPABILITY\r\nTAG OK\r\n"}, "refused"),
    ],
)
def test_a_server_that_speaks_otherwise_is_an_error_of_ours_and_no_crash(settings, says, code):
    with ImapServer({"INBOX": ("", [])}, says=says) as imap:
        account = Account("127.0.0.1", imap.port, "seed", "open", "none")
        try:
            with open_mailbox(account, seconds=3) as mailbox:
                mailbox.folders()
            found = None
        except MailboxError as error:
            found = str(error)

    assert (found in {"refused", "broken"}) if code else found is None


def test_a_server_that_says_nothing_is_too_slow():
    with ImapServer({}, says={"hello": b""}) as imap:
        opening = open_mailbox(Account("127.0.0.1", imap.port, "seed", "open", "none"), seconds=0.3)
        with pytest.raises(MailboxError, match="too_slow"), opening:
            pass


def test_a_server_that_sends_byte_by_byte_is_too_slow():
    with ImapServer({}) as imap:
        imap.drips = True
        opening = open_mailbox(Account("127.0.0.1", imap.port, "seed", "open", "none"), seconds=0.3)
        with pytest.raises(MailboxError, match="too_slow"), opening:
            pass


@pytest.mark.parametrize("name", ["a\r\nb", "a\0"])
def test_a_name_with_a_line_break_never_reaches_the_server(name):
    with ImapServer({}) as imap:
        opening = open_mailbox(Account("127.0.0.1", imap.port, name, "open", "none"), seconds=3)
        with pytest.raises(MailboxError), opening:
            pass
    assert not [one for one in imap.commands if one.startswith("LOGIN")]


def test_only_the_topmost_result_counts_and_one_good_signature_is_enough():
    head = b"Authentication-Results: a; dkim=fail; dkim=pass; spf=pass\r\nAuthentication-Results: b; dmarc=pass\r\n\r\n"

    assert results_of(head) == {"spf": "pass", "dkim": "pass", "dmarc": ""}
    assert results_of(b"Subject: x\r\n\r\n") == {"spf": "", "dkim": "", "dmarc": ""}


@pytest.mark.parametrize(
    "odd", [b'"' + b'\\"' * 300_000, b'a "' + b'\\"' * 300_000, b"(" * 600_000, b'a; x="dmarc=pass; dmarc=pass']
)
def test_what_is_quoted_and_has_no_end_takes_no_time_and_says_nothing(odd):
    for by in (None, "a"):
        assert results_of(b"Authentication-Results: " + odd + b"\r\n\r\n", by)["dmarc"] == ""


class TestThePages:
    def test_a_mailbox_is_added_tested_and_removed(self, as_ada, kettle, sender):
        with ImapServer({"INBOX": ("", [])}) as imap:
            form = {
                "name": "Google", "address": "seed@google.example", "host": "127.0.0.1", "port": imap.port, "security": "none",
                "username": "seed", "password": "open", "junk_folder": "",
            }  # fmt: skip
            url = "/w/kettle/campaigns/deliverability/"
            added = as_ada.post(f"{url}mailboxes/new/", form)
            as_ada.post(f"{url}senders/{sender.pk}/test/")
            page = as_ada.get(f"{url}senders/{sender.pk}/").text
            with working_in(kettle):
                mailbox = SeedMailbox.objects.get()
            as_ada.post(f"{url}mailboxes/{mailbox.pk}/remove/")

        assert added.status_code == 302
        assert "being sent" in page
        assert b"open" not in bytes(mailbox.sealed_secret)
        with working_in(kettle):
            assert not SeedTest.objects.exists()

    def test_what_cannot_be_read_is_refused_with_what_was_typed(self, as_ada, kettle):
        form = {"name": "Google", "address": "seed@google.example", "host": "10.0.0.1", "port": 993, "security": "tls",
                "username": "seed", "password": "", "junk_folder": ""}  # fmt: skip

        page = as_ada.post("/w/kettle/campaigns/deliverability/mailboxes/new/", form)

        assert page.status_code == 422
        assert "We do not connect to this server" in page.text
        assert "A mailbox is read with its password." in page.text
        assert "seed@google.example" in page.text

    def test_only_those_who_set_up_have_mailboxes(self, member, as_eve, kettle):
        mailbox = add_mailbox(kettle, 993)
        url = f"/w/kettle/campaigns/deliverability/mailboxes/{mailbox.pk}/"

        assert as_eve.get(url).status_code == 404
        assert member("marketer").get(url).status_code == 403
        assert member("analyst").post(f"{url}remove/").status_code == 403
