"""From what a message says to one person to what a notification shows of it."""

import re

from delivery.content.compiling import Written
from lib.push.sealing import LONGEST_TEXT, LONGEST_TITLE, Shown

WEB_ADDRESS = re.compile(
    r"(?::?[ \t]+)?(https?://[^\s<>\"]*[^\s<>\".,;:!?)])"
)  # "words: address", as texts are written
PICTURE = re.compile(r"<img\b[^>]*\bsrc=\"(https://[^\"\s]+)\"")


def shown_in(written: Written) -> Shown:
    """The subject is the title, or the first line where there is none; the first link is where a click goes.

    Addresses are not read aloud: they are taken out of the text. A picture is the first one with an https address.
    """
    text = written.text.replace("\r\n", "\n").strip()
    links = WEB_ADDRESS.findall(text)
    lines = [line.strip() for line in WEB_ADDRESS.sub("", text).split("\n")]
    title, body = written.subject.strip(), "\n".join(lines).strip()
    if not title:
        title, _end, body = body.partition("\n")
    picture = PICTURE.search(written.html)
    return Shown(
        title.strip()[:LONGEST_TITLE],
        re.sub(r"\n{2,}", "\n", body).strip()[:LONGEST_TEXT],
        links[0] if links else "",
        picture[1].replace("&amp;", "&") if picture else "",
    )
