"""A private Postfix and Dovecot on loopback: real servers between the people of a test and the workspace's mailbox.

Everything lies in a folder of its own and goes with it; the machine's own Postfix is not touched. Postfix gives what comes
for PEOPLE's domains to Dovecot by LMTP, each address a mailbox of its own (what comes back for returns.kettle.example lies
in that of hello@kettle.example), and what goes to elsewhere.test to a second port, which knows nobody named gone.
"""

import imaplib
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from tests.backstage.dev.launching import wait_until

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
DOVECOT, POSTFIX = (shutil.which(name, path=PLACES) for name in ("dovecot", "postfix"))
IS_HERE = bool(DOVECOT and POSTFIX and os.geteuid() == 0)  # Postfix changes users, so it begins as root
OWNER, PASSWORD = "postfix", "open"
IMAP = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
libexec_dir = {libexec}
import_environment = TZ LD_LIBRARY_PATH
listen = 127.0.0.1
protocols = imap lmtp
ssl = no
disable_plaintext_auth = no
default_internal_user = {owner}
default_internal_group = {owner}
default_login_user = nobody
first_valid_uid = 1
mail_location = maildir:{home}/boxes/%u
mail_max_userip_connections = 50
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={home}/boxes/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""
MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
mail_owner = {owner}
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.kettle.example
mydestination =
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_recipient_restrictions = permit_mynetworks, reject
virtual_mailbox_domains = kettle.example tea.example returns.kettle.example
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
virtual_alias_maps = inline:{{ {{ @returns.kettle.example = hello@kettle.example }} }}
elsewhere_takes = check_recipient_access inline:{{ {{ gone@elsewhere.test = 550 5.1.1 nobody of this name }} }}, reject
transport_maps = inline:{{ {{ elsewhere.test = smtp:[127.0.0.1]:{other} }} }}
"""
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{other} inet n - n - - smtpd
  -o smtpd_recipient_restrictions=$elsewhere_takes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


class PostOffice:
    """Where it is reached: `smtp` and `imap` are ports. `send` hands an email over, `box` is what lies in a mailbox."""

    def __init__(self, home: Path, smtp: int, imap: int) -> None:
        self.home, self.smtp, self.imap = home, smtp, imap

    def send(self, raw: bytes, to: str, sender: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=20) as line:
            line.sendmail(sender, [to], raw)

    def box(self, address: str) -> list[Message]:
        """What lies there, the first that came first."""
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=20) as line:
            line.login(address, PASSWORD)
            line.select("INBOX", readonly=True)
            numbers = line.search(None, "ALL")[1][0].split()
            found = [line.fetch(one.decode(), "(BODY.PEEK[])")[1][0] for one in numbers]
        return [message_from_bytes(one[1]) for one in found if isinstance(one, tuple)]

    def waited_for(self, address: str, count: int) -> list[Message]:
        """The same, once so many lie there."""
        assert wait_until(lambda: len(self.box(address)) >= count), self.logs()
        return self.box(address)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-3_000:] for path in self.home.glob("*.log"))


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    """Both servers, until the block ends."""
    home = Path(tempfile.mkdtemp(prefix="post"))  # short: the addresses of sockets below it must fit
    smtp, other, imap, lmtp = _free_ports(4)
    facts = {
        "home": home,
        "owner": OWNER,
        "password": PASSWORD,
        "smtp": smtp,
        "other": other,
        "imap": imap,
        "lmtp": lmtp,
    }
    facts["libexec"] = Path(DOVECOT or "").resolve().parent.parent / "lib" / "dovecot"
    home.chmod(0o755)
    for name in ("boxes", "data", "queue", "etc"):
        (home / name).mkdir()
    owner = pwd.getpwnam(OWNER)
    for name in ("boxes", "data"):
        os.chown(home / name, owner.pw_uid, owner.pw_gid)
    (home / "dovecot.conf").write_text(IMAP.format(**facts))
    (home / "etc" / "main.cf").write_text(MAIN.format(**facts))
    (home / "etc" / "master.cf").write_text(MASTER.format(**facts))
    found = PostOffice(home, smtp, imap)
    dovecot = subprocess.Popen([str(DOVECOT), "-F", "-c", str(home / "dovecot.conf")])
    try:
        subprocess.run([str(POSTFIX), "-c", str(home / "etc"), "start"], check=True, capture_output=True, timeout=60)
        assert wait_until(lambda: all(map(_listens, (smtp, other, imap, lmtp)))), found.logs()
        yield found
    finally:
        with suppress(subprocess.SubprocessError):
            subprocess.run(
                [str(POSTFIX), "-c", str(home / "etc"), "stop"], check=False, capture_output=True, timeout=60
            )
        dovecot.terminate()
        dovecot.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _each in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
