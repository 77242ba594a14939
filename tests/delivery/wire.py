"""The other end of an SMTP line, in this process: a script answers each command, and time is what the wire says."""

from collections import deque

import pytest

from delivery.messengers import smtp_client, smtp_line

HELLO = ("220 mx.example", "250-mx.example\n250-PIPELINING\n250 SMTPUTF8")
SLOW_HELLO = ("220 mx.example", "250 mx.example")


class Wire:
    """A socket as SMTP needs it. `answers`: the greeting, then one for each command or body; None hangs up, "" is
    silence. `heard` is what came in; `at` the clock, which a silent second moves on; `leaves` how many bytes get out.
    """

    def __init__(self, *answers: str | None) -> None:
        self.answers, self.heard = deque(answers), []
        self.raw, self.pending, self.takes_body = b"", b"", False
        self.is_gone, self.is_closed, self.at, self.leaves = False, False, 1000.0, None
        self._answer()

    def monotonic(self) -> float:
        return self.at

    def settimeout(self, _seconds: float) -> None:
        """Time is ours."""

    def close(self) -> None:
        self.is_closed = True

    def send(self, data) -> int:
        if self.leaves is not None:
            data = bytes(data)[: self.leaves]
            self.leaves -= len(data)
            if not data:
                raise BrokenPipeError(32, "Broken pipe")
        self.raw += bytes(data)
        while self._hear():
            self._answer()
        return len(data)

    def recv(self, _count: int) -> bytes:
        if self.pending:
            found, self.pending = self.pending, b""
            return found
        if self.is_gone:
            return b""
        self.at += 1
        raise TimeoutError

    def _hear(self) -> bool:
        end = b"\r\n"
        if self.takes_body and not self.raw.startswith(b".\r\n"):
            end = b"\r\n.\r\n"
        one, found, rest = self.raw.partition(end)
        if found:
            self.heard.append((one + end if self.takes_body else one).decode())
            self.raw, self.takes_body = rest, False
        return bool(found)

    def _answer(self) -> None:
        answer = self.answers.popleft() if self.answers else ""
        if answer is None:
            self.is_gone = True
        elif answer:
            self.takes_body = answer.startswith("354")
            self.pending += answer.replace("\n", "\r\n").encode() + b"\r\n"


@pytest.fixture
def dial(monkeypatch):
    """`dial(wire, …)`: an Smtp whose line is this wire."""

    def go(wire: Wire, *, user="", password="", security="none", **options) -> smtp_client.Smtp:
        monkeypatch.setattr(smtp_line, "time", wire)
        monkeypatch.setattr(smtp_client, "time", wire)
        monkeypatch.setattr(smtp_client, "open_line", lambda *_args, **_options: wire)
        account = smtp_client.Account("mx.example", 25, security, user, password)
        return smtp_client.Smtp(account, hello="kettle.example", **options)

    return go
