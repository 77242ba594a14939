"""Free TCP ports on loopback, and one that is held."""

import socket

from backstage.dev.problems import ServerError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(wanted: int = 0, tries: int = 200) -> int:
    """`wanted` if it is free, else the next free one above it; any free one for 0."""
    if wanted:
        for port in range(wanted, min(wanted + tries, 65536)):
            if is_free(port):
                return port
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def hold_port(wanted: int, tries: int = 200) -> socket.socket:
    """Take `wanted`, or the next free port above it, for ourselves until the socket is closed. ServerError.

    The web server binds with SO_REUSEPORT, as several of its kind may: two installations that had only looked whether
    a port was free shared it silently. Here the port is bound alone, which the kernel grants to one, and opened to our
    own web server afterwards; nobody listens on this socket, so no request goes astray.
    """
    for port in range(wanted, min(wanted + tries, 65536)):
        held = socket.socket()
        try:
            held.bind((LOOPBACK, port))
        except OSError:
            held.close()
            continue
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return held
    msg = f"No port from {wanted} to {wanted + tries - 1} is free. Choose another one with ECRM_PORT."
    raise ServerError(msg)
