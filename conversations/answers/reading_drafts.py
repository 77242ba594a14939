"""What stands beside a begun answer, as its box shows it."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from conversations.answers.drafted_files import most_pictures, to_alt
from conversations.attaching import carries_files
from conversations.channels import LONGEST_ALT, able_to_answer
from conversations.models import AnswerDraft, AnswerDraftFile, Mention
from conversations.models.pictured import BYTES
from lib.asked import whole_number

ALT = "alt-"  # before the number of the picture that a field describes


@dataclass(frozen=True, slots=True)
class Beside:
    """One file beside an answer: `asks` for words because it is shown; `goes` unless who approves leaves it out."""

    row: AnswerDraftFile
    alt: str
    asks: bool
    goes: bool


def alts_in(said: QueryDict) -> dict[int, str]:
    """What the pictures show, by number, as it was typed."""
    found = {whole_number(name.removeprefix(ALT)): text for name, text in said.items() if name.startswith(ALT)}
    return {pk: to_alt(str(text)) for pk, text in found.items() if pk is not None}


def read_beside(mention: Mention | None, draft: AnswerDraft | None, said: QueryDict) -> dict[str, Any]:
    """What stands beside this draft, and what may. What was just typed (`said`) comes before what is kept. One query."""
    most = most_pictures(mention) if mention else 0
    rows = AnswerDraftFile.objects.filter(draft=draft).defer(*BYTES).order_by("pk") if draft else ()
    typed, is_chosen, chosen = alts_in(said), bool(said.get("approves")), said.getlist("with")
    beside = [
        Beside(
            row=one,
            alt=typed.get(one.pk, one.alt),
            asks=bool(one.width and most),
            goes=not is_chosen or str(one.pk) in chosen,
        )
        for one in rows
    ]
    takes_files = not most and mention is not None and carries_files(mention.connection)
    able = able_to_answer(mention) if mention else None
    return {
        "most_pictures": most,
        "longest_alt": able.longest_alt if able else LONGEST_ALT,
        "why_no_pictures": able.why_no_media if able and able.replies and not most else "",
        "takes_files": takes_files,
        "beside": beside,
        "is_full": most and len(beside) >= most,
    }
