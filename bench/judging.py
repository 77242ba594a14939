"""Mail judged by others: our emails of every kind as OpenDKIM, OpenDMARC, SpamAssassin and rspamd see them.

Their DNS is ours, on loopback: none of them reaches a network. What is not installed is left out. The limits are those
at which a mail provider of the usual settings acts: 5.0 for SpamAssassin, 6.0 (a header is added) for rspamd. Below the
table stands each rule that costs anything, and on which emails.
"""

import re
import tempfile
from collections import defaultdict
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import dkim
from django.conf import settings

from bench import judges
from bench.gallery import key_lines, write_gallery
from tests.deliverability.zones import NameServer
from workspaces.current import working_in
from workspaces.founding import found_workspace
from workspaces.models import Workspace

COLUMNS = ("dkimpy", "opendkim", "opendmarc", "SA local", "SA, DNS", "rspamd")
WHY = {
    "HTML_IMAGE_ONLY_32": "a picture (the open pixel is one) beside words of just 2,800 to 3,200 bytes; 0 points where the DNS is asked",
    "END_FUTURE_EMAILS": "words like “stop these emails” in what no DKIM signature was checked of",
    "DKIM_SIGNED": "there is a signature; that it is right takes off 0.1, that it is the author's 0.1 more",
    "URI_COUNT_ODD": "the number of its links and pictures is odd: chance",
    "FORGED_SENDER": "the return path is on a domain of its own below the sender's, so that returned mail comes to us",
}
Scores = list[tuple[float, str]]


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    settings.ECRM_URL = f"https://{judges.HOST}"
    workspace = found_workspace("judged", "Kettle & Co", postal_address="Lindenallee 8, 10115 Berlin")
    with working_in(workspace):
        emails, keys = write_gallery(), key_lines()
    received = [judges.as_received(one) for one in emails.values()]
    said = {"dkimpy": [_dkimpy(one, keys) for one in emails.values()]}
    costs: dict[str, Scores] = {}
    with tempfile.TemporaryDirectory() as folder, NameServer(judges.zones_of(keys)) as names:
        said |= _signatures(received, keys, Path(folder))
        for column, found in (
            ("SA local", judges.spamassassin(received, Path(folder))),
            ("SA, DNS", judges.spamassassin(received, Path(folder), names.address)),
            ("rspamd", judges.rspamd(received, names.address, Path(folder))),
        ):
            if found:
                costs[column] = [(one[0], one[-1]) for one in found]
                said[column] = [f"{one[0]:.1f}" for one in found]
    _tell(emails, said)
    _tell_costs(list(emails), costs)


def _signatures(received: list[bytes], keys: dict[str, str], folder: Path) -> dict[str, list[str]]:
    results = judges.opendkim(received, keys, folder)
    if results is None:
        return {}
    said = {"opendkim": [", ".join(re.findall(r"dkim=(\w+)", one)) for one in results]}
    try:
        server = NameServer(judges.zones_of(keys), at=judges.NAMES_AT)
    except OSError:
        return said
    with server:
        policy = judges.opendmarc(received, results, folder)
    return said | ({"opendmarc": ["pass" if "dmarc=pass" in one else "no" for one in policy]} if policy else {})


def _dkimpy(raw: bytes, keys: dict[str, str]) -> str:
    answers = {f"{name}.".encode(): value.encode() for name, value in keys.items()}
    verified = [dkim.DKIM(raw).verify(number, lambda name, timeout: answers.get(name)) for number in (0, 1)]
    return ", ".join("pass" if one else "no" for one in verified)


def _tell(emails: dict[str, bytes], said: dict[str, list[str]]) -> None:
    print("Mail judged by others")
    columns = [one for one in COLUMNS if one in said]
    print(f"{'email':22}{'bytes':>7}{'defects':>9}{'longest line':>14}" + "".join(f"{one:>12}" for one in columns))
    for number, (name, raw) in enumerate(emails.items()):
        read = message_from_bytes(raw, policy=default)
        defects = sum(len(part.defects) + sum(len(value.defects) for value in part.values()) for part in read.walk())
        cells = "".join(f"{said[one][number]:>12}" for one in columns)
        print(f"{name:22}{len(raw):7,}{defects:9}{max(map(len, raw.split(b'\r\n'))):14}{cells}")
    missing = [one for one in COLUMNS if one not in said]
    print(
        f"not here, or not to be asked: {', '.join(missing)}"
        if missing
        else "limits: SpamAssassin (SA) 5.0, rspamd 6.0"
    )


def _tell_costs(names: list[str], costs: dict[str, Scores]) -> None:
    for column, scores in costs.items():
        rules = defaultdict(list)
        for name, (_score, text) in zip(names, scores, strict=True):
            for rule in filter(None, text.split(", ")):
                rules[rule].append(name)
        told = [f"{rule} on {', '.join(where) if len(where) < len(names) else 'all'}" for rule, where in rules.items()]
        print(f"{column}: {'; '.join(told) or 'nothing costs anything'}")
    costly = {
        rule.split()[0] for scores in costs.values() for _score, text in scores for rule in text.split(", ") if rule
    }
    for rule in sorted(costly):
        print(f"  {rule}: {WHY.get(rule, 'not looked into')}")
