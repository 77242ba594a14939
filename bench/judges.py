"""Programs that others wrote to judge email: OpenDKIM, OpenDMARC, SpamAssassin and rspamd, each asked without a network.

None of them is needed to run or to test the product: who asks one that is not installed gets None. What they look up
is answered on loopback from `zones_of`. Each email gets the lines on top that the receiving server writes.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from django.conf import settings

from bench.gallery import DOMAIN

ADDRESS, HOST, JUDGE = "93.184.215.14", f"mail.{DOMAIN}", "judge.coffee"
SENDER = f"bounce-1@returns.{DOMAIN}"
NAMES_AT = ("127.0.0.53", 53)  # a resolver's library asks port 53 alone
RECEIVED = f"""Return-Path: <{SENDER}>
Received: from {HOST} ({HOST} [{ADDRESS}])
\tby mx.people.coffee with ESMTPS id 4XyzAB
\tfor <ada@people.coffee>; {{date}}
"""
RSPAMD_OPTIONS = 'dns {{ nameserver = ["{names}"]; timeout = 1s; retransmits = 1; }} local_addrs = ["10.0.0.0/8"]; control_socket = "$RUNDIR/rspamd.sock mode=0600";'
PATHS = "/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", "")


def zones_of(keys: dict[str, str]) -> dict[tuple[str, str], list[str]]:
    """What the DNS says of the gallery's domain: its keys, SPF, DMARC, and that its server's name and address agree."""
    spf = [f'"v=spf1 ip4:{ADDRESS} -all"']
    rows: dict[tuple[str, str], list[str]] = {
        (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"'],
        (HOST, "A"): [ADDRESS],
        (".".join([*reversed(ADDRESS.split(".")), "in-addr.arpa"]), "PTR"): [f"{HOST}."],
    }
    for name in (DOMAIN, f"returns.{DOMAIN}"):
        rows |= {(name, "TXT"): spf, (name, "MX"): [f"10 {HOST}."], (name, "A"): [ADDRESS]}
    return rows | {(name, "TXT"): [_in_strings(value)] for name, value in keys.items()}


def as_received(email: bytes) -> bytes:
    """With the lines of the server that received it, which took it the moment it was written."""
    date = re.search(rb"^Date: (.*?)\r$", email, re.MULTILINE)
    top = RECEIVED.format(date=date[1].decode() if date else "")
    return top.replace("\n", "\r\n").encode() + email


def opendkim(emails: Sequence[bytes], keys: dict[str, str], folder: Path) -> list[str] | None:
    """Its Authentication-Results of each email: what it says of each signature."""
    if (found := shutil.which("opendkim", path=PATHS)) is None:
        return None
    (folder / "keys").write_text("".join(f"{name} {value}\n" for name, value in keys.items()))
    (folder / "opendkim.conf").write_text(
        f"TestPublicKeys {folder / 'keys'}\nMode v\nAlwaysAddARHeader yes\nAuthservID {JUDGE}\nSyslog no\n"
    )
    files = _files(emails, folder)
    return [_inserted([found, "-x", folder / "opendkim.conf", "-vv", "-t", one]) for one in files]


def opendmarc(emails: Sequence[bytes], results: Sequence[str], folder: Path) -> list[str] | None:
    """What it says of each email whose signatures were judged so before. It asks 127.0.0.53, and may be asked by root alone."""
    found = shutil.which("opendmarc", path=PATHS)
    if found is None or os.geteuid() or subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        return None
    (folder / "opendmarc.conf").write_text(f"AuthservID {JUDGE}\nTrustedAuthservIDs {JUDGE}\nSyslog no\n")
    (folder / "resolv.conf").write_text(f"nameserver {NAMES_AT[0]}\noptions timeout:1 attempts:1\n")
    heads = [b"Authentication-Results: " + " ".join(one.split()).encode() + b"\r\n" for one in results]
    files = _files([head + email for head, email in zip(heads, emails, strict=True)], folder)
    asked = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    inside: list[str | Path] = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        asked,
        folder / "resolv.conf",
        found,
        "-c",
        folder / "opendmarc.conf",
    ]
    return [_inserted([*inside, "-vv", "-t", one]) for one in files]


def spamassassin(emails: Sequence[bytes], folder: Path, names: str = "") -> list[tuple[float, str]] | None:
    """(score, rules that cost something) of each email, by its local rules alone or with those that ask `names` (a DNS)."""
    if (found := shutil.which("spamassassin", path=PATHS)) is None:
        return None
    lines = [f"dns_server {names}"] if names else []
    lines += ["add_header all Judged _TESTSSCORES(,)_", "fold_headers 0", "use_bayes 0", "use_auto_whitelist 0"]
    (folder / "sa.cf").write_text("".join(f"{one}\n" for one in lines))
    local = [] if names else ["--local"]
    asked: list[str | Path] = [found, *local, "--prefspath", folder / "sa.cf", "--mbox"]
    home = os.environ | {"HOME": str(folder)}
    said = subprocess.run(asked, input=_as_mbox(emails), env=home, capture_output=True, check=True).stdout
    known = dict(_spamassassin_said(said.decode("utf-8", "replace")))  # it sorts them by their age
    return [known[_message_id(one.decode("utf-8", "replace"))] for one in emails]


def rspamd(emails: Sequence[bytes], names: str, folder: Path) -> list[tuple[float, str, str]] | None:
    """(score, action, symbols that cost something) of each email."""
    if shutil.which("rspamd", path=PATHS) is None:
        return None
    known = {"From": SENDER, "Rcpt": "ada@people.coffee", "IP": ADDRESS, "Helo": HOST, "Hostname": HOST}
    with _rspamd_at(names, folder) as url:
        answers = [httpx.post(f"{url}/checkv2", content=one, headers=known, timeout=30).json() for one in emails]
    return [(one["score"], one["action"], _costly(one["symbols"])) for one in answers]


def _costly(symbols: dict[str, dict[str, float]]) -> str:
    costs = {name: row["score"] for name, row in symbols.items() if row["score"] >= 0.1}
    return ", ".join(f"{name} {cost:.1f}" for name, cost in sorted(costs.items(), key=lambda one: -one[1]))


def _spamassassin_said(text: str) -> Iterator[tuple[str, tuple[float, str]]]:
    """(Message-ID, (score, rules)) of each email."""
    for one in re.split(r"^From judged@.*$", text, flags=re.MULTILINE)[1:]:
        status = re.search(r"^X-Spam-Status: .*?score=(-?[\d.]+)", one, re.MULTILINE)
        judged = re.search(r"^X-Spam-Judged: (.*)$", one, re.MULTILINE)
        if status is None or judged is None:
            raise RuntimeError("SpamAssassin said nothing of an email")
        rules = [rule.partition("=") for rule in judged[1].split(",") if "=" in rule]
        costs = ", ".join(f"{name} {float(cost):.1f}" for name, _is, cost in rules if float(cost) >= 0.1)
        yield _message_id(one), (float(status[1]), costs)


def _message_id(text: str) -> str:
    found = re.search(r"^Message-ID: (\S+)", text, re.MULTILINE)
    return found[1] if found else ""


def _as_mbox(emails: Sequence[bytes]) -> bytes:
    lines = [re.sub(rb"^From ", b">From ", one.replace(b"\r\n", b"\n"), flags=re.MULTILINE) for one in emails]
    return b"".join(b"From judged@%b Fri Nov 27 06:00:00 2026\n%b\n" % (DOMAIN.encode(), one) for one in lines)


def _inserted(command: Sequence[str | Path]) -> str:
    """What the program would write on top of the email, of its test mode."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"hname='Authentication-Results' hvalue='(.*?)'", done.stdout + done.stderr, re.DOTALL)
    if found is None:
        raise RuntimeError((done.stdout + done.stderr)[-500:])
    return found[1]


