"""Fields, tags and roles of a chunk of rows: only what differs is written, by the rule of each column."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from contacts.enriching import Written, enrich, number_text
from contacts.fields import Place, fields_at, names_at
from contacts.models import Audience, AudienceRole, Contact, FieldValue, Identity, Tag
from imports.drafts import OF_THE_FILE, Draft
from imports.models import ImportRun
from imports.recognising import Key, rule_of
from imports.sniffing import MOST_COLUMNS
from imports.targets import ALWAYS

LONGEST_SHOWN = 80
Changes = dict[int, list[str]]


def write_differences(
    run: ImportRun,
    drafts: Sequence[Draft],
    people: dict[int, int],
    own: dict[int, set[Key]],
    is_new: set[int],
    changes: Changes,
) -> None:
    """Own and custom fields, tags and roles; to `changes` is added, in words, what changed on which line."""
    old = [people[draft.line] for draft in drafts if draft.line not in is_new]
    rows = Contact.objects.filter(pk__in=old).values("id", *names_at(Place.IMPORT)) if old else ()
    have: dict[int, dict[str, Any]] = {row["id"]: row for row in rows}
    stored = FieldValue.objects.filter(contact__in=old) if old else ()
    custom = {(row.contact_id, row.name): _kept(row) for row in stored}
    labels = {one.name: str(one.label) for one in fields_at(Place.IMPORT)}
    profiles = list[tuple[int, dict[str, Any]]]()
    for draft in drafts:
        person = people[draft.line]
        wanted: dict[str, Any] = dict(draft.fields)
        has_email = (int(Identity.Kind.EMAIL), draft.email) in own[draft.line]
        if draft.line in is_new:
            profiles.append((person, wanted | ({"email": draft.email} if has_email else {}) | draft.custom))
            continue
        contact = have[person]
        if has_email and not contact["email"]:
            wanted["email"] = draft.email
        said, differs = list[str](), dict[str, Any]()
        for name, value in wanted.items():
            if _is_new(run, draft, name, labels[name], contact.get(name) or "", value, said):
                differs[name] = contact[name] = value
        for name, value in draft.custom.items():
            before, after = custom.get((person, name)), _kept(value)
            if before != after and _is_new(run, draft, name, name, before[0] if before else "", after[0], said):
                differs[name], custom[person, name] = value, after
        if differs:
            changes.setdefault(draft.line, []).extend(said)
            profiles.append((person, differs))
    enrich(profiles, most=2 * MOST_COLUMNS)
    _write_tags(drafts, people, changes)
    _write_roles(run, drafts, people, changes)


def _is_new(run: ImportRun, draft: Draft, target: str, label: str, before: str, after: str, said: list[str]) -> bool:
    """Whether a value is to be written by the rule of its column; says what changes, or notes what does not."""
    if not after or (before == after and target in draft.fields):
        return False
    rule = run.rules.get(target.removesuffix(OF_THE_FILE)) if target in draft.custom else rule_of(run, draft, target)
    words = {"name": label, "old": before[:LONGEST_SHOWN] or "–", "new": after[:LONGEST_SHOWN]}
    if before and (rule or ALWAYS) != ALWAYS:
        column = target.removesuffix(OF_THE_FILE) if target in draft.custom else draft.columns.get(target, label)
        draft.note(column, _("%(old)s stays, “%(new)s” is not taken over") % words)
        return False
    said.append(_("%(name)s: %(old)s → %(new)s") % words)
    return True


def _kept(value: Any) -> tuple[str, float | None, Any]:
    """A custom value as its row holds it: text, number, moment."""
    if isinstance(value, FieldValue | Written):
        return value.text, value.number, value.moment
    if isinstance(value, bool):
        return "yes" if value else "no", None, None
    return number_text(value), float(value), None


def _write_tags(drafts: Sequence[Draft], people: dict[int, int], changes: Changes) -> None:
    ids = [people[draft.line] for draft in drafts if draft.tags]
    have = set(Tag.objects.filter(contact__in=ids).values_list("contact_id", "name"))
    missing = [(d.line, people[d.line], tag) for d in drafts for tag in d.tags if (people[d.line], tag) not in have]
    Tag.objects.bulk_create([Tag(contact_id=who, name=tag) for _line, who, tag in missing], ignore_conflicts=True)
    for line, _who, tag in missing:
        changes.setdefault(line, []).append(_("tag: + %(tag)s") % {"tag": tag})


def _write_roles(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], changes: Changes) -> None:
    wanted = {(people[d.line], role): d.line for d in drafts if (role := d.role or run.role)}
    ids = {who for who, _role in wanted}
    have = set(AudienceRole.objects.filter(contact__in=ids, until=None).values_list("contact_id", "role"))
    missing = {pair: line for pair, line in wanted.items() if pair not in have}
    source = f"import: {run.file_name}"[:80]
    rows = [AudienceRole(contact_id=who, role=role, source=source) for who, role in missing]
    AudienceRole.objects.bulk_create(rows, ignore_conflicts=True)
    for (_who, role), line in missing.items():
        changes.setdefault(line, []).append(_("role: + %(role)s") % {"role": Audience(role).label})
