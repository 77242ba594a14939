"""What somebody wrote in an email, apart from what they quote and what their program or their signature adds.

Programs put a sentence ("On Monday, Anna wrote:") or the head of the email before what they quote, and mostly mark it. What
is taken away is kept beside, so that a wrong cut hides nothing for good. Measured on twelve programs in six languages
(tests/social/mail_corpus.py). Every pattern is bounded: an email cannot make it slow.
"""

import re
from dataclasses import dataclass

LONGEST_LINE = 400
MOST_JOINED = 3  # physical lines that a sentence above a quote is broken into
MOST_OF_SIGNATURE = 15
# Lines that stand for what the HTML says (mail_html.py): a quote to the end, who wrote it, a signature. Foreign text holds
# none of them: lib/foreign/cleaning takes letters of private use away.
QUOTE, SAID, SIGNATURE = "\ue000quote", "\ue000said", "\ue000signature"
MARKS = {QUOTE, SAID, SIGNATURE}

VERBS = (
    r"wrote|writes|schrieb|schreibt|geschrieben|a écrit|écrivait|escribi[óo]|ha scritto|scrisse|schreef|geschreven"
    r"|escreveu|skrev|napisał(?:\(a\)|a)?|napsala?(?:\(a\))?|написал[аи]?|пишет"
)
SENTENCE = re.compile(rf"^.{{0,300}}?\b(?:{VERBS})(?:\W.{{0,200}})?\s?(?::|-{{2,}})$", re.IGNORECASE)
LEADS = re.compile(r"^(?:on|am|le|el|en|il|op|den|em|dne|w dniu|pe|на)\s", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]{1,190}")
SEPARATOR = re.compile(
    r"^begin forwarded message:$|^anfang der weitergeleiteten (?:nachricht|e-mail):$|^début du message (?:réexpédié|transféré) :$"
    r"|^inicio del mensaje reenviado:$|^inizio messaggio inoltrato:$|^begin doorgestuurd bericht:$"
    r"|^-{2,}\s*(?:original(?:\s|-)?(?:message|nachricht)|ursprüngliche (?:nachricht|e-mail)|message d['’]origine"
    r"|mensa(?:je|gem) original|messaggio originale|oorspronkelijk bericht|forwarded message|weitergeleitete nachricht"
    r"|message transféré|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht)\s*-{2,}$",
    re.IGNORECASE,
)
RULE = re.compile(r"^_{10,}$")
LABELS = {
    "from": r"from|von|de|da|van|från|fra|od|от",
    "day": r"sent|gesendet|envoyé|enviado(?: el)?|inviato|verzonden|skickat|sendt|wysłano|date|datum|fecha|data|dato",
    "to": r"to|an|à|para|a|aan|till|til|do|cc|kopie|copie",
    "subject": r"subject|betreff|objet|asunto|oggetto|onderwerp|ämne|emne|temat|assunto",
}
LABEL = re.compile(
    r"^[*\s]{0,4}(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in LABELS.items()) + r")\s?:\*{0,2}\s{0,3}\S",
    re.IGNORECASE,
)
ADDED = re.compile(  # how such a line begins, and that it names a device or a program
    r"^(?:sent|get|gesendet|von meine[mr]|diese (?:nachricht|e-mail) wurde|hol(?:en sie sich|e dir)|outlook (?:für|voor)"
    r"|envoyé|télécharge[rz]|obtene[rz]|enviado|inviato|scarica|ottieni|ver(?:zonden|stuurd)|download|haal|skickat|sendt|wysłano)"
    r"\s(?=.{0,100}\b(?:iphone|ipad|ios|android|samsung|galaxy|huawei|xiaomi|pixel|blackberry|outlook|yahoo|e?-?mail|gmx"
    r"|smartphone|handy|mobile?|mobiltelefon|móvil|téléphone|telefoon|telefono|tablet|windows|mac|app)\b)",
    re.IGNORECASE,
)
LONGEST_ADDED = 120
FAREWELL = re.compile(
    r"^(?:(?:kind|best|warm|many)?\s?regards|best(?: wishes)?|cheers|sincerely|yours (?:sincerely|faithfully|truly)"
    r"|(?:mit )?(?:freundliche[nrm]?|beste[nr]?|liebe[nr]?|viele[nr]?|herzliche[nr]?|schöne[nr]?) gr(?:ü|ue)(?:ß|ss)en?|mfg|lg"
    r"|(?:bien )?cordialement|bien à vous|salutations|(?:un )?(?:cordial )?saludos?|atentamente"
    r"|(?:cordiali|distinti) saluti|saluti|(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg)\s?[,.!]?$",
    re.IGNORECASE,
)
CONTACT = re.compile(r"\+?\d[\d\s()/.-]{6,}\d|\bwww\.|https?://|\S@\S+\.\w", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parted:
    """An email's text: what its writer wrote, and what stands below or above that ("" where nothing does)."""

    own: str
    quoted: str


def part_text(text: str) -> Parted:
    """What they wrote, and the rest. Where nothing would be left, all of it is theirs; answers between quotes stay there."""
    lines = text.split("\n")
    first = _after_quote_above(lines)
    last = first + _end_of_own(lines[first:])
    end = _without_signature(lines, first, last)
    own = _plain(lines[first:end])
    return Parted(own, _plain([*lines[:first], *lines[end:]])) if own else Parted(_plain(lines), "")


def _plain(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line not in MARKS).strip()


def _end_of_own(lines: list[str]) -> int:
    """The line with which a quote to the end begins; their count where none does."""
    tail = _marked_to_the_end(lines)
    for no in range(tail):
        if lines[no] == QUOTE or _begins_head(lines, no):
            return no
        below = no + _sentence(lines, no)
        if below > no and (not _is_marked_below(lines, below) or _next_with_words(lines, below) >= tail):
            return no
    above = next((no for no in range(tail - 1, max(tail - 4, 0), -1) if lines[no].strip()), 0)
    is_said = 0 < tail < len(lines) and lines[above].endswith(":") and ADDRESS.search(lines[above][:LONGEST_LINE])
    return above if is_said else tail  # a sentence above the marks that no shape of ours knows


def _marked_to_the_end(lines: list[str]) -> int:
    """From which line on each is marked as quoted, or empty, or a signature below that; their count where none is."""
    end = len(lines)
    for no in range(len(lines) - 1, max(len(lines) - 2 * MOST_OF_SIGNATURE, 0), -1):
        if lines[no].strip() in {"--", SIGNATURE} and _last_above(lines, no).startswith(">"):
            end = no
    start = len(lines)
    for no in range(end - 1, -1, -1):
        if lines[no].startswith(">"):
            start = no
        elif lines[no].strip():
            break
    return start


def _last_above(lines: list[str], no: int) -> str:
    return next((lines[at] for at in range(no - 1, max(no - 4, -1), -1) if lines[at].strip()), "")


def _next_with_words(lines: list[str], no: int) -> int:
    return next((at for at in range(no, min(no + 4, len(lines))) if lines[at].strip()), no)


def _is_marked_below(lines: list[str], no: int) -> bool:
    return no < len(lines) and lines[_next_with_words(lines, no)].startswith(">")


def _sentence(lines: list[str], no: int) -> int:
    """How many lines a sentence above a quote takes here; 0 where none begins."""
    if lines[no] == SAID:
        return next((at for at in range(1, 6) if lines[no + at : no + at + 1] and lines[no + at].startswith(">")), 0)
    is_marked, joined = lines[no].startswith(">"), ""
    for length in range(1, min(MOST_JOINED, len(lines) - no) + 1):
        line = lines[no + length - 1]
        if not line.strip() or line in MARKS or len(line) > LONGEST_LINE or line.startswith(">") != is_marked:
            return 0
        joined = f"{joined} {line.lstrip('> ').strip()}".strip()
        if joined.endswith((":", "--")) and SENTENCE.match(joined) and _is_said(joined, lines, no + length):
            begins_later = any(_sentence(lines, no + at) for at in range(1, length))
            begins_here = not begins_later or _leads(lines[no].lstrip("> "))
            return length if begins_here else 0
    return 0


def _leads(line: str) -> bool:
    """Whether it begins as such a sentence does, and says a day."""
    return LEADS.match(line) is not None and sum(letter.isdigit() for letter in line) >= 3


def _is_said(joined: str, lines: list[str], below: int) -> bool:
    """Whether it says who wrote and when, as programs do; one that says less needs a quote right below it."""
    says_when = sum(letter.isdigit() for letter in joined) >= 3
    if says_when and (LEADS.match(joined) or ADDRESS.search(joined)):
        return True
    return (says_when or bool(LEADS.match(joined))) and _is_marked_below(lines, below)


def _begins_head(lines: list[str], no: int) -> bool:
    """Whether the head of another email begins here: a separator, or lines that say from whom, when, and of what."""
    line = lines[no].strip()
    if len(line) > LONGEST_LINE:
        return False
    if SEPARATOR.match(line):
        return True
    if RULE.match(line):
        below = [at for at in range(no + 1, min(no + 4, len(lines))) if lines[at].strip()][:1]
        return any(not RULE.match(lines[at]) and _begins_head(lines, at) for at in below)
    found = LABEL.match(line)
    if found is None or found.lastgroup not in {"from", "day"}:
        return False
    near = [one[:LONGEST_LINE] for one in lines[no : no + 10] if one.strip()][:7]
    kinds = {label.lastgroup: one for one in near if (label := LABEL.match(one.strip()))}
    return {"from", "day", "subject"} <= kinds.keys() or (
        {"from", "day", "to"} <= kinds.keys() and "@" in kinds["from"]
    )


def _after_quote_above(lines: list[str]) -> int:
    """The line with which they go on below what they quote first; 0 where they quote nothing first."""
    begin = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    no = said = begin + (_sentence(lines, begin) if begin < len(lines) else 0)
    if no < len(lines) and not _is_marked_below(lines, no):
        return 0
    while no < len(lines) and (not lines[no].strip() or lines[no].startswith(">")):
        no += 1
    if no == len(lines):
        return 0
    return said if any(line.startswith(">") for line in lines[no:]) else no


def _without_signature(lines: list[str], first: int, end: int) -> int:
    """Where the signature begins, or what a program added below; `end` where neither stands there."""
    for no in range(max(first, end - 2 * MOST_OF_SIGNATURE), end):
        line, rest = lines[no].strip(), sum(bool(one.strip()) for one in lines[no + 1 : end])
        if rest > MOST_OF_SIGNATURE or len(line) > LONGEST_ADDED:
            continue
        if line in {SIGNATURE, "--"} or (rest == 0 and ADDED.match(line)):
            return no
        if FAREWELL.match(line):
            return _without_signature_below(lines, no, end)
    return end


def _without_signature_below(lines: list[str], farewell: int, end: int) -> int:
    """Below a farewell and a name: where a mark, an addition or telephone numbers and addresses begin."""
    named = next((no for no in range(farewell + 1, end) if lines[no].strip()), end)
    for no in range(farewell + 1, end):
        if lines[no].strip() in {SIGNATURE, "--"} or ADDED.match(lines[no][:LONGEST_ADDED]):
            return no
    has_contact = any(CONTACT.search(line[:LONGEST_LINE]) for line in lines[named + 1 : end])
    return named + 1 if has_contact else end
