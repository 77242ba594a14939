"""What httpcore speaks over: lines opened by outgoing.py, on which every wait ends in time, however little comes each time."""

import socket
import ssl
from collections.abc import Callable, Iterable
from select import POLLIN, poll
from typing import Any

import httpcore

from lib.connections.outgoing import WEB_PORTS, Resolver, open_line

PIECE = 16_384  # what is packed a thousandfold stays small while it is unpacked
Left = Callable[[], float]


class Lines(httpcore.NetworkBackend):
    """Opens lines. `left` says how many seconds the next wait may take, and raises when there are none."""

    def __init__(self, left: Left, resolver: Resolver) -> None:
        self.left, self.resolver = left, resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return Line(open_line(host, port, ports=WEB_PORTS, seconds=self.left(), resolver=self.resolver), self.left)


class Line(httpcore.NetworkStream):
    """A socket on which every read and write ends in time."""

    def __init__(self, sock: socket.socket, left: Left) -> None:
        self.sock, self.left = sock, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.sock.settimeout(self.left())
        return self.sock.recv(min(max_bytes, PIECE))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """A server that refuses early hangs up while we write: then its answer is read (httpcore, on WriteError)."""
        while buffer:
            self.sock.settimeout(self.left())
            try:
                buffer = buffer[self.sock.send(buffer) :]
            except TimeoutError:
                raise
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self.sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.sock.settimeout(self.left())
        try:
            return Line(ssl_context.wrap_socket(self.sock, server_hostname=server_hostname), self.left)
        except OSError:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self.sock if isinstance(self.sock, ssl.SSLSocket) else None
        if info == "is_readable":  # asked of an idle line: something to read there means that it was hung up
            return _is_readable(self.sock)
        return None


def _is_readable(sock: socket.socket) -> bool:
    asked = poll()
    try:
        asked.register(sock, POLLIN)
        return bool(asked.poll(0))
    except (OSError, ValueError):
        return True
