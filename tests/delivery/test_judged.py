"""Our emails, judged by programs that others wrote. Who has not installed them skips them; ours are judged everywhere."""

import re
from email import message_from_bytes
from email.policy import default

import dkim
import pytest

from bench import judges
from bench.gallery import LISTS, key_lines, write_gallery
from tests.deliverability.zones import NameServer
from workspaces.current import working_in

BOTH = {"rsa-sha256", "ed25519-sha256"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("judged")


@pytest.fixture
def gallery(kettle, settings):
    """(emails, keys) of a workspace whose address in the web is nobody's loopback."""
    settings.ECRM_URL = f"https://{judges.HOST}"
    kettle.postal_address = "Lindenallee 8, 10115 Berlin"
    kettle.save()
    with working_in(kettle):
        return write_gallery(), key_lines()


def received(emails):
    return [judges.as_received(one) for one in emails.values()]


def needed(said):
    if said is None:
        pytest.skip("this judge is not installed here, or may not be asked")
    return said


def test_every_email_is_read_without_a_defect_has_no_long_line_and_both_signatures_cover_the_way_out(gallery):
    emails, keys = gallery
    answers = {f"{name}.".encode(): value.encode() for name, value in keys.items()}
    for name, raw in emails.items():
        read = message_from_bytes(raw, policy=default)
        defects = [one for part in read.walk() for one in part.defects]
        defects += [one for part in read.walk() for value in part.values() for one in value.defects]
        assert (name, defects) == (name, [])
        head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert (name, [line for line in head if len(line) > 78 and b" " in line.partition(b": ")[2]]) == (name, [])
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        verified = [dkim.DKIM(raw).verify(number, lambda key, timeout: answers.get(key)) for number in (0, 1)]
        assert (name, verified) == (name, [True, True])
        for signature in read.get_all("DKIM-Signature"):
            covered = "".join(signature.split()).partition("h=")[2].partition(";")[0].split(":")
            ways_out = {"list-unsubscribe", "list-unsubscribe-post"} & set(covered)
            assert (name, len(ways_out)) == (name, 2 if name in LISTS else 0)


def test_the_words_of_an_email_come_back_as_they_were_written(gallery):
    emails, _keys = gallery
    for name, (subject, _body, _format, _language) in LISTS.items():
        read = message_from_bytes(emails[name], policy=default)
        assert read["Subject"] == subject.replace("{{ contact.first_name }}", "Ada")
    (invoice,) = message_from_bytes(emails["receipt, a PDF"], policy=default).iter_attachments()
    assert invoice.get_filename() == "Rechnung 10432 für Ada.pdf"


def test_opendkim_and_opendmarc_let_everything_pass(gallery, folder):
    emails, keys = gallery
    results = needed(judges.opendkim(received(emails), keys, folder))
    assert [set(re.findall(r"dkim=pass .*?header\.a=(\S+)", one)) for one in results] == [BOTH] * len(emails)

    try:
        server = NameServer(judges.zones_of(keys), at=judges.NAMES_AT)
    except OSError:
        pytest.skip("port 53 of loopback is not free")
    with server:
        said = needed(judges.opendmarc(received(emails), results, folder))
    assert ["dmarc=pass" in one for one in said] == [True] * len(emails)


def test_spamassassin_takes_none_for_spam(gallery, folder):
    scores = needed(judges.spamassassin(received(gallery[0]), folder))

    assert {name: said for name, said in zip(gallery[0], scores, strict=True) if said[0] >= 5.0} == {}


def test_rspamd_has_nothing_to_add(gallery, folder):
    emails, keys = gallery
    with NameServer(judges.zones_of(keys)) as names:
        said = needed(judges.rspamd(received(emails), names.address, folder))

    assert {name: one for name, one in zip(emails, said, strict=True) if one[0] >= 6.0} == {}
    assert {action for _score, action, _symbols in said} == {"no action"}
