"""Loopback servers that tell: one of server-sent events, one of IMAP's IDLE. Tests say when, no clock does."""

import re
import socketserver
import threading
from concurrent.futures import Future
from contextlib import suppress


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class EventServer:
    """`tell(bytes)` reaches every open line. `status` and `kind` are what a new one is answered; `heads` what it asked."""

    def __init__(self):
        self.status, self.kind, self.heads, self.lines, self.lock = 200, "text/event-stream", [], [], threading.Lock()
        self.opened = threading.Semaphore(0)
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                head = b""
                while not head.endswith(b"\r\n\r\n") and (row := self.rfile.readline()):
                    head += row
                with outer.lock:
                    outer.heads.append(head.decode())
                answer = (
                    f"HTTP/1.1 {outer.status} Said\r\nContent-Type: {outer.kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                self.wfile.write(answer.encode())
                if outer.status != 200:
                    self.wfile.write(b"0\r\n\r\n")
                    return
                with outer.lock:
                    outer.lines.append(self.connection)
                outer.opened.release()
                with suppress(OSError):
                    while self.rfile.readline():
                        pass  # until they hang up
                with outer.lock:
                    outer.lines.remove(self.connection)

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def tell(self, words):
        """In a chunk of its own, as HTTP frames what has no end."""
        with self.lock:
            for one in self.lines:
                one.sendall(b"%x\r\n%s\r\n" % (len(words), words))

    def hang_up(self):
        with self.lock:
            for one in self.lines:
                with suppress(OSError):
                    one.shutdown(2)

    def close(self):
        self.hang_up()
        self.server.shutdown()
        self.server.server_close()


class IdleServer:
    """A mailbox that knows IDLE, where `knows` says so. `idling` is released each time somebody begins to wait."""

    def __init__(self):
        self.knows, self.commands, self.lines = "IDLE", [], []
        self.idling = threading.Semaphore(0)
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                outer.talk(self)

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def talk(self, line):
        line.wfile.write(b"* OK ready\r\n")
        while raw := line.rfile.readline():
            words = raw.decode().strip()
            self.commands.append(re.sub(r"^\w+ ", "", words))
            tag, _space, verb = words.partition(" ")
            verb = verb.split(" ")[0].upper()
            if words == "DONE":
                line.wfile.write(b"ecrm OK IDLE done\r\n")
            elif verb == "CAPABILITY":
                line.wfile.write(f"* CAPABILITY IMAP4rev1 {self.knows}\r\n{tag} OK done\r\n".encode())
            elif verb in {"SELECT", "EXAMINE"}:
                line.wfile.write(f"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] fine\r\n{tag} OK done\r\n".encode())
            elif verb == "IDLE":
                self.lines.append(line.connection)
                line.wfile.write(b"+ idling\r\n")
                self.idling.release()
            elif verb == "LOGIN" and "wrong" in words:
                line.wfile.write(f"{tag} NO no\r\n".encode())
            else:
                line.wfile.write(f"{tag} OK done\r\n".encode())

    def tell(self, words):
        self.lines[-1].sendall(words)

    def close(self):
        for one in self.lines:
            with suppress(OSError):
                one.shutdown(2)
        self.server.shutdown()
        self.server.server_close()


class Inline:
    """Does at once what it is given."""

    def submit(self, do, *args):
        done = Future()
        try:
            done.set_result(do(*args))
        except Exception as error:  # noqa: BLE001 - as an executor does
            done.set_exception(error)
        return done

    def shutdown(self, **_):
        """Nothing runs."""
