"""What became of an order or a visit, in the words of shops and ticket sellers. A word that nobody explains is refused."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from imports.facts.targets import STATUS
from imports.judging import NO_WORDS, YES_WORDS, key_of


class OrderStatus(StrEnum):
    """What became of an order."""

    PAID = "paid"
    REFUNDED = "refunded"
    PARTLY_REFUNDED = "partly_refunded"
    CANCELLED = "cancelled"
    UNPAID = "unpaid"


class VisitStatus(StrEnum):
    """What a person did with an event, from what counts most where one person has several tickets."""

    ATTENDED = "attended"
    NO_SHOW = "no_show"
    REGISTERED = "registered"
    CANCELLED = "cancelled"


UNKNOWN = "unknown"
ORDER_MEANINGS = {
    OrderStatus.PAID.value: _("paid: a purchase"),
    OrderStatus.REFUNDED.value: _("paid back: a purchase and a refund"),
    OrderStatus.PARTLY_REFUNDED.value: _("partly paid back"),
    OrderStatus.CANCELLED.value: _("cancelled: no purchase"),
    OrderStatus.UNPAID.value: _("not paid yet: no purchase"),
    UNKNOWN: _("not understood: the row is left out"),
}
VISIT_MEANINGS = {
    VisitStatus.REGISTERED.value: _("registered"),
    VisitStatus.ATTENDED.value: _("came"),
    VisitStatus.NO_SHOW.value: _("did not come"),
    VisitStatus.CANCELLED.value: _("gave the place back"),
    UNKNOWN: _("not understood: the row is left out"),
}


def _words(**meant: str) -> dict[str, str]:
    return {word: status for status, words in meant.items() for word in words.split()}


ORDER_WORDS = _words(
    paid="paid completed complete processing shipped delivered fulfilled closed done captured success successful"
    " partially_paid sold bezahlt abgeschlossen versendet versandt geliefert zugestellt in_bearbeitung erledigt",
    refunded="refunded refund returned chargeback charged_back erstattet zuruckerstattet ruckerstattet retourniert retoure",
    partly_refunded="partially_refunded partly_refunded partial_refund teilerstattet teilweise_erstattet",
    cancelled="cancelled canceled voided void storniert abgebrochen annulliert deleted trash",
    unpaid="pending unpaid authorized authorised on_hold failed draft checkout_draft expired open new pending_payment"
    " awaiting_payment abandoned offen ausstehend fehlgeschlagen wartend unbezahlt zahlung_ausstehend entwurf",
)
VISIT_WORDS = _words(
    attended="attended checked_in checkedin present came visited show showed_up participated anwesend teilgenommen"
    " erschienen eingecheckt war_da",
    no_show="no_show noshow absent did_not_attend missed not_checked_in nicht_erschienen abwesend gefehlt",
    registered="registered attending confirmed going booked accepted rsvp_yes completed paid free_order valid angemeldet"
    " gebucht zugesagt bestatigt",
    cancelled="cancelled canceled not_attending refunded deleted transferred declined rejected rsvp_no abgemeldet storniert"
    " abgesagt erstattet",
)


def judge_status(target: str, text: str, answers: Mapping[str, str]) -> str | None:
    """What a cell of a column imported as this status says; None for what is not understood. `answers`: said by hand."""
    word = text.strip()
    if (answer := answers.get(word.casefold())) is not None:
        return None if answer == UNKNOWN else answer
    return _meant(target, word)


@lru_cache(maxsize=2_000)  # a column says few things, a million times
def _meant(target: str, word: str) -> str | None:
    key = key_of(word).removeprefix("wc_")
    if target == STATUS:
        return ORDER_WORDS.get(key)
    if key in YES_WORDS:
        return VisitStatus.ATTENDED
    return VisitStatus.NO_SHOW if key in NO_WORDS else VISIT_WORDS.get(key)


def meanings_of(target: str) -> dict[str, object]:
    """What a word of this column can mean: value → its words."""
    return dict(ORDER_MEANINGS if target == STATUS else VISIT_MEANINGS)


CHANNEL_WORDS = _words(
    shop="pos shop store retail in_store instore offline laden geschaft filiale kasse point_of_sale counter vor_ort",
    call="phone call telephone telefon telefonisch",
)


@lru_cache(maxsize=2_000)
def channel_word(text: str) -> str:
    """Where an order was made: "shop", "call", or "web" for anything else that a shop system names."""
    return CHANNEL_WORDS.get(key_of(text), "web")
