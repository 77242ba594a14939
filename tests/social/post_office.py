"""Two real post offices on loopback: ours, a Postfix whose mailbox a Dovecot opens, and theirs, where other people live.

`elsewhere.example` is another Postfix: who has no mailbox there is refused with 550 5.1.1, and ours writes the bounce that
any server would. Neither asks a DNS nor knows a way out of this machine. Both need root (they change users by themselves).
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP

NOBODY = 65_534
OURS, RETURNS, THEIRS = "kettle.example", "returns.kettle.example", "elsewhere.example"
HERE, ME, PASSWORD = "127.0.0.1", "hello", "open"
PATHS = f"/usr/sbin:/usr/local/sbin:{os.environ.get('PATH', '')}"
SECONDS = 30
SERVICES = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
SETTINGS = """
compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log
maillog_file_prefixes = {place}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.{domain}
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
smtp_tls_security_level = none
default_transport = error:5.4.4 there is no way out of this machine
relayhost =
transport_maps = {transports}
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = {boxes}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1
minimal_backoff_time = 1s
queue_run_delay = 1s
smtpd_peername_lookup = no
alias_maps =
local_recipient_maps =
biff = no
"""
DOVECOT = """
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
mail_location = maildir:{mail}/{domain}/%n
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={mail}/home
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  chroot =
}}
"""


def missing() -> str:
    """Why they cannot be opened here; "" where they can."""
    absent = [name for name in ("postfix", "dovecot") if shutil.which(name, path=PATHS) is None]
    if absent:
        return f"{' and '.join(absent)} not installed"
    if os.geteuid():
        return "Postfix and Dovecot need root to change users"
    told = subprocess.run([str(shutil.which("dovecot", path=PATHS)), "--version"], capture_output=True, text=True)
    return "" if told.stdout.startswith("2.3.") else f"configured for Dovecot 2.3, not for {told.stdout.strip()}"


@dataclass(frozen=True)
class PostOffice:
    """Ours and theirs. `smtp_port` takes our mail, `imap_port` opens our mailbox as `hello`, `their_port` takes theirs."""

    place: Path
    smtp_port: int
    their_port: int
    imap_port: int

    def waits_for(self, name: str, *, count: int = 1) -> list[EmailMessage]:
        """What lies in the mailbox of somebody elsewhere once there are so many. TimeoutError with the servers' logs."""
        return self._in(THEIRS, name, count)

    def waits_for_ours(self, *, count: int) -> list[EmailMessage]:
        """What lies in our own mailbox, read or not, once there are so many. TimeoutError."""
        return self._in(OURS, ME, count)

    def writes(self, email: EmailMessage) -> None:
        """Somebody elsewhere hands in an email by their own server."""
        with SMTP(HERE, self.their_port, timeout=SECONDS) as server:
            server.send_message(email)

    def empty(self) -> None:
        """Nobody has any mail."""
        for one in self.place.glob("mail/*/*/*/*"):
            if one.parent.name in {"new", "cur"}:
                one.unlink()

    def _in(self, domain: str, name: str, count: int) -> list[EmailMessage]:
        folder, until = self.place / "mail" / domain / name, time.monotonic() + SECONDS
        while time.monotonic() < until:
            found = sorted([*folder.glob("new/*"), *folder.glob("cur/*")], key=lambda one: one.stat().st_mtime)
            if len(found) >= count:
                return [message_from_bytes(one.read_bytes(), policy=policy.default) for one in found]
            time.sleep(0.05)
        logs = "\n".join(one.read_text()[-3_000:] for one in (self.place / "ours/log", self.place / "theirs/log"))
        raise TimeoutError(f"{name}@{domain} has not got {count} emails.\n{logs}")


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    """Open both; everything is gone afterwards. Others must read the way to their folders, so it is none of pytest's."""
    place = Path(tempfile.mkdtemp(prefix="ecrm-post-"))
    place.chmod(0o755)
    ours, theirs, imap = _free_ports(3)
    mail = place / "mail"
    for folder in (mail, mail / OURS, mail / THEIRS, mail / "home"):
        folder.mkdir()
        os.chown(folder, NOBODY, NOBODY)
    started: list[list[str]] = []
    dovecot = None
    try:
        boxes = _map({f"@{one}": f"{OURS}/{ME}/" for one in (OURS, RETURNS)})
        started.append(_postfix(place / "ours", (OURS, RETURNS), ours, (THEIRS,), theirs, boxes))
        boxes = _map({f"{one}@{THEIRS}": f"{THEIRS}/{one}/" for one in ("tom", "eva")})
        started.append(_postfix(place / "theirs", (THEIRS,), theirs, (OURS, RETURNS), ours, boxes))
        dovecot = _dovecot(place, mail, imap)
        for port in (ours, theirs, imap):
            _wait_for(port)
        yield PostOffice(place, ours, theirs, imap)
    finally:
        for stop in started:
            subprocess.run(stop, capture_output=True)
        if dovecot is not None:
            dovecot.terminate()
            dovecot.wait()
        shutil.rmtree(place, ignore_errors=True)


def _postfix(
    place: Path, domains: tuple[str, ...], port: int, others: tuple[str, ...], other_port: int, boxes: str
) -> list[str]:
    """Start one that keeps these domains and hands over to the others' server; returns what stops it."""
    for folder in (place, place / "queue", place / "data"):
        folder.mkdir()
    shutil.chown(place / "data", "postfix")
    settings = SETTINGS.format(
        place=place,
        mail=place.parent / "mail",
        domain=domains[0],
        domains=", ".join(domains),
        transports=_map(dict.fromkeys(others, f"smtp:[{HERE}]:{other_port}")),
        boxes=boxes,
    )
    (place / "main.cf").write_text(settings)
    (place / "master.cf").write_text(SERVICES.format(port=f"{HERE}:{port}"))
    program = [str(shutil.which("postfix", path=PATHS)), "-c", str(place)]
    told = subprocess.run([*program, "start"], capture_output=True, text=True, timeout=SECONDS)
    if told.returncode:
        raise RuntimeError(f"Postfix does not start: {told.stdout}{told.stderr}")
    return [*program, "stop"]


def _map(rows: dict[str, str]) -> str:
    return "inline:{ " + ", ".join(f"{{{key} = {value}}}" for key, value in rows.items()) + " }"


def _dovecot(place: Path, mail: Path, port: int) -> "subprocess.Popen[bytes]":
    written = place / "dovecot.conf"
    written.write_text(DOVECOT.format(place=place, mail=mail, domain=OURS, password=PASSWORD, port=port))
    return subprocess.Popen([str(shutil.which("dovecot", path=PATHS)), "-F", "-c", str(written)])


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HERE, 0))
        return [one.getsockname()[1] for one in sockets]


def _wait_for(port: int) -> None:
    """Until a server greets there. TimeoutError."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection((HERE, port), timeout=1) as line:
            if line.recv(1):
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody greets at {port}")
