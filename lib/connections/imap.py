"""A mailbox of somebody else's server, read by IMAP (RFC 3501): over lines that outgoing.py opens, with limits on
everything. What the server says never reaches a page: errors are in our own words.
"""

import imaplib
import io
import re
import socket
import ssl
import time
from collections.abc import Buffer, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from lib.connections.outgoing import NotReachedError, UnsafeAddressError, open_line

PORTS = frozenset({143, 993})
LARGEST = 30_000_000
SECONDS = 20.0
LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>.+)\Z')
UID = re.compile(rb"UID (\d+)")
SIZE = re.compile(rb"RFC822\.SIZE (\d{1,15})")


class MailboxError(Exception):
    """The mailbox cannot be read; the text is a code: unsafe, not_reached, no_tls, refused, broken, too_slow."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where the mailbox is. `security`: tls or none."""

    host: str
    port: int
    username: str
    password: str
    security: str = "tls"


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder: its name as the server writes it, and its flags in lower case, each with its backslash."""

    name: str
    flags: frozenset[str]


class _Patience(io.RawIOBase):
    """What comes from the server, until the time is over. A server may send byte by byte: so each of them is waited for anew."""

    def __init__(self, sock: socket.socket, ends_at: float) -> None:
        self.sock, self.ends_at = sock, ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise MailboxError("too_slow")
        self.sock.settimeout(min(left, SECONDS))
        return self.sock.recv_into(buffer)


class _Imap(imaplib.IMAP4):
    """imaplib over a socket that is open already, with an end to all patience and to all sizes."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.given, self.seconds, self.ends_at = sock, max(seconds, 0.001), time.monotonic() + seconds
        super().__init__("", 0)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port, self.sock = host, port, self.given
        self.file = io.BufferedReader(_Patience(self.given, self.ends_at))

    def read(self, size: int) -> bytes:
        if size > LARGEST:
            raise MailboxError("broken")
        return super().read(size)


class Mailbox:
    """An open mailbox. Every method raises MailboxError."""

    def __init__(self, imap: imaplib.IMAP4) -> None:
        self.imap = imap

    def folders(self) -> list[Folder]:
        """All folders that can be opened."""
        found = []
        for row in self._ask("LIST", '""', "*"):
            match = LISTED.match(row) if isinstance(row, bytes) else None
            if match:
                name = match["name"].strip().strip(b'"').decode("utf-8", "replace")
                flags = frozenset(match["flags"].decode("ascii", "replace").lower().split())
                found.append(Folder(name, flags))
        return [one for one in found if "\\noselect" not in one.flags]

    def select(self, folder: str, *, writes: bool = False) -> int:
        """Open a folder; returns its UIDVALIDITY (0 where the server has none)."""
        quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        with _plainly():
            state, _data = self.imap.select(quoted, readonly=not writes)
            if state != "OK":
                raise MailboxError("refused")
            _name, found = self.imap.response("UIDVALIDITY")
        value = found[0] if found else None
        return int(value) if isinstance(value, bytes) and value.isdigit() else 0

    def search(self, *terms: str) -> list[int]:
        """UIDs of messages in the open folder, ascending. Terms as RFC 3501 writes them."""
        rows = self._uid("SEARCH", *terms)
        words = b" ".join(row for row in rows if isinstance(row, bytes)).split()
        return sorted(int(one) for one in words if one.isdigit())

    def headers(self, uid: int) -> bytes:
        """The head of one message; empty when it has gone meanwhile."""
        return self._fetch(uid, "(UID BODY.PEEK[HEADER])")

    def message(self, uid: int, most_bytes: int, begins: int = 0) -> bytes:
        """One message from there on, cut off after `most_bytes`; empty when it has gone meanwhile, or ends before."""
        return self._fetch(uid, f"(UID BODY.PEEK[]<{begins}.{most_bytes}>)")

    def size(self, uid: int) -> int:
        """How many bytes a message has; 0 where it has gone, or the server does not say."""
        for row in self._uid("FETCH", str(uid), "(UID RFC822.SIZE)"):
            found = SIZE.search(row) if isinstance(row, bytes) else None
            if found:
                return int(found[1])
        return 0

    def structure(self, uid: int) -> Sequence[object]:
        """What parts a message has, without reading it: the rows of its BODYSTRUCTURE as imaplib hands them over."""
        return self._uid("FETCH", str(uid), "(UID BODYSTRUCTURE)")

    def time_left(self) -> float:
        """The share of its time that is not over yet: 1 at the beginning, 0 at the end."""
        own = self.imap
        return (own.ends_at - time.monotonic()) / own.seconds if isinstance(own, _Imap) else 1.0

    def _fetch(self, uid: int, what: str) -> bytes:
        for row in self._uid("FETCH", str(uid), what):
            if isinstance(row, tuple) and len(row) > 1 and isinstance(row[1], bytes):
                named = UID.search(row[0])
                if named is None or int(named[1]) == uid:
                    return row[1]
        return b""

    def _ask(self, command: str, *arguments: str) -> Sequence[object]:
        with _plainly():
            state, data = self.imap._simple_command(command, *arguments)  # type: ignore[attr-defined]
            state, data = self.imap._untagged_response(state, data, command)  # type: ignore[attr-defined]
        if state != "OK":
            raise MailboxError("refused")
        return [one for one in data if one is not None]

    def _uid(self, command: str, *arguments: str) -> Sequence[object]:
        with _plainly():
            state, data = self.imap.uid(command, *arguments)
        if state != "OK":
            raise MailboxError("refused")
        return [one for one in data if one is not None]


@contextmanager
def open_mailbox(account: Account, *, seconds: float = SECONDS) -> Iterator[Mailbox]:
    """Connect, sign in, and sign out at the end. `seconds` is for everything together. MailboxError."""
    imap = enter(account, time.monotonic() + seconds)
    try:
        yield Mailbox(imap)
    finally:
        with suppress(imaplib.IMAP4.error, OSError, MailboxError):
            imap.logout()
        with suppress(OSError):
            imap.shutdown()


def enter(account: Account, ends_at: float) -> imaplib.IMAP4:
    """Connect and sign in; whoever calls closes it. All of it, and what is asked later, ends then. MailboxError."""
    sock = _connect(account, ends_at - time.monotonic())
    try:
        with _plainly():
            imap = _Imap(sock, ends_at - time.monotonic())
            imap.login(_safe(account.username), _safe(account.password))
    except BaseException:
        sock.close()
        raise
    return imap


def _connect(account: Account, seconds: float) -> socket.socket:
    try:
        sock = open_line(account.host, account.port, ports=PORTS, seconds=seconds)
    except UnsafeAddressError as error:
        raise MailboxError("unsafe") from error
    except NotReachedError as error:
        raise MailboxError("not_reached") from error
    sock.settimeout(seconds)
    if account.security != "tls":
        return sock
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=account.host)
    except OSError as error:
        sock.close()
        raise MailboxError("no_tls") from error


def _safe(text: str) -> str:
    if any(one in text for one in "\r\n\0"):
        raise MailboxError("refused")
    return text


@contextmanager
def _plainly() -> Iterator[None]:
    """Whatever imaplib raises becomes a MailboxError."""
    try:
        yield
    except TimeoutError as error:
        raise MailboxError("too_slow") from error
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        raise MailboxError("broken") from error
    except imaplib.IMAP4.error as error:
        raise MailboxError("refused") from error
    except (ValueError, IndexError, TypeError, UnicodeError) as error:  # a server that speaks no IMAP
        raise MailboxError("broken") from error
