"""What the kernel still holds of what was written to a socket: bytes that never left cannot have arrived."""

import fcntl
import struct
import sys
from typing import Protocol

SIOCOUTQNSD = 0x894B  # linux/sockios.h: written, and not sent once


class Socket(Protocol):
    """What the system knows by a number."""

    def fileno(self) -> int:
        """The number."""
        ...


def unsent_count(sock: Socket) -> int:
    """How many bytes have not left this machine; 0 where the system does not tell.

    It goes on telling after the connection broke, until the socket is closed.
    """
    if not sys.platform.startswith("linux"):
        return 0
    try:
        return int(struct.unpack("i", fcntl.ioctl(sock, SIOCOUTQNSD, b"\0\0\0\0"))[0])
    except (OSError, TypeError, ValueError):
        return 0
