"""A name server on loopback that answers from a dict: real questions, real answers (tests ask over UDP)."""

import socket
import threading
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """`zones`: (name, type) → answers. `silent`: names that are never answered. `asked`: every question, in order.

    `at`: where it listens; without it on a port of the system's choosing.
    """

    def __init__(
        self,
        zones: dict[tuple[str, str], list[str]],
        silent: tuple[str, ...] = (),
        at: tuple[str, int] = ("127.0.0.1", 0),
    ) -> None:
        self.zones, self.silent, self.asked = zones, silent, list[tuple[str, str]]()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(at)
        self.address = "{}:{}".format(*self.socket.getsockname())
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                data, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            question = dns.message.from_wire(data)
            name = question.question[0].name.to_text(omit_final_dot=True).lower()
            kind = dns.rdatatype.to_text(question.question[0].rdtype)
            self.asked.append((name, kind))
            if name in self.silent:
                continue
            answer = dns.message.make_response(question)
            answer.flags |= dns.flags.RA
            rows = self.zones.get((name, kind), [])
            if rows:
                answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *rows))
            elif not any(known == name for known, _kind in self.zones):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self.socket.sendto(answer.to_wire(), peer)