def _files(emails: Sequence[bytes], folder: Path) -> list[Path]:
    files = [folder / f"{number}.eml" for number in range(len(emails))]
    for file, email in zip(files, emails, strict=True):
        file.write_bytes(email)
    return files


@contextmanager
def _rspamd_at(names: str, folder: Path) -> Iterator[str]:
    """One of our own in its usual settings, that asks our DNS, listens on loopback and keeps nothing."""
    port, own = _free_port(), folder / "override.d"
    own.mkdir()
    (own / "options.inc").write_text(RSPAMD_OPTIONS.format(names=names))
    (own / "worker-normal.inc").write_text(f'bind_socket = "127.0.0.1:{port}"; count = 1;')
    (own / "logging.inc").write_text('level = "error";')
    for off in ("worker-proxy.inc", "worker-controller.inc", "fuzzy_check.conf"):
        (own / off).write_text("enabled = false;")
    compiled = Path(settings.BASE_DIR) / "var" / "rspamd"  # its patterns take ten seconds, once
    compiled.mkdir(parents=True, exist_ok=True)
    places = [f"--var={name}={folder}" for name in ("RUNDIR", "LOGDIR", "LOCAL_CONFDIR")] + [f"--var=DBDIR={compiled}"]
    command = ["rspamd", "-f", "-i", "-c", "/etc/rspamd/rspamd.conf", *places]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        _wait_for(f"http://127.0.0.1:{port}/ping")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            httpx.get(url, timeout=5).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _in_strings(value: str) -> str:
    """A long TXT as the strings of at most 255 letters that it is made of."""
    return " ".join(f'"{value[at : at + 250]}"' for at in range(0, len(value), 250))
