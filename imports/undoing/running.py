"""Undoing an import: for 30 days, counted first, in the background, each slice once, going on after a kill.

What the run wrote is found by its source. Where others said or did something since, theirs stays and is counted.
"""

from collections import Counter
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from consent.listed import take_back_asking
from consent.models import Consent
from consent.news import consent_changed
from consent.settling import undo_words
from consent.tracking import undo_tracking
from contacts.models import Contact
from contacts.news import contacts_changed
from contacts.searching import index_people
from contacts.sharing import unshare
from imports.models import ImportedRow, ImportRun
from imports.starting import WORK
from imports.undoing.companies import companies_said_by, put_roles_back, remove_companies
from imports.undoing.facts import take_back_records
from imports.undoing.fields import people_made, put_fields_back, take_marks_away
from imports.undoing.people import remove_people, touched_since
from lib.clock import now
from lib.local_words import number
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.models import User

State = ImportRun.State
UNDO_FOR = timedelta(days=30)
CHUNK, ENTRIES = 1_000, 5_000
AT_ONCE = 2_000  # rows that are counted while somebody waits
UNDOING = {State.COUNTING, State.UNDOING}
ENDED = {State.DONE, State.FAILED, State.PAUSED}


class CannotUndoError(ValueError):
    """This import cannot be undone; the text says why."""


def undo_until(run: ImportRun) -> datetime:
    """When its 30 days are over."""
    return (run.finished_at or run.started_at or run.created_at) + UNDO_FOR


def why_not(run: ImportRun) -> str:
    """Why this import cannot be undone now, in a sentence; "" where it can."""
    if run.state == State.UNDONE:
        return _("This import is undone already.")
    if run.state in UNDOING:
        return _("This is going on already.")
    if run.state not in ENDED:
        return _("This import is not done yet. Pause it, or wait until it is done, then undo it.")
    if now() >= undo_until(run):
        return _("30 days are over: this import can no longer be undone.")
    return "" if run.rows_done else _("Nothing came in by this import.")


@transaction.atomic
def count_undo(run: ImportRun) -> ImportRun:
    """Find out what undoing would do: at once for a few rows, else in the background. Nothing changes. CannotUndoError."""
    run = _held(run)
    run.undo = {"was": run.state}
    run.state = State.COUNTING
    run.save(update_fields=["state", "undo"])
    if run.rows_done <= AT_ONCE:
        while undo_slice(run, seconds=60):
            run.refresh_from_db()
        run.refresh_from_db()
    else:
        agenda.set_due(WORK)
    return run


@transaction.atomic
def undo_import(run: ImportRun, *, by: User | None) -> ImportRun:
    """Begin to undo it. CannotUndoError, also the second time."""
    run = _held(run)
    run.undo = {"by": by.pk if by else None, "counted": run.undo.get("counts", {})}
    run.state = State.UNDOING
    run.save(update_fields=["state", "undo"])
    audit("contacts.import_undone", by=by, target=run, rows=run.rows_done)
    agenda.set_due(WORK)
    return run


