"""A letter as its reader will hold it, before anybody gets one."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext as _

from contacts.postal import PostalAddress
from delivery.content.compiling import Written
from delivery.models import Message
from emails.previewing import words_response
from messengers.letters.messenger import MOST_PAGES, LetterMessenger, letter_from
from messengers.letters.typesetting import LONGEST, Letter, TypesettingError, picture

SOMEBODY = PostalAddress("1 Sample Street", "12345", "Sampletown")
STYLE = "body{margin:8px;background:#ddd}svg{display:block;width:100%;height:auto;margin:0 0 8px;background:#fff}"
SAMPLE_LINK = "https://example.com/a-link-as-long-as-those-that-are-counted/0123456789"


def letter_response(message: Message, written: Written) -> HttpResponse:
    """Its pages below one another; what typst draws holds shapes and no text."""
    try:
        pages = _draw(message, written)
    except TypesettingError as error:
        return words_response(str(error))
    said = _("It is longer than four pages: nobody would get it.") if len(pages) > MOST_PAGES else ""
    drawn = b"".join(pages[:MOST_PAGES]).decode()
    return HttpResponse(f"<!doctype html><title>·</title><style>{STYLE}</style><p>{escape(said)}</p>{drawn}")


def _draw(message: Message, written: Written) -> Sequence[bytes]:
    """The first pages as SVG: one more than may be, where it is too long. TypesettingError."""
    if message.sender is None:
        return []
    messenger = LetterMessenger(message.sender)
    letter = letter_from(written, messenger.window("…", SOMEBODY), SAMPLE_LINK if messenger.settings.has_code else "")
    cut = Letter(letter.address, letter.subject, letter.text[:LONGEST], letter.link)
    return picture(messenger.sheet(message.name), cut)[: MOST_PAGES + 1]
