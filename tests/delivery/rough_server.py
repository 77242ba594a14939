"""A small SMTP server on loopback that behaves badly where it is told to: what the polite one (mailroom) cannot."""

import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class RoughServer:
    """`most`: connections at once, more get 421. `cut_at`: bytes of a body after which it resets the line, for as many
    bodies as `cuts` says. `hangs_at`: "greeting" or "answer", where it says nothing any more. `greets`, `answers`: what it
    says instead of 220 and of 250 to a final dot, after `slow` seconds; `says` is for everybody. `greylists`: each address
    is refused once. `half_closes`: it greets and says no more. `closes_idle`: it says good day and goes. `small`: with a window of a few kB, reading nothing of a body to be cut.
    """

    def __init__(self, **rules) -> None:
        self.most, self.cut_at, self.cuts, self.hangs_at, self.small = 100, None, 0, "", False
        self.greets, self.answers, self.pipelines, self.slow = "220 rough", {}, True, 0.0
        self.says, self.greylists, self.half_closes, self.closes_idle = "250 2.0.0 taken", False, False, False
        self.__dict__.update(rules)
        self.letters: list[tuple[str, bytes]] = []
        self.known: set[str] = set()
        self.open = self.seen = self.widest = 0
        self.lock, self.ended = threading.Lock(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        if self.small:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = self.listener.getsockname()[1]
        self.peers: list[socket.socket] = []
        threading.Thread(target=self.listen, daemon=True).start()

    @property
    def counts(self) -> Counter:
        """How many letters each address got."""
        return Counter(address for address, _data in self.letters)

    def end(self) -> None:
        self.ended.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in self.peers:
            one.close()

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                peer, _address = self.listener.accept()
                self.peers.append(peer)
                threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer: socket.socket) -> None:
        with self.lock:
            self.open += 1
            self.seen += 1
            self.widest, is_one_too_many = max(self.widest, min(self.open, self.most)), self.open > self.most
        with suppress(OSError, ValueError):
            if is_one_too_many:
                peer.sendall(b"421 4.7.0 Too many connections\r\n")
            elif self.hangs_at == "greeting":
                self.ended.wait()
            else:
                self.talk(peer)
        with self.lock:
            self.open -= 1
        peer.close()

    def talk(self, peer: socket.socket) -> None:
        peer.sendall(f"{self.greets}\r\n".encode())
        if self.closes_idle:
            peer.recv(1000)
            peer.sendall(b"250 ok\r\n")
            return
        if self.half_closes:
            peer.shutdown(socket.SHUT_WR)
        stream, to = peer.makefile("rb"), ""
        while line := stream.readline():
            word = line.decode().strip().upper()
            answer = "250 ok"
            if word.startswith("EHLO"):
                answer = "250-rough\r\n250 PIPELINING" if self.pipelines else "250 rough"
            elif word.startswith("RCPT"):
                to = line.decode().partition("<")[2].partition(">")[0]
                if self.greylists and to not in self.known:
                    self.known.add(to)
                    answer, to = "451 4.7.1 Greylisted", ""
            elif word == "DATA":
                peer.sendall(b"354 go\r\n")
                answer = self.take(peer, stream, to)
            elif word == "QUIT":
                return
            if not answer:
                return
            peer.sendall(f"{answer}\r\n".encode())

    def take(self, peer: socket.socket, stream, to: str) -> str:
        """What to say to a body; "" when the line is gone."""
        with self.lock:
            is_cut, self.cuts = self.cuts > 0, max(self.cuts - 1, 0)
        if is_cut:
            if not self.small:
                stream.read(self.cut_at)
            else:
                self.ended.wait(0.2)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.close()
            return ""
        lines = []
        while (line := stream.readline()) != b".\r\n":
            if not line:
                return ""
            lines.append(line.removeprefix(b"."))
        if self.hangs_at == "answer":
            self.ended.wait()
            return ""
        if not to:
            return "554 5.5.1 No recipient"
        self.ended.wait(self.slow)
        answer = self.answers.get(to, self.says)
        if answer.startswith("250"):
            self.letters.append((to, b"".join(lines)))
        return answer


@contextmanager
def rough_server(**rules) -> Iterator[RoughServer]:
    """One, ended with the block."""
    server = RoughServer(**rules)
    try:
        yield server
    finally:
        server.end()
