"""Words on a real socket: what is read, what breaks it, how much had left."""

import socket
import ssl
import struct
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from delivery.messengers.protocol import ConnectionLostError, ServerDownError
from delivery.messengers.smtp_client import Account, Smtp
from delivery.messengers.smtp_line import Line, Reply


@pytest.fixture
def pair():
    near, far = socket.socketpair()
    yield near, far
    near.close()
    far.close()


def line_of(pair, **options) -> tuple[Line, list[int]]:
    beats: list[int] = []
    return Line(pair[0], lambda: beats.append(1), **options), beats


@pytest.mark.parametrize(
    ("raw", "replies"),
    [
        (b"220 hello\r\n", [Reply(220, "hello")]),
        (b"250-a\r\n250-b\r\n250 c\r\n221 d\n", [Reply(250, "a\nb\nc"), Reply(221, "d")]),
        (b"250\r\n", [Reply(250, "")]),
        (b"250 \xff\r\n", [Reply(250, "\ufffd")]),
        (b"250-x\r\n" * 100 + b"250 y\r\n", [Reply(250, "x\n" * 100 + "y")]),
        (b"250 " + b"x" * 9000 + b"\r\n", [Reply(250, "x" * 9000)]),
    ],
)
def test_replies_are_read_one_by_one(pair, raw, replies):
    line, _beats = line_of(pair)
    pair[1].sendall(raw)

    assert [line.read() for _ in replies] == replies


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"25\r\n", "the server speaks no SMTP"),
        (b"\r\n", "the server speaks no SMTP"),
        (b"HTTP/1.1 400\r\n", "the server speaks no SMTP"),
        (b"250-x\r\n" * 101 + b"250 y\r\n", "the server speaks no SMTP"),
        (b"2" * 4096, "the server closed the connection"),
        (b"2" * 4097, "the server's line is too long"),
        (b"250 x", "the server closed the connection"),
    ],
)
def test_what_is_no_reply_ends_the_line(pair, raw, said):
    line, _beats = line_of(pair)
    pair[1].sendall(raw)
    pair[1].close()

    with pytest.raises(ConnectionLostError) as error:
        line.read()

    assert (str(error.value), error.value.sent_count) == (said, 0)


def test_a_deadline_that_is_over_ends_silence_and_dripping(pair):
    for options, seconds in (({}, -1.0), ({"ends_at": time.monotonic() - 1}, 100.0)):
        line, beats = line_of(pair, **options)
        with pytest.raises(ConnectionLostError, match="does not answer any more"):
            line.read(seconds=seconds)
        assert beats == []
        pair[1].sendall(b"220 x\r\n")
        with pytest.raises(ConnectionLostError, match="too slow"):
            line.read(seconds=seconds)
        assert beats == [1]


def test_a_silent_server_hears_our_heart(pair):
    line, beats = line_of(pair)
    timer = threading.Timer(0.25, lambda: pair[1].sendall(b"220 x\r\n"))
    timer.start()

    assert line.read(seconds=30) == Reply(220, "x")
    assert len(beats) >= 2  # one for each fifth of a second of silence, one for what came
    timer.join()


def test_a_full_line_says_how_much_had_left(pair):
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    line, beats = line_of(pair)

    with pytest.raises(ConnectionLostError, match="the server takes nothing any more") as error:
        line.write(b"x" * 1_000_000, seconds=-1)

    pair[0].close()
    took = b"".join(iter(lambda: pair[1].recv(65536), b""))
    assert (error.value.sent_count, beats) == (len(took), [])
    assert 0 < len(took) < 1_000_000


def test_all_of_it_arrives_however_slowly_it_is_read(pair):
    line, _beats = line_of(pair)
    took = []
    reader = threading.Thread(target=lambda: took.extend(iter(lambda: pair[1].recv(5_000), b"")))
    reader.start()
    data = bytes(range(256)) * 4_000

    line.write(data)
    line.close()
    reader.join()

    assert b"".join(took) == data


def test_a_line_that_breaks_says_why(pair):
    line, _beats = line_of(pair)
    pair[1].close()

    with pytest.raises(ConnectionLostError) as error:
        line.write(b"QUIT\r\n")

    assert (str(error.value), error.value.sent_count) == ("the connection broke (Broken pipe)", 0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _address = server.accept()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        with pytest.raises(ConnectionLostError, match=r"the connection broke \(Connection reset by peer\)"):
            Line(near, lambda: None).read()
        near.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate of our own for localhost, with its key."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    moment = datetime.now(tz=UTC)
    own = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(own.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return path


class Tls:
    """A server on loopback that encrypts at once, or after STARTTLS; `heard` is what came in."""

    def __init__(self, certificate: Path, *, at_once: bool) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.at_once, self.heard = at_once, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        peer, _address = self.server.accept()
        with suppress(OSError):
            peer = self.context.wrap_socket(peer, server_side=True) if self.at_once else peer
            peer.sendall(b"220 x\r\n")
            while command := peer.recv(1000):
                self.heard.append((command.decode(), isinstance(peer, ssl.SSLSocket)))
                peer.sendall(b"250-mx\r\n250 " + (b"PIPELINING" if len(self.heard) > 1 else b"STARTTLS") + b"\r\n")
                if command == b"STARTTLS\r\n":
                    peer = self.context.wrap_socket(peer, server_side=True)
        peer.close()

    def end(self) -> None:
        self.thread.join()
        self.server.close()


@pytest.mark.parametrize(
    ("security", "heard"),
    [
        ("tls", [("EHLO localhost\r\n", True), ("QUIT\r\n", True)]),
        (
            "starttls",
            [("EHLO localhost\r\n", False), ("STARTTLS\r\n", False), ("EHLO localhost\r\n", True), ("QUIT\r\n", True)],
        ),
    ],
)
def test_a_certificate_we_know_encrypts_and_one_we_do_not_is_refused(
    settings, monkeypatch, certificate, security, heard
):
    settings.ECRM_FETCH_LOOPBACK = True
    refused = Tls(certificate, at_once=security == "tls")
    with pytest.raises(ServerDownError, match=r"^Encryption failed: .*certificate verify failed"):
        Smtp(Account("localhost", refused.port, security))
    refused.end()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    known = Tls(certificate, at_once=security == "tls")

    smtp = Smtp(Account("localhost", known.port, security))
    offers = smtp.offers
    smtp.close()
    known.end()

    assert known.heard == heard
    assert offers == ({"STARTTLS": ""} if security == "tls" else {"PIPELINING": ""})
