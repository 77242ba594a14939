"""Tracking: how far we may measure what people do with our emails. A purpose of its own, asked and withdrawn apart.

What holds is asked when a picture or a link is fetched, so that a no counts for every email that was ever sent.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction

from consent.consenting import NoProofError, Proof, keep_wording, proof_columns
from consent.models import TrackingConsent
from consent.news import tracking_changed
from contacts.merging import everyone_in
from contacts.models import Contact
from lib.clock import now
from lib.once import once_a_page
from lib.sql import array_of, load_sql, run_sql
from workspaces.current import current_workspace, current_workspace_id
from workspaces.tracking_mode import TrackingMode


def tracking_modes(contact_ids: Iterable[int]) -> dict[int, TrackingMode]:
    """How far each of these may be measured now. At most one statement.

    What the person said last, of several people merged into one the least; else the workspace's usual way. Whoever may
    not be scored, is erased or unknown is left out, and everybody where the brand measures nothing.
    """
    ids, usual = sorted(set(contact_ids)), TrackingMode(current_workspace().mail_tracking)
    if usual == TrackingMode.NONE or not ids:
        return {}
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(ids),
        "usual": int(usual),
    }
    found = run_sql("consent/tracking_modes", params, standing=_standing("members.id"), newest=_newest())
    return {contact: TrackingMode(mode) for contact, mode in found}


def may_measure_sql(contact: str) -> str:
    """A condition: opens and clicks of this contact (a column) may be written down now. Needs `may_measure_params`."""
    return load_sql("consent/may_measure", contact=contact, standing=_standing(contact), newest=_newest())


def may_measure_params() -> dict[str, Any]:
    """What `may_measure_sql` needs beside the workspace."""
    return {"usual_mode": current_workspace().mail_tracking, "full_mode": int(TrackingMode.FULL)}


def _standing(contact: str) -> str:
    return load_sql("consent/standing_about_tracking", contact=contact)


def _newest() -> str:
    return load_sql("consent/newest_about_tracking")


def tracking_word(contact: Contact) -> TrackingConsent | None:
    """The word that counts of the person: of each address the newest of their own, else of the files that spoke for them
    the one that allows least; of several addresses again the one that allows least. None: never said. Two statements.
    """
    rows = _ever_said(contact.pk)
    undone = {row.undoes_id for row in rows}
    voices: dict[str | int, list[TrackingConsent]] = {}
    for row in rows:
        if row.undoes_id is None and row.pk not in undone:
            voices.setdefault(row.contact.email or row.contact_id, []).append(row)
    words = [
        next((row for row in said if not row.from_file), None) or min(said, key=_mode_of) for said in voices.values()
    ]
    return min((row for row in words if row.mode is not None), key=_mode_of, default=None)


def tracking_history(contact: Contact) -> list[TrackingConsent]:
    """All that was ever said about it, newest first, of everybody merged into the person."""
    return _ever_said(contact.pk)[:200]


@once_a_page
def _ever_said(contact_id: int) -> list[TrackingConsent]:
    rows = TrackingConsent.objects.filter(contact__in=everyone_in(contact_id)).select_related("wording", "contact")
    return list(rows.order_by("-at", "-id"))


@transaction.atomic
def say_tracking(
    contact: Contact,
    mode: int | None,
    *,
    wording: str = "",
    at: datetime | None = None,
    **proof: Unpack[Proof],
) -> bool:
    """Write down how far the person lets us measure, with its proof; returns whether that is new.

    None takes back what they said: the workspace's usual way holds. Where they allowed less before, only the person can
    allow more, by a word or by taking one back: that needs the moment (`touchpoint_id`) or the page on which they said
    it, else NoProofError.
    """
    before, moment = tracking_word(contact), at or now()
    may_go = before is not None and before.from_file
    if (before.mode if before else None) == mode and not may_go:
        return False
    then = current_workspace().mail_tracking if mode is None else mode
    allows_more = before is not None and before.mode is not None and then > before.mode
    first_hand = bool(proof.get("touchpoint_id") or proof.get("page", "").strip())
    if before is not None and allows_more and (not first_hand or moment < before.at):
        raise NoProofError("They allowed less; more needs the moment or the page on which they said it.")
    TrackingConsent.objects.create(
        contact=contact, mode=mode, wording=keep_wording(wording), at=moment, **proof_columns(proof)
    )
    tracking_changed.tell(contact_ids=[contact.pk])
    return True


def _mode_of(row: TrackingConsent) -> int:
    return row.mode or 0


@transaction.atomic
def say_tracking_for_all(
    contact_ids: Collection[int], mode: int, *, wording: str = "", source: str = "", are_new: bool = False
) -> set[int]:
    """The same word for each of these who said nothing themselves, from a file; returns whose is new, or less than files
    allowed before.

    One statement, whatever the number; may be repeated. Nobody's own word is overruled, and a file never allows more
    than another that stands.
    """
    if not contact_ids:
        return set()
    sentence = keep_wording(wording)
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(sorted(set(contact_ids))),
        "mode": int(mode),
        "wording": sentence.pk if sentence else None,
        "source": source[:120],
        "now": now(),
    }
    added = {row[0] for row in run_sql("consent/say_tracking", params, standing=_standing("c.id"))}
    if added and not are_new:
        tracking_changed.tell(contact_ids=sorted(added))
    return added


@transaction.atomic
def undo_tracking(contact_ids: Collection[int], *, source: str, by_id: int | None = None) -> set[int]:
    """What this file said of measuring these people was never said: the other words count that stand. Returns whose.

    A constant number of statements. May be repeated; returns nobody the second time.
    """
    rows = TrackingConsent.objects.filter(contact__in=list(contact_ids), from_file=True, source=source[:120])
    return undo_tracking_words(list(rows.filter(undoes_id=None).values_list("pk", flat=True)), by_id=by_id)


@transaction.atomic
def undo_tracking_words(word_ids: Collection[int], *, by_id: int | None = None) -> set[int]:
    """These words were never said. Returns whose they were. One statement; may be repeated."""
    if not word_ids:
        return set()
    params = {"words": array_of(sorted(word_ids)), "by": by_id, "now": now()}
    whose = {row[0] for row in run_sql("consent/undo_tracking", params | {"workspace": current_workspace_id()})}
    if whose:
        tracking_changed.tell(contact_ids=sorted(whose))
    return whose
