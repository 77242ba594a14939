"""A mailbox that tells us when something comes in: IMAP's IDLE (RFC 2177). What came is asked for in the usual way."""

import imaplib
import time
from contextlib import suppress

from lib.connections.held_lines import HeldLine, LineEndedError, LineRefusedError
from lib.connections.imap import SECONDS, Account, Mailbox, MailboxError, enter

AGAIN = 540.0  # well below the half hour after which servers hang up; many routers forget a line after ten minutes
ANSWERED_WITHIN = 60.0
BEGIN, END = b"ecrm IDLE\r\n", b"DONE\r\n"
DEFINITE = {"unsafe", "no_tls", "refused"}


class IdleLine(HeldLine):
    """A folder that is open and idle: a message more is a sign."""

    keep_every = AGAIN
    dead_after = AGAIN + ANSWERED_WITHIN

    def __init__(self, imap: imaplib.IMAP4) -> None:
        self.imap = imap
        super().__init__(imap.sock)

    def is_sign(self, row: bytes) -> bool:
        if row.startswith(b"* BYE"):
            raise LineEndedError("the mailbox said goodbye")
        if row.startswith((b"ecrm NO", b"ecrm BAD")):
            raise LineEndedError("the mailbox does not go on telling us")
        return row.startswith(b"*") and row.endswith((b" EXISTS", b" RECENT"))

    def keep(self) -> None:
        """End the waiting and begin it anew, so that nobody takes us for gone."""
        try:
            self.sock.sendall(END + BEGIN)
        except OSError as error:
            raise LineEndedError("it broke") from error

    def close(self) -> None:
        with suppress(OSError):
            self.sock.sendall(END)
        super().close()


def open_idle(account: Account, folder: str, *, seconds: float = SECONDS) -> IdleLine:
    """Sign in, open the folder for reading and wait. LineRefusedError where the server cannot or will not, LineEndedError."""
    ends_at = time.monotonic() + seconds
    imap: imaplib.IMAP4 | None = None
    try:
        imap = enter(account, ends_at)
        if not _can_idle(imap):
            raise LineRefusedError("this mailbox does not tell us by itself")
        Mailbox(imap).select(folder)
        _begin(imap)
        return IdleLine(imap)
    except BaseException as error:
        if imap is not None:
            with suppress(OSError):
                imap.sock.close()
        if isinstance(error, MailboxError):
            kind = LineRefusedError if str(error) in DEFINITE else LineEndedError
            raise kind(f"mailbox: {error}") from error
        if isinstance(error, imaplib.IMAP4.error):
            raise LineEndedError("the mailbox broke off") from error
        raise


def _can_idle(imap: imaplib.IMAP4) -> bool:
    """Some say more after signing in, so it is asked again."""
    state, data = imap.capability()
    said = b" ".join(one for one in data if isinstance(one, bytes)).upper().split()
    return state == "OK" and b"IDLE" in said


def _begin(imap: imaplib.IMAP4) -> None:
    imap.send(BEGIN)
    for _each in range(100):  # news of the folder may stand before the word that it waits now
        row = imap.readline()
        if row.startswith(b"+"):
            return
        if not row or row.startswith(b"ecrm"):
            break
    raise LineRefusedError("this mailbox does not wait for news")
