"""Whose the orders and visits of a chunk are: found by what their rows say, made where the run makes people."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from imports.drafts import Draft
from imports.models import ImportRun
from imports.twins import told_apart
from imports.writing import Fate, look_up, owner_of, write_people


class Whose(NamedTuple):
    """Whose a row is, or why it is nobody's; `is_new`: the run made them by this row."""

    contact_id: int | None
    fate: Fate | None = None
    is_new: bool = False


def find_people(drafts: Sequence[Draft]) -> dict[int, Whose]:
    """Line → who is known by it, or must not come back; nothing for a row of somebody new. At most three statements."""
    known = look_up(drafts)
    found: dict[int, Whose] = {}
    for draft in drafts:
        if not known.erased.isdisjoint(draft.emails or draft.phones):
            words = _("Erased at their request: not imported again.")
            found[draft.line] = Whose(None, Fate("suppressed", words))
        elif (owner := owner_of(draft, known)) is not None:
            found[draft.line] = Whose(owner)
    return found


def make_people(run: ImportRun, drafts: Sequence[Draft]) -> dict[int, Whose]:
    """Make contacts of these, who are known by nothing yet; line → who they are now. Consent only as the run states it.

    Rows that name one person make one. A run that makes nobody says so.
    """
    if run.mode != ImportRun.Mode.RECORD:
        words = _("We do not know this person, and this import makes nobody.")
        return {draft.line: Whose(None, Fate("nobody", words, None, True)) for draft in drafts}
    first: dict[str, Draft] = {}
    for draft in drafts:
        first.setdefault(told_apart(draft, draft.key), draft)
    fates = write_people(run, list(first.values())) if first else {}
    return {draft.line: _whose(draft, first, fates) for draft in drafts}


def _whose(draft: Draft, first: Mapping[str, Draft], fates: Mapping[int, Fate]) -> Whose:
    maker = first[told_apart(draft, draft.key)]
    fate = fates[maker.line]
    if fate.contact_id is None:
        return Whose(None, fate)
    return Whose(fate.contact_id, None, maker.line == draft.line and fate.is_new)
