"""Writing a chunk of drafts as a set: who exists, who is new, what differs, who must not be written to.

Everything of a chunk is one transaction, and repeating it changes nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.addresses import address_hash
from contacts.consenting import keep_wording, suppress, withdraw_consent
from contacts.enriching import FIELDS, enrich
from contacts.importing.consents import give_in_set
from contacts.importing.drafts import Draft
from contacts.models import AudienceRole, Channel, Contact, Identity, ImportRun, Merged, Suppression, Tag, Topic, Trait
from contacts.news import contacts_changed
from contacts.resolving import Hint, resolve
from contacts.searching import index_people

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
            outcome[draft.line] = ("suppressed", _("Erased at their wish: not taken in again."), None)
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
    changed |= _write_words(run, usable, people, known)
    touched = sorted({people[line] for line in changed | is_new})
    index_people(touched)
    if touched:
        contacts_changed.send(sender=ImportRun, contact_ids=touched)
    for draft in usable:
        word = "created" if draft.line in is_new else "updated" if draft.line in changed else "same"
        stop = known.stops.get(draft.email)
        if stop:
            draft.notes.append(_("On the do-not-contact list: no consent taken over."))
        outcome[draft.line] = ("suppressed" if stop else word, " ".join(draft.notes)[:300], people[draft.line])
    return outcome


@transaction.atomic
def write_refusals(run: ImportRun, drafts: Sequence[Draft], reason: str) -> Outcome:
    """Put the addresses of these drafts on the do-not-contact list; people we know also take their consent back."""
    known = _look_up([draft for draft in drafts if not draft.error])
    outcome: Outcome = {}
    for draft in drafts:
        if draft.error or not (draft.email or draft.phone):
            outcome[draft.line] = ("invalid", draft.error or _("No address in this row."), None)
            continue
        contact_id = _owner(draft, known.owners)
        if draft.email:
            suppress(draft.email, reason=reason, source=run.file_name)
        else:
            for channel in (Channel.MOBILE, Channel.CALL):
                suppress(draft.phone, channel=channel, reason=reason, source=run.file_name)
        if contact_id and run.mode == ImportRun.Mode.UNSUBSCRIBE:
            withdraw_consent(Contact.objects.get(pk=contact_id), topic=None, source=run.file_name)
        outcome[draft.line] = ("suppressed", " ".join(draft.notes)[:300], contact_id)
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
    """Whom the row is about: found by e-mail, else by number, else (with no e-mail: families share phones) by phone."""
    by_mail = owners.get((int(Kind.EMAIL), draft.email)) if draft.email else None
    by_number = owners.get((int(Kind.EXTERNAL_ID), draft.external_id)) if draft.external_id else None
    if by_mail or by_number:
        return by_mail or by_number
    by_phone = owners.get((int(Kind.PHONE), draft.phone)) if draft.phone and not draft.email else None
    return by_phone or (owners.get((int(Kind.HANDLE), draft.handle)) if draft.handle and not draft.email else None)


def _look_up(drafts: Sequence[Draft]) -> Known:
    """Owners of every identity in the chunk and what stands on the do-not-contact list: three statements."""
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
    """Fields, fields of ours, tags, roles, further identities: only what differs. Returns the lines that changed."""
    ids = [people[draft.line] for draft in drafts]
    have = {row["id"]: row for row in Contact.objects.filter(pk__in=ids).values("id", *FIELDS)}
    traits = {(t.contact_id, t.name): t for t in Trait.objects.filter(contact__in=ids)}
    changed, profiles = set(), []
    for draft in drafts:
        contact = have[people[draft.line]]
        wanted: dict[str, Any] = dict(draft.fields)
        if draft.email and not contact["email"]:
            wanted["email"] = draft.email
        differs = {name: value for name, value in wanted.items() if value and contact.get(name) != value}
        differs |= {
            n: v for n, v in draft.traits.items() if n not in FIELDS and _differs(traits.get((contact["id"], n)), v)
        }
        if differs:
            changed.add(draft.line)
            profiles.append((contact["id"], differs))
            contact |= {name: value for name, value in differs.items() if name in FIELDS}
    enrich(profiles)
    return (
        changed
        | _write_tags(drafts, people)
        | _write_roles(run, drafts, people)
        | _write_identities(run, drafts, people)
    )


def _differs(trait: Trait | None, value: Any) -> bool:
    if trait is None:
        return True
    if isinstance(value, bool):
        return trait.text != ("yes" if value else "no")
    if isinstance(value, int | float):
        return trait.number != float(value)
    if hasattr(value, "year"):
        return bool(trait.moment != value)
    return trait.text != str(value).replace("\0", "").strip()[:500]


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


def _write_words(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], known: Known) -> set[int]:
    """Opt-outs that the file names, and consents that the run proves. Nobody's no is overruled."""
    changed = set()
    for draft in drafts:
        for channel in sorted(draft.opted_out):
            contact = Contact.objects.get(pk=people[draft.line])
            before = Counter(contact.consents.values_list("channel", flat=True))
            withdraw_consent(contact, topic=None, channel=channel, source=run.file_name)
            if before != Counter(contact.consents.values_list("channel", flat=True)):
                changed.add(draft.line)
    topic = Topic.objects.filter(key=run.topic_key).first() if run.topic_key else None
    if topic is None:
        return changed
    wanted = [d for d in drafts if d.email and Channel.EMAIL not in d.opted_out and d.email not in known.stops]
    words = [(people[d.line], d.opted_in_at or timezone.now(), d.opted_in_ip) for d in wanted]
    given = give_in_set(words, topic=topic, basis=run.basis, wording=keep_wording(run.proof), source=run.file_name)
    return changed | {d.line for d in wanted if people[d.line] in given}
