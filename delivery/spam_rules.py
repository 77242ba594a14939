"""What the rules of spam filters say of an email, where a filter is installed on this machine; nothing leaves it.

rspamd is asked through its own client, SpamAssassin with its local rules: neither knows who sends, nor what the DNS
says of it, so that only the words, links and pictures are judged.
"""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from django.utils.translation import gettext as _

from delivery.content.compiling import Written
from lib.clock import now
from lib.local_words import number

SECONDS = 20.0
SHOWN_RULES = 5
LEAST = 0.1  # points; rules below are noise
SA_LIMIT = 5.0  # at which SpamAssassin's usual settings act
SAID = re.compile(r"X-Spam-Judged: score=(-?[\d.]+) limit=([\d.]+) rules=(\S*)")
# about the delivery, which a draft has not had yet
ABOUT_DELIVERY = re.compile(
    r"^(NO_RELAYS|NO_RECEIVED|MISSING_|ONCE_RECEIVED|DKIM|SPF|R_SPF|R_DKIM|DMARC|ARC|RCVD|HFILTER)"
)


@dataclass(frozen=True, slots=True)
class SpamScore:
    """Points of a filter, of how many it acts at, and the rules that gave the most."""

    by: str
    score: float
    limit: float
    rules: tuple[tuple[str, float], ...]

    @property
    def words(self) -> str:
        """As a sentence."""
        said = _("%(by)s gives it %(score)s points; it counts as spam from %(limit)s on.")
        words = said % {"by": self.by, "score": number(self.score, 1), "limit": number(self.limit, 1)}
        named = ", ".join(f"{name} {number(points, 1)}" for name, points in self.rules[:SHOWN_RULES])
        return f"{words} {named}" if named else words

    @property
    def is_spam(self) -> bool:
        """Whether the filter would act."""
        return self.score >= self.limit


def ask_rules(written: Written, *, sender: str, to: str) -> SpamScore | None:
    """What a filter of this machine says of these words; None where there is none, or it does not answer. Takes seconds."""
    raw = _as_email(written, sender, to)
    for ask in (_rspamd, _spamassassin):
        try:
            if found := ask(raw):
                return found
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
            continue
    return None


def _as_email(written: Written, sender: str, to: str) -> bytes:
    email = EmailMessage()
    email["From"], email["To"], email["Subject"] = sender, to, written.subject.replace("\n", " ").replace("\r", " ")
    email["Date"], email["Message-ID"] = format_datetime(now()), make_msgid(domain=sender.rpartition("@")[2].strip(">"))
    email["List-Unsubscribe"] = f"<https://{sender.rpartition('@')[2].strip('>')}/u/x>"
    email.set_content(written.text)
    if written.html:
        email.add_alternative(written.html, subtype="html")
    return email.as_bytes()


def _rspamd(raw: bytes) -> SpamScore | None:
    if (client := shutil.which("rspamc")) is None:
        return None
    said = json.loads(_run([client, "--json", "symbols"], raw))
    rules = [(name, float(one["score"])) for name, one in said["symbols"].items()]
    return _scored("rspamd", float(said["score"]), float(said["required_score"]), rules)


def _spamassassin(raw: bytes) -> SpamScore | None:
    if (program := shutil.which("spamassassin")) is None:
        return None
    header = "add_header all Judged score=_SCORE_ limit=_REQD_ rules=_TESTSSCORES(,)_"
    lines = [header, "fold_headers 0", "use_bayes 0", f"required_score {SA_LIMIT}"]
    said = _run([program, "--local", *(part for line in lines for part in ("--cf", line))], raw).decode(
        "utf-8", "replace"
    )
    if (found := SAID.search(said)) is None:
        return None
    pairs = [one.rpartition("=") for one in found[3].split(",") if "=" in one]
    rules = [(name, float(points)) for name, _equals, points in pairs]
    return _scored("SpamAssassin", float(found[1]), float(found[2]), rules)


def _scored(by: str, score: float, limit: float, rules: list[tuple[str, float]]) -> SpamScore:
    """Without the points for what only a delivered email has."""
    away = sum(points for name, points in rules if ABOUT_DELIVERY.match(name))
    kept = sorted(
        (one for one in rules if one[1] >= LEAST and not ABOUT_DELIVERY.match(one[0])), key=lambda one: -one[1]
    )
    return SpamScore(by, round(score - away, 3), limit, tuple(kept))


def _run(command: list[str], raw: bytes) -> bytes:
    return subprocess.run(command, input=raw, capture_output=True, check=True, timeout=SECONDS).stdout
