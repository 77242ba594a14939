"""Writing a chunk of drafts as a set: who exists, who is new, what differs, who must not be written to.

Everything of a chunk is one transaction, and repeating it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from consent.consenting import withdraw_all
from consent.eligibility import listed_among
from consent.models import Suppression
from consent.suppressing import suppress_all
from contacts.addresses import address_hashes
from contacts.channels import Channel, reached_by
from contacts.history.saying import saying
from contacts.loading import (
    TakenMeanwhileError,
    draw_contact_ids,
    load_people,
    load_roles,
    load_tags,
    load_values,
    open_stage,
    owners_of,
)
from contacts.models import Identity
from contacts.news import contacts_loaded, contacts_made
from contacts.searching import index_new, index_people
from imports.agreeing import write_consents, write_noes
from imports.belonging import write_owners, write_places
from imports.differing import write_differences
from imports.drafts import Draft
from imports.models import ImportRun
from imports.recognising import keys_of, write_identities
from imports.sharing import Users, note_shared, who_is_named

Kind = Identity.Kind
Owners = dict[tuple[int, str], int]
MOST_ROUNDS = 4


class Fate(NamedTuple):
    """What became of a row: its outcome, why or what changed, whose it is; whether its cells belong in the report.

    `is_new`: it made the person, also where the outcome says that they must not be written to.
    """

    word: str
    reason: str = ""
    contact_id: int | None = None
    keeps_cells: bool = False
    is_new: bool = False


@dataclass(slots=True)
class Known:
    """What is known before a chunk is written: who owns its addresses, which of them stand on the suppression list.

    `stops` says why of emails, `erased` are the emails and phones of who was erased.
    """

    owners: Owners = field(default_factory=dict)
    stops: dict[str, str] = field(default_factory=dict)
    users: Users = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)


def write_people(run: ImportRun, drafts: Sequence[Draft]) -> dict[int, Fate]:
    """Create or update the people of these drafts, with consent where the run proves it; line → what became of it.

    Where somebody else writes one of the identities at the same moment, all is taken back and looked at again.
    """
    before = [(len(draft.notes), set(draft.noted)) for draft in drafts]
    for _round in range(MOST_ROUNDS):
        try:
            with transaction.atomic(), saying(run.source, by_id=run.by_id):
                return _write_people(run, drafts)
        except TakenMeanwhileError:
            for draft, (count, noted) in zip(drafts, before, strict=True):
                del draft.notes[count:]
                draft.noted = set(noted)
    raise RuntimeError("Identities kept changing hands while importing.")


def _write_people(run: ImportRun, drafts: Sequence[Draft]) -> dict[int, Fate]:
    open_stage()
    fates = {draft.line: Fate("invalid", draft.error, None, True) for draft in drafts if draft.error}
    usable = [draft for draft in drafts if not draft.error]
    known = look_up(usable)
    if known.erased:
        _leave_out_erased(run, usable, known, fates)
        usable = [draft for draft in usable if draft.line not in fates]
    people: dict[int, int] = {}
    fresh = list[Draft]()
    for draft in usable:
        if (owner := owner_of(draft, known)) is None:
            fresh.append(draft)
        else:
            people[draft.line] = owner
    if run.mode in {ImportRun.Mode.CREATE, ImportRun.Mode.RECORD}:
        fates |= _leave(run, [draft for draft in usable if draft.line in people], people)
        usable, people = fresh, {}
    people |= {draft.line: pk for draft, pk in zip(fresh, draw_contact_ids(len(fresh)), strict=True)}
    is_new = {draft.line for draft in fresh}
    changes = _write_all(run, usable, people, known, is_new)
    for draft in usable:
        stop = bool(known.stops) and any(email in known.stops for email in draft.emails)
        fresh_one = draft.line in is_new
        word = "created" if fresh_one else "updated" if draft.line in changes else "same"
        said = changes.get(draft.line, ()) if not fresh_one else ()
        reason = " ".join([*(f"{one}." for one in said if one), *draft.notes]) if said or draft.notes else ""
        fates[draft.line] = Fate(
            "suppressed" if stop else word, reason, people[draft.line], bool(draft.notes), fresh_one
        )
    return fates


def _leave_out_erased(run: ImportRun, drafts: Sequence[Draft], known: Known, fates: dict[int, Fate]) -> None:
    """Whoever was erased does not come back by a file, nor do their cells by its report."""
    for draft in drafts:
        if not known.erased.isdisjoint(draft.emails or draft.phones):  # families share phones
            fates[draft.line] = Fate("suppressed", _("Erased at their request: not imported again."))
            draft.noted |= run.mapping.keys()


@transaction.atomic
def write_refusals(run: ImportRun, drafts: Sequence[Draft], reason: str) -> dict[int, Fate]:
    """Put the addresses of these drafts on the suppression list; in the unsubscribe mode people also withdraw consent.

    A constant number of statements for the chunk.
    """
    known = look_up([draft for draft in drafts if not draft.error])
    fates: dict[int, Fate] = {}
    for draft in drafts:
        if draft.emails and draft.phones:
            words = _("not put on the list, because the email is")
            draft.note(draft.columns.get("phone", _("Phone")), words)
        lost_email = "email" in draft.columns and not draft.emails  # its phone said nothing about the list
        if draft.error or lost_email or not (draft.emails or draft.phones):
            why = draft.error or " ".join(draft.notes) or _("No address in this row.")
            fates[draft.line] = Fate("invalid", why, None, True)
        else:
            owner = owner_of(draft, known)
            fates[draft.line] = Fate("suppressed", " ".join(draft.notes), owner, bool(draft.notes))
    refused = [draft for draft in drafts if fates[draft.line].word == "suppressed"]
    phones = [phone for draft in refused for phone in draft.phones if not draft.emails]
    emails = [email for draft in refused for email in draft.emails]
    suppress_all(emails, reason=reason, source=run.source)
    for channel in reached_by(Identity.Kind.PHONE):
        suppress_all(phones, channel=channel, reason=reason, source=run.source)
    if run.mode == ImportRun.Mode.UNSUBSCRIBE:
        people = {fate.contact_id for fate in fates.values() if fate.contact_id}
        withdraw_all(people, topic=None, source=run.source)
    return fates


def _write_all(
    run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], known: Known, is_new: set[int]
) -> dict[int, list[str]]:
    """Everything about these people, one piece of news; line → what changed, in words."""
    changes: dict[int, list[str]] = {}
    new = [draft for draft in drafts if draft.line in is_new]
    old = [draft for draft in drafts if draft.line not in is_new]
    fields = {d.line: d.fields | {"email": d.email} if d.emails else d.fields for d in new}
    load_people([(people[line], some) for line, some in fields.items()])
    own = write_identities(run, drafts, people, is_new, known.owners, changes)
    renamed = {people[line] for line in changes}
    load_values(((people[draft.line], draft.custom) for draft in new if draft.custom), are_new=True)
    load_tags([(people[draft.line], tag) for draft in new for tag in draft.tags], source=run.source)
    roles = [(people[draft.line], role) for draft in new if (role := draft.role or run.role)]
    load_roles(roles, source=run.source)
    places = write_places(run, drafts, people, is_new, changes) if any(draft.company for draft in drafts) else {}
    if any(draft.owner_id for draft in drafts):
        write_owners(run, drafts, people, changes)
    index_new(((people[line], some, own[line]) for line, some in fields.items()), places)
    if old:
        renamed |= write_differences(run, old, people, own, changes) | places.keys()
        index_people(sorted(renamed))
    write_consents(run, drafts, people, own, is_new, known.stops, changes)
    if made := sorted(people[line] for line in is_new):
        contacts_made.tell(contact_ids=made)
    if changed := sorted({people[line] for line in changes if line not in is_new}):
        contacts_loaded.tell(contact_ids=changed)
    return changes


def _leave(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int]) -> dict[int, Fate]:
    """Who is known already stays as they are, but for a no that their row says; line → what became of it."""
    changes: dict[int, list[str]] = {}
    write_noes(run, drafts, people, changes)
    fates: dict[int, Fate] = {}
    for draft in drafts:
        draft.noted |= run.mapping.keys()
        said = [f"{one}." for one in changes.get(draft.line, [])]
        reason = " ".join([_("Known already: left as it is."), *said, *draft.notes])
        fates[draft.line] = Fate("updated" if said else "same", reason, people[draft.line], True)
    return fates


def owner_of(draft: Draft, known: Known) -> int | None:
    """Whom the row is about: found by number, else by email, else (with no email: families share phones) by phone.

    What several people use finds the one of them who bears the row's name.
    """
    if not known.owners and not draft.shared:
        return None
    by_trust = ((Kind.EXTERNAL_ID, draft.external_ids), (Kind.EMAIL, draft.emails))
    weak = ((Kind.PHONE, draft.phones), (Kind.HANDLE, draft.handles)) if not draft.emails else ()
    for kind, values in (*by_trust, *weak):
        for value in values:
            key = int(kind), value
            if key not in draft.shared and (owner := known.owners.get(key)) is not None:
                return owner
    return who_is_named(draft, known.users) if draft.shared else None


def look_up(drafts: Sequence[Draft]) -> Known:
    """Owners of every identity in the chunk and what stands on the suppression list: at most four statements."""
    keys = {draft.line: keys_of(draft) for draft in drafts}
    owners = owners_of(dict.fromkeys(key for some in keys.values() for key in some))
    users = note_shared(drafts, keys, owners)
    hidden = address_hashes(email for draft in drafts for email in draft.emails)
    stops: dict[str, str] = {}
    erased = Suppression.Reason.ERASED
    for found, reason in listed_among(list(hidden)):
        stops[hidden[found]] = reason if stops.get(hidden[found]) != erased else stops[hidden[found]]
    alone = address_hashes(phone for draft in drafts if not draft.emails for phone in draft.phones)
    gone = {alone[found] for found, reason in listed_among(list(alone), channel=Channel.MOBILE) if reason == erased}
    return Known(owners, stops, users, gone | {email for email, reason in stops.items() if reason == erased})
