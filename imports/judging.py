"""What a cell says about consent: yes, no, or something we do not understand, which is no consent.

A yes needs positive evidence. Of everything that a row (and its twins) says the most restrictive counts.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache

from contacts.channels import Channel
from contacts.folding import fold
from imports.values import NO_DAY


class Word(StrEnum):
    """What a row says about email, from the most to the least restrictive."""

    COMPLAINED = "complained"
    BOUNCED = "bounced"
    OPTED_OUT = "opted_out"
    NO = "no"
    UNCLEAR = "unclear"
    YES = "yes"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ORDER = list(Word)
STOPS = (Word.COMPLAINED, Word.BOUNCED, Word.OPTED_OUT)
YES_WORDS = _words("yes y true 1 ja j wahr x on si oui tak da ano igen evet sim kylla checked enabled t -1 ✓ ✔ ☑")
NO_WORDS = _words(
    "no n false 0 nein falsch off non nej nie ne nem hayir nao ei unchecked disabled none never - – — f null"
    " n/a not_set _"
)
GIVEN_WORDS = _words(
    "subscribed active confirmed opted_in opt_in optin granted agreed consented accepted given allowed permitted"
    " double_opt_in doi angemeldet aktiv bestatigt eingewilligt zugestimmt abonniert abonnent prenumerant"
)
OUT_WORDS = _words(
    "unsubscribed unsubscribe opted_out opt_out optout optedout out blocklisted blacklisted blocked suppressed"
    " do_not_contact do_not_mail do_not_email donotcontact dnc withdrawn revoked objected removed stop stopped"
    " abgemeldet abbestellt widerrufen widersprochen gesperrt ausgetragen globally_unsubscribed"
    " avregistrerad desabonne disabled email"
)
BOUNCED_WORDS = _words("bounced bounce hard_bounce hard_bounced hardbounce cleaned undeliverable invalid unzustellbar")
COMPLAINED_WORDS = _words("complained complaint spam spam_complaint marked_as_spam abuse")
NOT_YET_WORDS = _words(
    "unconfirmed pending inactive never_subscribed not_subscribed non_subscribed nonsubscribed not_confirmed"
    " unbestatigt ausstehend inaktiv transactional requested not_specified unknown"
)
DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
STATUS_NAMES = (
    "status", "unsub", "optout", "optin", "optedout", "optedin", "bounce", "blacklist", "blocklist", "blocked",
    "consent", "newsletter", "subscri", "suppress", "donot", "dnc", "abgemeldet", "abmeld", "abbestell", "einwillig",
    "widerspr", "widerruf", "gesperrt", "werb", "permission", "gdpr", "dsgvo", "zustimm", "emailoff", "mailing",
    "marketing", "complain", "spam", "cleaned", "optierung", "erlaubnis", "sperr", "einverst", "verteiler", "robinson",
    "unzustell", "undeliver", "deliverab", "ausgetragen", "deaktiv", "abonn", "nomail", "noemail", "keinemail",
    "keineemail", "mailok", "mailallow", "allowmail", "allowemail", "mayemail", "canemail", "beemailed", "darfmail",
    "darfemail", "desinscri", "desabon", "disiscri", "uitgeschr", "afgemeld", "afmeld", "avregist", "wypis", "odhlas",
    "leiratko", "отпис", "配信停止", "退订", "退訂",
)  # fmt: skip
WHOLE_NAMES = _words("abo opt doi baja active inactive aktiv inaktiv")  # as part of a name they mean other things
OF_LETTERS = ("mailing", "marketing", "subscri")  # names that letters by post have too: Mailing City
PLACES = ("street", "city", "zip", "postal", "country", "mailingstate", "address", "strasse", "adresse")
TELLING = (OUT_WORDS | BOUNCED_WORDS | COMPLAINED_WORDS | {"subscribed", "opted_in", "unconfirmed"}) - {
    "out", "removed", "email", "stop", "stopped", "disabled", "invalid",
}  # fmt: skip


def judge(target: str, text: str, answers: Mapping[str, str]) -> Word | None:
    """What a cell of a column imported as `target` says; None where it says nothing. `answers` were given by hand."""
    word = text.strip()
    if (answer := answers.get(word.casefold())) is not None:
        return Word(answer) if answer in ORDER else None
    if target in {"opt_out", "bounced", "suppressed"} and NO_DAY.match(word):
        return None  # databases write "never" as a day that never was
    match target:
        case "opt_out":
            return _of_opt_out(word)
        case "bounced":
            return None if key_of(word) in NO_WORDS or not word else _of_stop(word, Word.BOUNCED)
        case "suppressed":
            return None if not word.strip("[]{}\"' ") or key_of(word) in NO_WORDS else _of_stop(word, Word.OPTED_OUT)
        case _:
            return _of_status(word)


def worst(words: Iterable[Word | None]) -> Word | None:
    """The most restrictive of these, or None."""
    return min((word for word in words if word is not None), key=ORDER.index, default=None)


def channels_off(text: str, separator: str) -> set[int]:
    """The channels besides email that a list such as "email|sms" switches off."""
    words = {key_of(one) for one in re.split(rf"[{re.escape(separator)},;|]", text)}
    return {int(Channel.MOBILE)} if words & {"sms", "text", "mobile"} else set()


def looks_like_status(name: str, cells: Iterable[str], *, is_named: bool = True) -> bool:
    """Whether a column seems to say who may be written to: by its name, or because its cells say so.

    One that bears no name seems to wherever it holds nothing but yes and no.
    """
    folded = "".join(one for one in fold(name) if one.isalnum())
    found = {one for one in STATUS_NAMES if one in folded}
    if found.difference(OF_LETTERS) or (found and not any(one in folded for one in PLACES)) or folded in WHOLE_NAMES:
        return True
    words = [key_of(one) for one in cells if one.strip()]
    if words and not is_named and YES_WORDS.union(NO_WORDS).issuperset(words):
        return True
    return bool(words) and sum(one in TELLING for one in words) * 2 > len(words)


def key_of(text: str) -> str:
    """A word without case, accents and the ways to join words: "Opted-Out" is opted_out."""
    return re.sub(r"[\s_-]+", "_", fold(text).strip().strip("'\"[]().!")) or text.strip()


@lru_cache(maxsize=10_000)  # a column says few things, a million times
def _of_opt_out(text: str) -> Word | None:
    key = key_of(text)
    if not key or key in NO_WORDS - {"disabled"} or key in GIVEN_WORDS:
        return None
    parts = {key_of(one) for one in re.split(r"[,;|]", text)}
    if parts & {"sms", "text", "mobile"} and not parts - {"sms", "text", "mobile"}:
        return None  # another channel's
    known = YES_WORDS | OUT_WORDS
    if parts & known or DATE.search(text):
        return Word.OPTED_OUT
    return _of_words(key) or Word.UNCLEAR


@lru_cache(maxsize=10_000)  # a column says few things, a million times
def _of_status(text: str) -> Word:
    key = key_of(text)
    if not text or key in NO_WORDS:
        return Word.NO
    if key in YES_WORDS:
        return Word.YES
    return _of_words(key) or Word.UNCLEAR


@lru_cache(maxsize=10_000)  # a column says few things, a million times
def _of_stop(text: str, usual: Word) -> Word:
    key = key_of(text)
    if "spam" in key or "complain" in key or "abuse" in key:
        return Word.COMPLAINED
    return Word.BOUNCED if "bounce" in key or "invalid" in key else usual


def _of_words(key: str) -> Word | None:
    for words, meant in (
        (COMPLAINED_WORDS, Word.COMPLAINED),
        (BOUNCED_WORDS, Word.BOUNCED),
        (OUT_WORDS - {"email", "disabled"}, Word.OPTED_OUT),
        (NOT_YET_WORDS, Word.NO),
        (GIVEN_WORDS, Word.YES),
    ):
        if key in words:
            return meant
    return None
