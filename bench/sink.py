"""A sink for emails: takes everything, with PIPELINING, as cheaply as it can."""

import signal
import socket
import threading
import time
from contextlib import suppress
from typing import Any


def serve_forever(port: int, first: Any = None) -> None:
    """Take emails on this port of loopback until killed; `first` (a shared double) gets the moment of the first email."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent's own way to end is not ours
    listener = socket.create_server(("127.0.0.1", port), backlog=1000)
    while True:
        peer, _address = listener.accept()
        threading.Thread(target=_serve, args=(peer, first), daemon=True).start()


def _serve(peer: socket.socket, first: Any) -> None:
    with peer, suppress(OSError):
        peer.sendall(b"220 sink\r\n")
        buffer, in_body = b"", False
        while data := peer.recv(262_144):
            buffer, in_body, answers = _answers(buffer + data, in_body)
            if first is not None and not first.value and b"250 taken" in answers:
                first.value = time.monotonic()
            if answers:
                peer.sendall(answers)


def _answers(buffer: bytes, in_body: bool) -> tuple[bytes, bool, bytes]:
    """(what is left, whether a body is under way, what to say)."""
    answers = []
    while (end := buffer.find(b"\r\n.\r\n" if in_body else b"\r\n")) >= 0:
        line, buffer = buffer[: min(end, 10)].upper(), buffer[end + (5 if in_body else 2) :]
        if in_body:
            in_body = False
            answers.append(b"250 taken\r\n")
        elif line.startswith(b"EHLO"):
            answers.append(b"250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
        elif line == b"QUIT":
            answers.append(b"221 bye\r\n")
        elif line == b"DATA":
            in_body = True
            answers.append(b"354 go\r\n")
        else:
            answers.append(b"250 ok\r\n")
    return buffer, in_body, b"".join(answers)
