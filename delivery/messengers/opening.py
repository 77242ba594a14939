"""A connection that is being opened: in a thread, for asking for a name and knocking may take seconds."""

import threading

from delivery.messengers.smtp_client import CONNECT_SECONDS, Account
from delivery.messengers.smtp_line import Socket
from lib.connections.outgoing import MAIL_PORTS, NotReachedError, UnsafeAddressError, open_line


class Opening:
    """Begins to open a connection to the server."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._lock, self._is_forgotten = threading.Lock(), False
        self._found: Socket | Exception | None = None
        threading.Thread(target=self._open, name="opening", daemon=True).start()

    def line(self) -> Socket | None:
        """The connection; None while it is not there yet. ServerDownError."""
        found = self._found
        if isinstance(found, UnsafeAddressError):
            raise self.account.refused(found) from found
        if isinstance(found, Exception):
            raise self.account.cannot(found) from found
        return found

    def forget(self) -> None:
        """Nobody waits for it any more."""
        with self._lock:
            self._is_forgotten = True
            if isinstance(self._found, Socket):
                self._found.close()

    def _open(self) -> None:
        found: Socket | Exception
        try:
            found = open_line(self.account.host, self.account.port, ports=MAIL_PORTS, seconds=CONNECT_SECONDS)
        except (UnsafeAddressError, NotReachedError) as error:
            found = error
        except Exception as error:  # noqa: BLE001 - whoever waits for it must hear of it, whatever it is
            found = NotReachedError(str(error))
        with self._lock:
            self._found = found
            if self._is_forgotten and isinstance(found, Socket):
                found.close()