@transaction.atomic
def undo_slice(run: ImportRun, *, seconds: float) -> bool:
    """Go on counting or undoing for about `seconds`; True when more is to do. Holds the run: what is done is done once."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in UNDOING:
        return False
    until, is_more = monotonic() + seconds, _step(run)
    while is_more and monotonic() < until:
        is_more = _step(run)
    if not is_more and run.state == State.COUNTING:
        run.state = run.undo.pop("was")
        run.undo["counted_at"] = now().isoformat()
    elif not is_more:
        unshare(run.source)
        run.state = State.UNDONE
        run.undo["at"] = now().isoformat()
    run.save(update_fields=["state", "undo"])
    return is_more


def said_of_undo(counts: dict[str, int]) -> list[tuple[str, str]]:
    """What is or will be, in words: (number, what)."""
    return [(number(counts[name]), str(words)) for name, words in _words().items() if counts.get(name)]


def _words() -> dict[str, str]:
    return {
        "facts": _("purchases, refunds and visits no longer count"),
        "records_stay": _("orders and visits stay as another file tells them"),
        "removed": _("people that it made are removed"),
        "kept": _("people that it made stay: somebody or something else knows them by now"),
        "fields": _("fields go back to what they were"),
        "fields_kept": _("fields stay: somebody else changed them since"),
        "tags": _("tags go"),
        "roles": _("roles go"),
        "companies": _("places at companies that it added go"),
        "roles_back": _("roles at companies go back to what they were"),
        "roles_kept": _("roles at companies stay: somebody else wrote there since"),
        "companies_removed": _("companies that it made and nobody is at are removed"),
        "identities": _("addresses, numbers and handles that it added go"),
        "words": _("words of consent read as never said"),
        "tracking": _("words about measuring read as never said"),
        "lifted": _("addresses leave the suppression list"),
        "still_listed": _("addresses stay on the suppression list: something else asks for it"),
    }


def _held(run: ImportRun) -> ImportRun:
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if why := why_not(run):
        raise CannotUndoError(why)
    return run


def _step(run: ImportRun) -> bool:
    """One chunk: of the suppression list, then of orders and visits, then of the rows. Counting takes it back again."""
    place, counts = dict(run.undo.get("place", {})), Counter(run.undo.get("counts", {}))
    with transaction.atomic():
        is_more = _next_step(run, place, counts)
        if run.state == State.COUNTING:
            transaction.set_rollback(True)
    run.undo["place"], run.undo["counts"] = place, dict(counts)
    return is_more


def _next_step(run: ImportRun, place: dict[str, Any], counts: Counter[str]) -> bool:
    if not place.get("is_lifted"):
        return _lift(run, place, counts)
    if run.holds != ImportRun.Holds.PEOPLE and not place.get("is_settled"):
        take_back_records(run, place, counts)
        return True
    return _undo_rows(run, place, counts)


def _lift(run: ImportRun, place: dict[str, Any], counts: Counter[str]) -> bool:
    found = take_back_asking(run.source, after=place.get("entry", 0), limit=ENTRIES)
    counts.update(lifted=found.lifted, still_listed=found.kept)
    place["entry"], place["is_lifted"] = found.after, int(found.seen < ENTRIES)
    return True


def _undo_rows(run: ImportRun, place: dict[str, Any], counts: Counter[str]) -> bool:
    rows = ImportedRow.objects.filter(run=run, line__gt=place.get("line", 0)).order_by("line")
    some = list(rows.values_list("line", "contact_id_made")[:CHUNK])
    if not some:
        return False
    named = {contact for _line, contact in some if contact}
    people = Contact.objects.select_for_update().filter(pk__in=named, erased_at=None).order_by("pk")
    ids = list(people.values_list("pk", flat=True))
    made, companies = people_made(ids, run), companies_said_by(ids, run)
    gone = _undo_people(run, made, counts)
    stay = [pk for pk in ids if pk not in gone]
    _undo_what_was_said(run, stay, counts)
    _undo_fields(run, [pk for pk in stay if pk not in made], counts)
    counts.update(companies_removed=remove_companies(companies))
    if stay and counts["lifted"]:
        consent_changed.tell(contact_ids=stay)
    place["line"], place["done"] = some[-1][0], place.get("done", 0) + len(some)
    return True


def _undo_people(run: ImportRun, made: set[int], counts: Counter[str]) -> set[int]:
    """Who of those whom the run made is gone."""
    free = made - (touched_since(made, run) if made else set())
    is_foreseen = run.state == State.COUNTING and run.holds != ImportRun.Holds.PEOPLE  # their facts still stand then
    removed = free if is_foreseen else remove_people(free, run)
    counts.update(removed=len(removed), kept=len(made) - len(removed))
    return removed


def _undo_what_was_said(run: ImportRun, people: list[int], counts: Counter[str]) -> None:
    words = Consent.objects.filter(contact__in=people, source=run.source)
    standing = words.filter(state__in=[Consent.State.GIVEN, Consent.State.WITHDRAWN])
    undone = words.filter(state=Consent.State.UNDONE).values_list("undoes_id", flat=True)
    ids = list(standing.exclude(pk__in=list(undone)).values_list("pk", flat=True))
    undo_words(ids, by_id=run.undo.get("by"))
    tracking = undo_tracking(people, source=run.source, by_id=run.undo.get("by"))
    counts.update(words=len(ids), tracking=len(tracking))


def _undo_fields(run: ImportRun, people: list[int], counts: Counter[str]) -> None:
    if not people:
        return
    back, kept = put_fields_back(people, run)
    roles, roles_kept = put_roles_back(people, run)
    counts.update(roles_back=roles, roles_kept=roles_kept)
    counts.update(fields=back, fields_kept=kept, **take_marks_away(people, run))
    index_people(people)
    contacts_changed.tell(contact_ids=people)
