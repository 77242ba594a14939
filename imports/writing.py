"""Writing a chunk of drafts as a set: who exists, who is new, what differs, who must not be written to.

Everything of a chunk is one transaction, and repeating it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from consent.consenting import give_all, suppress_all, withdraw_all
from consent.models import Suppression, Topic
from contacts.addresses import address_hash
from contacts.channels import Channel
from contacts.enriching import enrich
from contacts.fields import Place, is_own, names_at
from contacts.models import AudienceRole, Contact, FieldValue, Identity, Merged, Tag
from contacts.news import contacts_changed
from contacts.resolving import Hint, resolve
from contacts.searching import index_people
from imports.drafts import Draft
from imports.models import ImportRun
from lib.clock import now

Kind = Identity.Kind
Outcome = dict[int, tuple[str, str, int | None]]  # line → (outcome, reason, contact id)


@dataclass(slots=True)
class Known:
    """What is known before a chunk is written."""

    owners: dict[tuple[int, str], int]
    stops: dict[str, str]


@transaction.atomic
def write_people(run: ImportRun, drafts: Sequence[Draft]) -> Outcome:
    """Create or update the people of these drafts, with consent where the run proves it; line → what became of it."""
    outcome: Outcome = {draft.line: ("invalid", draft.error, None) for draft in drafts if draft.error}
    usable = [draft for draft in drafts if not draft.error]
    known = _look_up(usable)
    erased = Suppression.Reason.ERASED
    for draft in usable:
        if known.stops.get(draft.email) == erased:
            outcome[draft.line] = ("suppressed", _("Erased at their request: not imported again."), None)
    usable = [draft for draft in usable if draft.line not in outcome]
    owners = {draft.line: _owner(draft, known.owners) for draft in usable}
    fresh = [draft for draft in usable if owners[draft.line] is None]
    people = {line: owner for line, owner in owners.items() if owner is not None}
    made = (
        resolve([[Hint(*_keys(draft)[0], evidence=f"import: {run.file_name}"[:120])] for draft in fresh])
        if fresh
        else []
    )
    people |= {draft.line: contact for draft, (contact, _identity) in zip(fresh, made, strict=True)}
    is_new = {draft.line for draft in fresh}
    if run.mode == ImportRun.Mode.CREATE:
        usable = [draft for draft in usable if draft.line in is_new]
        outcome |= {
            line: ("same", _("Known already: left as it is."), who)
            for line, who in people.items()
            if line not in is_new
        }
    changed = _write_differences(run, usable, people)
    changed |= _write_consents(run, usable, people, known)
    touched = sorted({people[line] for line in changed | is_new})
    index_people(touched)
    if touched:
        contacts_changed.tell(contact_ids=touched)
    for draft in usable:
        word = "created" if draft.line in is_new else "updated" if draft.line in changed else "same"
        stop = known.stops.get(draft.email)
        if stop:
            draft.notes.append(_("On the suppression list: no consent taken over."))
        outcome[draft.line] = ("suppressed" if stop else word, " ".join(draft.notes)[:300], people[draft.line])
    return outcome


@transaction.atomic
def write_refusals(run: ImportRun, drafts: Sequence[Draft], reason: str) -> Outcome:
    """Put the addresses of these drafts on the suppression list; in the unsubscribe mode people also withdraw consent.

    A constant number of statements for the chunk.
    """
    known = _look_up([draft for draft in drafts if not draft.error])
    outcome: Outcome = {}
    for draft in drafts:
        if draft.error or not (draft.email or draft.phone):
            outcome[draft.line] = ("invalid", draft.error or _("No address in this row."), None)
        else:
            outcome[draft.line] = ("suppressed", " ".join(draft.notes)[:300], _owner(draft, known.owners))
    refused = [draft for draft in drafts if outcome[draft.line][0] == "suppressed"]
    phones = [draft.phone for draft in refused if not draft.email]
    suppress_all([draft.email for draft in refused if draft.email], reason=reason, source=run.file_name)
    for channel in (Channel.MOBILE, Channel.CALL):
        suppress_all(phones, channel=channel, reason=reason, source=run.file_name)
    if run.mode == ImportRun.Mode.UNSUBSCRIBE:
        people = {contact for _word, _reason, contact in outcome.values() if contact}
        withdraw_all(people, topic=None, source=run.file_name)
    return outcome


def _keys(draft: Draft) -> list[tuple[int, str]]:
    """The identities that a draft names, the one a new person is made by first."""
    keys = (
        (Kind.EMAIL, draft.email),
        (Kind.EXTERNAL_ID, draft.external_id),
        (Kind.PHONE, draft.phone),
        (Kind.HANDLE, draft.handle),
    )
    return [(int(kind), value) for kind, value in keys if value]


def _owner(draft: Draft, owners: dict[tuple[int, str], int]) -> int | None:
    """Whom the row is about: found by email, else by number, else (with no email: families share phones) by phone."""
    by_mail = owners.get((int(Kind.EMAIL), draft.email)) if draft.email else None
    by_number = owners.get((int(Kind.EXTERNAL_ID), draft.external_id)) if draft.external_id else None
    if by_mail or by_number:
        return by_mail or by_number
    by_phone = owners.get((int(Kind.PHONE), draft.phone)) if draft.phone and not draft.email else None
    return by_phone or (owners.get((int(Kind.HANDLE), draft.handle)) if draft.handle and not draft.email else None)


def _look_up(drafts: Sequence[Draft]) -> Known:
    """Owners of every identity in the chunk and what stands on the suppression list: three statements."""
    values: dict[int, set[str]] = {
        Kind.EMAIL: {draft.email for draft in drafts}, Kind.EXTERNAL_ID: {draft.external_id for draft in drafts},
        Kind.PHONE: {draft.phone for draft in drafts}, Kind.HANDLE: {draft.handle for draft in drafts},
    }  # fmt: skip
    every = sorted(set().union(*values.values()) - {""})
    rows = Identity.objects.filter(value__in=every, kind__in=list(values)).values_list("kind", "value", "contact_id")
    owners = {(kind, value): contact for kind, value, contact in rows}
    links = dict(Merged.objects.filter(loser__in=set(owners.values())).values_list("loser_id", "survivor_id"))
    hidden = {address_hash(email): email for email in values[Kind.EMAIL] if email}
    stops: dict[str, str] = {}
    listed = Suppression.objects.filter(channel=Channel.EMAIL, address_hash__in=list(hidden), lifted_at=None)
    for found, reason in listed.values_list("address_hash", "reason"):
        stops[hidden[found]] = reason if stops.get(hidden[found]) != Suppression.Reason.ERASED else stops[hidden[found]]
    return Known({key: links.get(contact, contact) for key, contact in owners.items()}, stops)


def _write_differences(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int]) -> set[int]:
    """Own and custom fields, tags, roles, further identities: only what differs. Returns the lines that changed."""
    ids = [people[draft.line] for draft in drafts]
    own = Contact.objects.filter(pk__in=ids).values("id", *names_at(Place.IMPORT))
    have: dict[int, dict[str, Any]] = {row["id"]: row for row in own}
    custom = {(row.contact_id, row.name): row for row in FieldValue.objects.filter(contact__in=ids)}
    changed, profiles = set(), []
    for draft in drafts:
        contact = have[people[draft.line]]
        wanted: dict[str, Any] = dict(draft.fields)
        if draft.email and not contact["email"]:
            wanted["email"] = draft.email
        differs = {name: value for name, value in wanted.items() if value and contact.get(name) != value}
        differs |= {
            name: value
            for name, value in draft.custom.items()
            if not is_own(name) and _differs(custom.get((contact["id"], name)), value)
        }
        if differs:
            changed.add(draft.line)
            profiles.append((contact["id"], differs))
            contact |= {name: value for name, value in differs.items() if is_own(name)}
    enrich(profiles)
    return (
        changed
        | _write_tags(drafts, people)
        | _write_roles(run, drafts, people)
        | _write_identities(run, drafts, people)
    )


def _differs(row: FieldValue | None, value: Any) -> bool:
    if row is None:
        return True
    if isinstance(value, bool):
        return row.text != ("yes" if value else "no")
    if isinstance(value, int | float):
        return row.number != float(value)
    if hasattr(value, "year"):
        return bool(row.moment != value)
    return row.text != str(value).replace("\0", "").strip()[:500]


def _write_tags(drafts: Sequence[Draft], people: dict[int, int]) -> set[int]:
    ids = [people[draft.line] for draft in drafts if draft.tags]
    have = set(Tag.objects.filter(contact__in=ids).values_list("contact_id", "name"))
    missing = [(d.line, people[d.line], tag) for d in drafts for tag in d.tags if (people[d.line], tag) not in have]
    Tag.objects.bulk_create([Tag(contact_id=who, name=tag) for _line, who, tag in missing], ignore_conflicts=True)
    return {line for line, _who, _tag in missing}


def _write_roles(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int]) -> set[int]:
    wanted = {(people[d.line], role): d.line for d in drafts if (role := d.role or run.role)}
    ids = {who for who, _role in wanted}
    have = set(AudienceRole.objects.filter(contact__in=ids, until=None).values_list("contact_id", "role"))
    missing = {pair: line for pair, line in wanted.items() if pair not in have}
    source = f"import: {run.file_name}"[:80]
    rows = [AudienceRole(contact_id=who, role=role, source=source) for who, role in missing]
    AudienceRole.objects.bulk_create(rows, ignore_conflicts=True)
    return set(missing.values())


def _write_identities(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int]) -> set[int]:
    """Further ways to recognise people. What belongs to somebody else stays there, and the row says so."""
    wanted = [(draft, kind, value) for draft in drafts for kind, value in _keys(draft)]
    values = [value for _draft, _kind, value in wanted]

    def held() -> dict[tuple[int, str], int]:
        rows = Identity.objects.filter(value__in=values).values_list("kind", "value", "contact_id")
        return {(kind, value): contact for kind, value, contact in rows}

    before = held()
    evidence = f"import: {run.file_name}"[:120]
    rows = [
        Identity(contact_id=people[d.line], kind=k, value=v, evidence=evidence)
        for d, k, v in wanted
        if (k, v) not in before
    ]
    Identity.objects.bulk_create(rows, ignore_conflicts=True)
    after = held() if rows else before
    links = dict(Merged.objects.filter(loser__in=set(after.values())).values_list("loser_id", "survivor_id"))
    for draft, kind, value in wanted:
        owner = after.get((kind, value))
        if owner is not None and links.get(owner, owner) != people[draft.line]:
            label = Kind(kind).label
            draft.notes.append(
                _("The %(kind)s belongs to contact %(number)s: left there.") % {"kind": label, "number": owner}
            )
    return {d.line for d, k, v in wanted if (k, v) not in before and after.get((k, v)) == people[d.line]}


def _write_consents(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], known: Known) -> set[int]:
    """Opt-outs that the file names, and consents that the run proves. Nobody's no is overruled."""
    changed = set()
    for channel in sorted({channel for draft in drafts for channel in draft.opted_out}):
        lines = {draft.line: people[draft.line] for draft in drafts if channel in draft.opted_out}
        added = withdraw_all(lines.values(), topic=None, channel=channel, source=run.file_name)
        changed |= {line for line, contact in lines.items() if contact in added}
    topic = Topic.objects.filter(key=run.topic_key).first() if run.topic_key else None
    if topic is None:
        return changed
    wanted = [d for d in drafts if d.email and Channel.EMAIL not in d.opted_out and d.email not in known.stops]
    said = [(people[d.line], d.opted_in_at or now(), d.opted_in_ip) for d in wanted]
    given = give_all(said, topic=topic, basis=run.basis, wording=run.proof, source=run.file_name)
    return changed | {d.line for d in wanted if people[d.line] in given}
