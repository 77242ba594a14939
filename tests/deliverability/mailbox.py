"""A small IMAP server on loopback: folders with messages, as a provider's would answer."""

import re
import socketserver
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class ImapServer:
    """`folders`: name → (flags, messages as bytes). `password` is what it wants; `says`: lines instead of real answers.

    `hangs_at`: the number of a message that it never sends to its end; `drips`: its first line comes byte by byte, for ever.
    """

    def __init__(
        self, folders: dict[str, tuple[str, list[bytes]]], password: str = "", says: dict[str, bytes] | None = None
    ):
        self.folders, self.password, self.says = folders, password or "open", says or {}
        self.commands: list[str] = []
        self.stops_behind = 0  # of what lies behind this place of a message it says nothing, and hangs up
        self.structure = b"NIL"  # what it says of the parts of every message
        self.closed: set[str] = set()  # listed, and not to be opened
        self.hangs_at, self.drips, self.is_over = 0, False, threading.Event()
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(ConnectionAbortedError):
                    outer._talk(self)

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.is_over.set()
        self.server.shutdown()
        self.server.server_close()

    def _talk(self, line: Any) -> None:
        with suppress(OSError):
            while self.drips and not self.is_over.wait(0.01):
                line.wfile.write(b"x")
        line.wfile.write(self.says.get("hello", b"* OK ready\r\n"))
        chosen: list[bytes] = []
        while raw := line.rfile.readline():
            tag, _space, rest = raw.decode().strip().partition(" ")
            self.commands.append(rest)
            verb = rest.partition(" ")[0].upper()
            if verb in self.says:
                line.wfile.write(self.says[verb].replace(b"TAG", tag.encode()))
                continue
            answer = b""
            if verb == "CAPABILITY":
                answer = b"* CAPABILITY IMAP4rev1\r\n"
            elif (verb == "LOGIN" and self.password not in rest) or rest.strip().upper() == "UID SEARCH":
                line.wfile.write(f"{tag} NO no such user, or nothing to look for (RFC 3501 wants a key)\r\n".encode())
                continue
            elif verb == "LIST":
                answer = b"".join(
                    f'* LIST ({flags}) "/" "{name}"\r\n'.encode() for name, (flags, _m) in self.folders.items()
                )
            elif verb in {"SELECT", "EXAMINE"}:
                name = rest.split('"')[1]
                if name not in self.folders or name in self.closed:
                    line.wfile.write(f"{tag} NO no such folder\r\n".encode())
                    continue
                chosen = self.folders[name][1]
                answer = f"* {len(chosen)} EXISTS\r\n* OK [UIDVALIDITY 7] fine\r\n".encode()
            elif rest.upper().startswith("UID SEARCH"):
                answer = self._search(rest, chosen)
            elif rest.upper().startswith("UID FETCH"):
                answer = self._fetch(rest, chosen)
                if int(rest.split()[2]) == self.hangs_at:
                    line.wfile.write(answer[:-9])
                    self.is_over.wait(30)
                    return
            elif verb == "LOGOUT":
                line.wfile.write(f"* BYE\r\n{tag} OK bye\r\n".encode())
                return
            line.wfile.write(answer + f"{tag} OK done\r\n".encode())

    def _search(self, rest: str, chosen: list[bytes]) -> bytes:
        wanted = re.search(r'SUBJECT "?([^"]*)"?', rest)
        found = [no for no, one in enumerate(chosen, 1) if not wanted or wanted[1].encode() in one]
        return b"* SEARCH " + " ".join(map(str, found)).encode() + b"\r\n"

    def _fetch(self, rest: str, chosen: list[bytes]) -> bytes:
        uid = int(rest.split()[2])
        data = chosen[uid - 1]
        if "RFC822.SIZE" in rest:
            return f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(data)})\r\n".encode()
        if "BODYSTRUCTURE" in rest:
            return f"* {uid} FETCH (UID {uid} BODYSTRUCTURE ".encode() + self.structure + b")\r\n"
        if "HEADER" in rest:
            data = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        elif part := re.search(r"<(\d+)\.(\d+)>", rest):
            if 0 < self.stops_behind <= int(part[1]):
                raise ConnectionAbortedError
            data = data[int(part[1]) : int(part[1]) + int(part[2])]
        return f"* {uid} FETCH (UID {uid} BODY[] {{{len(data)}}}\r\n".encode() + data + b")\r\n"
