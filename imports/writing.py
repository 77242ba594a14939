"""Writing a chunk of drafts as a set: who exists, who is new, what differs, who must not be written to.

Everything of a chunk is one transaction, and repeating it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from consent.consenting import suppress_all, withdraw_all
from consent.models import Suppression
from contacts.addresses import address_hash
from contacts.channels import Channel
from contacts.models import Identity, Merged
from contacts.news import contacts_changed
from contacts.resolving import Hint, resolve
from contacts.searching import index_people
from imports.agreeing import write_consents, write_noes
from imports.differing import write_differences
from imports.drafts import Draft
from imports.models import ImportRun
from imports.recognising import keys_of, write_identities

Kind = Identity.Kind
Owners = dict[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a row: its outcome, why or what changed, whose it is; whether its cells belong in the report."""

    word: str
    reason: str = ""
    contact_id: int | None = None
    keeps_cells: bool = False


@dataclass(slots=True)
class Known:
    """What is known before a chunk is written: who owns its addresses, which of them stand on the suppression list."""

    owners: Owners = field(default_factory=dict)
    stops: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def write_people(run: ImportRun, drafts: Sequence[Draft]) -> dict[int, Fate]:
    """Create or update the people of these drafts, with consent where the run proves it; line → what became of it."""
    fates = {draft.line: Fate("invalid", draft.error, None, True) for draft in drafts if draft.error}
    usable = [draft for draft in drafts if not draft.error]
    known = _look_up(usable)
    for draft in usable:
        if Suppression.Reason.ERASED in {known.stops.get(email) for email in draft.emails}:
            fates[draft.line] = Fate("suppressed", _("Erased at their request: not imported again."))
            draft.noted |= run.mapping.keys()
    usable = [draft for draft in usable if draft.line not in fates]
    owners = {draft.line: _owner(draft, known.owners) for draft in usable}
    fresh = [draft for draft in usable if owners[draft.line] is None]
    people = {line: owner for line, owner in owners.items() if owner is not None}
    if run.mode == ImportRun.Mode.CREATE:
        fates |= _leave(run, [draft for draft in usable if draft.line in people], people)
        usable, people = fresh, {}
    evidence = f"import: {run.file_name}"[:120]
    if fresh:
        made = resolve([[Hint(*keys_of(draft)[0], evidence=evidence)] for draft in fresh])
        people |= {draft.line: contact for draft, (contact, _identity) in zip(fresh, made, strict=True)}
    is_new = {draft.line for draft in fresh}
    changes = _write_all(run, usable, people, known, is_new)
    for draft in usable:
        stop = any(email in known.stops for email in draft.emails)
        word = "created" if draft.line in is_new else "updated" if draft.line in changes else "same"
        said = changes.get(draft.line, []) if draft.line not in is_new else []
        reason = " ".join([*(f"{one}." for one in said if one), *draft.notes])
        fates[draft.line] = Fate("suppressed" if stop else word, reason, people[draft.line], bool(draft.notes))
    return fates


@transaction.atomic
def write_refusals(run: ImportRun, drafts: Sequence[Draft], reason: str) -> dict[int, Fate]:
    """Put the addresses of these drafts on the suppression list; in the unsubscribe mode people also withdraw consent.

    A constant number of statements for the chunk.
    """
    known = _look_up([draft for draft in drafts if not draft.error])
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
            owner = _owner(draft, known.owners)
            fates[draft.line] = Fate("suppressed", " ".join(draft.notes), owner, bool(draft.notes))
    refused = [draft for draft in drafts if fates[draft.line].word == "suppressed"]
    phones = [phone for draft in refused for phone in draft.phones if not draft.emails]
    emails = [email for draft in refused for email in draft.emails]
    suppress_all(emails, reason=reason, source=run.file_name)
    for channel in (Channel.MOBILE, Channel.CALL):
        suppress_all(phones, channel=channel, reason=reason, source=run.file_name)
    if run.mode == ImportRun.Mode.UNSUBSCRIBE:
        people = {fate.contact_id for fate in fates.values() if fate.contact_id}
        withdraw_all(people, topic=None, source=run.file_name)
    return fates


def _write_all(
    run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], known: Known, is_new: set[int]
) -> dict[int, list[str]]:
    """Everything but the people themselves; line → what changed, in words."""
    changes: dict[int, list[str]] = {}
    first = {keys_of(draft)[0]: people[draft.line] for draft in drafts if draft.line in is_new}
    own = write_identities(run, drafts, people, is_new, known.owners | first, changes)
    write_differences(run, drafts, people, own, is_new, changes)
    write_consents(run, drafts, people, own, is_new, known.stops, changes)
    touched = sorted({people[line] for line in [*changes, *is_new]})
    index_people(touched)
    if touched:
        contacts_changed.tell(contact_ids=touched)
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


def _owner(draft: Draft, owners: Owners) -> int | None:
    """Whom the row is about: found by number, else by email, else (with no email: families share phones) by phone."""
    by_trust = ((Kind.EXTERNAL_ID, draft.external_ids), (Kind.EMAIL, draft.emails))
    weak = ((Kind.PHONE, draft.phones), (Kind.HANDLE, draft.handles)) if not draft.emails else ()
    for kind, values in (*by_trust, *weak):
        for value in values:
            if (owner := owners.get((int(kind), value))) is not None:
                return owner
    return None


def _look_up(drafts: Sequence[Draft]) -> Known:
    """Owners of every identity in the chunk and what stands on the suppression list: three statements."""
    keys = [key for draft in drafts for key in keys_of(draft)]
    values, kinds = sorted({value for _kind, value in keys}), sorted({kind for kind, _value in keys})
    rows = Identity.objects.filter(value__in=values, kind__in=kinds).values_list("kind", "value", "contact_id")
    owners = {(kind, value): contact for kind, value, contact in rows}
    links = dict(Merged.objects.filter(loser__in=set(owners.values())).values_list("loser_id", "survivor_id"))
    hidden = {address_hash(email): email for draft in drafts for email in draft.emails}
    stops: dict[str, str] = {}
    listed = Suppression.objects.filter(channel=Channel.EMAIL, address_hash__in=list(hidden), lifted_at=None)
    for found, reason in listed.values_list("address_hash", "reason"):
        stops[hidden[found]] = reason if stops.get(hidden[found]) != Suppression.Reason.ERASED else stops[hidden[found]]
    return Known({key: links.get(contact, contact) for key, contact in owners.items()}, stops)
