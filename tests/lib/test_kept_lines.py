"""HTTP over lines that stay open: asked once, never elsewhere, and always known whether it can have been heard."""

import socket
import threading
from contextlib import contextmanager

import pytest

from lib.connections.kept_lines import KeptLines, NoAnswerError, NothingAskedError
from lib.connections.outgoing import NotReachedError, UnsafeAddressError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.ECRM_FETCH_LOOPBACK = True


@contextmanager
def server(*scripts):
    """Listens; each line is given to the next script (line, seen) in a thread."""
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            for script in scripts:
                try:
                    line, _who = listening.accept()
                except OSError:
                    return
                with line:
                    script(line, seen)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/emails", seen


def request_on(line) -> bytes:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += line.recv(65536)
    head, _blank, body = raw.partition(b"\r\n\r\n")
    length = next(int(one.split(b":")[1]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length"))
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def says(*answers):
    def script(line, seen):
        for answer in answers:
            seen.append(request_on(line))
            line.sendall(answer)

    return script


@contextmanager
def lines_to(url, **more):
    lines = KeptLines(url, most=2, **more)
    try:
        yield lines
    finally:
        lines.close()


def test_two_requests_share_a_line_and_say_what_they_should():
    with server(says(OK, OK)) as (url, seen), lines_to(url) as lines:
        first = lines.post({"X-Key": "a"}, b"one", seconds=5)
        second = lines.post({"X-Key": "b"}, b"two", seconds=5)

    assert [(one.status, one.body) for one in (first, second)] == [(200, b"ok")] * 2
    head, _blank, body = seen[1].partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], body) == (b"POST /emails HTTP/1.1", b"two")
    assert b"content-length: 3" in head.lower()
    assert b"X-Key: b" in head


def test_a_line_that_was_hung_up_is_opened_again_unseen():
    with server(says(OK), says(OK)) as (url, seen), lines_to(url) as lines:
        lines.post({}, b"one", seconds=5)
        while not _is_gone(lines):
            pass
        lines.post({}, b"two", seconds=5)

    assert [one.rpartition(b"\r\n\r\n")[2] for one in seen] == [b"one", b"two"]


def _is_gone(lines) -> bool:
    return all(line.has_expired() for line in lines._pool.connections)


def test_a_request_that_left_whole_and_got_no_answer_is_known_as_such():
    with server(lambda line, seen: seen.append(request_on(line))) as (url, seen):
        with lines_to(url) as lines, pytest.raises(NoAnswerError):
            lines.post({}, b"one", seconds=5)

        assert len(seen) == 1


def test_one_that_did_not_leave_whole_cannot_have_been_heard():
    def hangs_up(line, seen):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        seen.append(line.recv(100))

    with server(hangs_up) as (url, _seen), lines_to(url) as lines, pytest.raises(NothingAskedError):
        lines.post({}, b"x" * 30_000_000, seconds=5)


def test_who_refuses_early_is_heard_though_the_rest_could_not_be_said():
    def early(line, seen):
        seen.append(line.recv(100))
        line.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        while line.recv(1_000_000):
            pass

    with server(early) as (url, _seen), lines_to(url) as lines:
        assert lines.post({}, b"x" * 3_000_000, seconds=5).status == 413


@pytest.mark.parametrize("drips", [False, True])
def test_silence_and_an_answer_that_drips_end_in_time(drips):
    is_over = threading.Event()

    def slow(line, seen):
        seen.append(request_on(line))
        try:
            while not is_over.wait(0.01):
                if drips:
                    line.sendall(b"HTTP/1.1 200 OK\r\n"[: len(seen)])
        except OSError:
            pass

    with server(slow) as (url, _seen), lines_to(url) as lines:
        with pytest.raises(NoAnswerError):
            lines.post({}, b"one", seconds=0.15)
        is_over.set()


def test_the_status_counts_though_the_answer_is_cut():
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
    with server(says(cut)) as (url, _seen), lines_to(url) as lines:
        found = lines.post({}, b"one", seconds=5)

    assert (found.status, found.body) == (200, b"{")


def test_a_flood_of_an_answer_is_not_read_to_its_end():
    def flood(line, seen):
        seen.append(request_on(line))
        line.sendall(b"HTTP/1.1 400 No\r\nContent-Length: 9999999\r\n\r\n")
        try:
            for _ in range(1000):
                line.sendall(b"x" * 10_000)
        except OSError:
            seen.append(b"hung up")

    with server(flood) as (url, _seen), lines_to(url) as lines:
        assert len(lines.post({}, b"one", seconds=5).body) == 65_536


@pytest.mark.parametrize("noise", [b"220 mail.example ESMTP\r\n", b"\x00\xff\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_speaks_no_http_gave_no_answer(noise):
    with server(says(noise)) as (url, _seen), lines_to(url) as lines, pytest.raises(NoAnswerError):
        lines.post({}, b"one", seconds=5)


def test_no_redirect_is_followed():
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n"
    with server(says(moved)) as (url, seen), lines_to(url) as lines:
        assert lines.post({}, b"one", seconds=5).status == 307

    assert len(seen) == 1


def test_the_policy_of_addresses_holds(settings):
    settings.ECRM_FETCH_LOOPBACK = False
    with lines_to("http://127.0.0.1:8080/") as lines, pytest.raises(UnsafeAddressError):
        lines.post({}, b"one", seconds=5)
    with pytest.raises(UnsafeAddressError):
        KeptLines("ftp://mail.example/", most=1)


def test_nobody_there_is_said_so():
    with lines_to("http://127.0.0.1:1/") as lines, pytest.raises(NotReachedError):
        lines.post({}, b"one", seconds=5)
