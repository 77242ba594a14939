"""A disk that is really full under the journals: sending stops and says why, nobody gets it twice, nobody is lost.

The disk is a tmpfs of 300 kB, which only root may mount: without that these tests are skipped.
"""

import errno
import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

import pytest

from delivery.engine.journal import Journal, NoJournalError
from delivery.engine.lanes import WORK
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message
from lib.presence import own_name
from tests.backstage.dev.launching import wait_until
from tests.delivery.rough_server import rough_server
from tests.faults.forking import forking
from tests.faults.test_servers import CHUNK, campaign_by, check, finished
from tests.faults.test_servers import own_var as own_var  # chunks of 40, a folder of its own
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import AgendaItem

SAID = "Nothing leaves: the disk of the server is full. It goes on by itself once there is room."
MAPS = """
import mmap, os, sys
with open(sys.argv[1], "w+b") as file:
    os.posix_fallocate(file.fileno(), 0, 100) if sys.argv[2] == "reserved" else os.ftruncate(file.fileno(), 100)
    map = mmap.mmap(file.fileno(), 0)
filler = os.open(sys.argv[1] + ".filler", os.O_WRONLY | os.O_CREAT)
try:
    while True:
        os.write(filler, bytes(4096))
except OSError:
    map[1] = 1
    print(open(sys.argv[1], "rb").read(2))
"""


@pytest.fixture
def small_disk(tmp_path, own_var, settings):
    """A disk of 300 kB where the journals lie."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], check=False).returncode
    ):
        pytest.skip("only root may mount a disk")
    settings.VAR_DIR = disk
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk) -> None:
    """Until not a byte more fits."""
    filler = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with suppress(OSError):
        while True:
            os.write(filler, bytes(4096))
    os.close(filler)


def test_a_journal_for_which_there_is_no_room_is_refused_whole(small_disk):
    Journal.create(1, 1, 1, 10)
    fill(small_disk)

    with pytest.raises(NoJournalError) as refused:
        Journal.create(1, 2, 1, 10)

    assert (refused.value.errno, refused.value.is_for_room) == (errno.ENOSPC, True)
    assert [one.name for one in (small_disk / "journal").glob("*.journal")] == ["1-1-1.journal"]


@pytest.mark.parametrize(("how", "ended"), [("reserved", 0), ("promised", -signal.SIGBUS)])
def test_what_is_reserved_can_be_written_on_a_full_disk_and_a_hole_kills(small_disk, how, ended):
    """Why the journal takes its room when it is made."""
    done = subprocess.run([sys.executable, "-c", MAPS, small_disk / "map", how], capture_output=True, check=False)

    assert done.returncode == ended
    assert done.stdout == (b"b'\\x00\\x01'\n" if how == "reserved" else b"")


def test_nothing_leaves_from_a_full_disk_and_it_goes_on_when_there_is_room(inside, small_disk):
    own_name()
    with rough_server() as server:
        message = campaign_by(server, 3)
        fill(small_disk)
        with pytest.raises(NoJournalError):
            send_due(inside)
        message.refresh_from_db()
        assert (server.letters, message.state, message.state_reason) == ([], "sending", SAID)
        assert not Delivery.objects.exists()
        (small_disk / "filler").unlink()

        send_due(inside)

        finished(server, count=3)
        message.refresh_from_db()
        assert (message.state, message.state_reason) == ("sent", "")


def test_a_message_that_goes_on_no_longer_says_that_the_disk_is_full(inside, small_disk):
    with rough_server(greylists=True) as server:
        message = campaign_by(server, 3)
        Message.objects.update(state_reason=SAID)

        send_due(inside)

        message.refresh_from_db()
        assert (message.state, message.state_reason) == ("sending", "")


def test_a_reason_of_its_own_stays(inside, small_disk):
    own_name()
    with rough_server() as server:
        message = campaign_by(server, 3)
        Message.objects.update(state_reason="Many complain")
        fill(small_disk)
        with pytest.raises(NoJournalError):
            send_due(inside)
        message.refresh_from_db()
        assert message.state_reason == "Many complain"


@pytest.mark.django_db(transaction=True)
def test_a_disk_that_fills_up_in_the_middle_kills_no_sender(kettle, small_disk):
    """The chunk under way ends with every word written; the next one is not begun, and the agenda knows why."""
    with rough_server(slow=0.01) as server, forking(small_disk) as forker:
        with working_in(kettle):
            campaign_by(server)
        AgendaItem.objects.exclude(work=WORK).delete()
        forker.begin("kettle", WORK)
        assert wait_until(lambda: len(server.letters) >= 10, 30)
        for one in (small_disk / "journal").glob("*.journal"):
            os.link(one, small_disk / "held")  # what it gives back is taken by somebody else
        fill(small_disk)
        assert forker.heard() == "0", "the sender was killed"
        forker.running = 0
        item = AgendaItem.objects.get(work=WORK)
        with working_in(kettle):
            states = check(server)
            assert states == {Delivery.State.SENT: CHUNK}
            assert Message.objects.get().state_reason == SAID
        assert "No space left on device" in item.last_error
        (small_disk / "filler").unlink()
        AgendaItem.objects.update(due_at=item.due_at - timedelta(hours=1))
        assert agenda.do_work(kettle, WORK)
        with working_in(kettle):
            finished(server)
            assert Message.objects.get().state_reason == ""
