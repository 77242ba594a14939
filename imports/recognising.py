"""The addresses, numbers and handles of a chunk of rows: whose they are, which are used, which were used before."""

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext as _

from contacts.history.saying import keep_changes
from contacts.loading import Key, load_identities
from contacts.models import Identity
from contacts.reaching import Chosen, addresses_in_use, use_addresses
from imports.drafts import Draft
from imports.models import ImportRun
from imports.sharing import write_shared
from imports.targets import ALWAYS, NEVER, usual_rule

Kind = Identity.Kind
EMAIL, EXTERNAL_ID = int(Kind.EMAIL), int(Kind.EXTERNAL_ID)
PHONE, HANDLE = int(Kind.PHONE), int(Kind.HANDLE)
TARGETS = {Kind.EMAIL: "email", Kind.PHONE: "phone", Kind.EXTERNAL_ID: "external_id", Kind.HANDLE: "handle"}


def keys_of(draft: Draft) -> list[Key]:
    """The identities that a draft names, the one a new person is made by first."""
    keys = [(EMAIL, value) for value in draft.emails]
    if draft.external_ids:
        keys += [(EXTERNAL_ID, value) for value in draft.external_ids]
    if draft.phones:
        keys += [(PHONE, value) for value in draft.phones]
    if draft.handles:
        keys += [(HANDLE, value) for value in draft.handles]
    return keys


def rule_of(run: ImportRun, draft: Draft, target: str) -> str:
    """What happens where there is a value already: as chosen for the column, else as usual."""
    return str(run.rules.get(draft.columns.get(target, "")) or usual_rule(target))


def write_identities(
    run: ImportRun,
    drafts: Sequence[Draft],
    people: dict[int, int],
    is_new: set[int],
    owners: Mapping[Key, int],
    changes: dict[int, list[str]],
) -> dict[int, set[Key]]:
    """The ways to recognise and reach people, by the rules of the run; line → those that are the person's.

    `owners` says who holds each of them by now. What belongs to somebody else stays there, and the row says so.
    """
    bars = NEVER in run.rules.values()
    alone = {draft.line: [key for key in keys_of(draft) if key not in draft.shared] for draft in drafts}
    first = {key: people[line] for line, keys in alone.items() if line in is_new for key in keys[:1]}
    held = {**owners, **first}
    rows = [(contact, kind, value) for (kind, value), contact in first.items()]
    own: dict[int, set[Key]] = {}
    for draft in drafts:
        person, mine = people[draft.line], own.setdefault(draft.line, set())
        mine |= draft.shared
        for key in alone[draft.line]:
            if bars and not _may_add(run, draft, key, is_new):
                continue
            if (holder := held.get(key)) is None:
                held[key] = person
                rows.append((person, *key))
                if draft.line not in is_new:
                    changes.setdefault(draft.line, []).append(_("%(kind)s: + %(value)s") % _said(key))
            elif holder != person:
                _note_other(draft, key, holder)
                continue
            mine.add(key)
    _add(rows, {people[draft.line] for draft in drafts if draft.line not in is_new}, run)
    old = [draft for draft in drafts if draft.line not in is_new]
    write_shared(run, drafts, people)
    if bars:
        _note_the_rest(old, people, own, held)
    _choose(run, old, people, own, changes)
    return own


def _add(rows: Sequence[tuple[int, int, str]], known: set[int], run: ImportRun) -> None:
    """Write them down; of who was known and gets a first number the history tells it."""
    numbered = {contact for contact, kind, _value in rows if kind == PHONE and contact in known}
    without = numbered - _with_number(numbered).keys()
    load_identities(rows, evidence=run.source)
    keep_changes([(person, "phone", "", value) for person, value in sorted(_with_number(without).items())])


def _with_number(contact_ids: Collection[int]) -> dict[int, str]:
    """The number in use of those who have one."""
    found = addresses_in_use(sorted(contact_ids), [PHONE]) if contact_ids else {}
    return {contact: value for (contact, _kind), value in found.items()}


def _note_other(draft: Draft, key: Key, holder: int) -> None:
    words = _("The %(kind)s %(value)s belongs to contact %(number)s: left there.")
    draft.notes.append(words % {**_said(key), "number": holder})
    draft.noted.add(draft.columns.get(TARGETS[Kind(key[0])], ""))


def _may_add(run: ImportRun, draft: Draft, key: Key, is_new: set[int]) -> bool:
    return draft.line in is_new or rule_of(run, draft, TARGETS[Kind(key[0])]) != NEVER


def _said(key: Key) -> dict[str, object]:
    return {"kind": Kind(key[0]).label, "value": key[1]}


def _note_the_rest(
    drafts: Sequence[Draft], people: dict[int, int], own: dict[int, set[Key]], held: Mapping[Key, int]
) -> None:
    """What the rule "leave as it is" kept out, and is not theirs already, is named in its row."""
    rest = [(draft, key) for draft in drafts for key in keys_of(draft) if key not in own[draft.line]]
    for draft, key in rest:
        if held.get(key) == people[draft.line]:
            own[draft.line].add(key)
        elif key not in held:
            column = draft.columns.get(TARGETS[Kind(key[0])], "")
            draft.note(column or str(Kind(key[0]).label), _("%(value)s is not taken over") % {"value": key[1]})


def _choose(
    run: ImportRun,
    drafts: Sequence[Draft],
    people: dict[int, int],
    own: dict[int, set[Key]],
    changes: dict[int, list[str]],
) -> None:
    """Of each kind the first of the row is used from now on where the rule says so; the one before is former then."""
    kinds = sorted({kind for draft in drafts for kind, _value in own[draft.line]})
    used = addresses_in_use([people[draft.line] for draft in drafts], kinds) if kinds else {}
    chosen: dict[tuple[int, int], Chosen] = {}
    lines: dict[tuple[int, int], int] = {}
    for draft in drafts:
        person, mine = people[draft.line], own[draft.line]
        firsts: dict[int, str] = {}
        for key in keys_of(draft):
            if key in mine:
                firsts.setdefault(*key)
        for kind, value in firsts.items():
            before = used.get((person, kind), "")
            if value == before:
                continue
            if not before or rule_of(run, draft, TARGETS[Kind(kind)]) == ALWAYS:
                chosen[person, kind] = Chosen(person, kind, value, (kind, before) not in mine)
                lines[person, kind] = draft.line
    _use(list(chosen.values()), lines, changes)


def _use(chosen: Sequence[Chosen], lines: Mapping[tuple[int, int], int], changes: dict[int, list[str]]) -> None:
    """Use these addresses, and say so on the lines of (contact, kind) in the place of "added"."""
    for person, number, before, after in use_addresses(chosen):
        words = _("%(kind)s: %(old)s → %(new)s") % {"kind": Kind(number).label, "old": before or "–", "new": after}
        said = changes.setdefault(lines[person, number], [])
        added = _("%(kind)s: + %(value)s") % _said((number, after))
        said[:] = [one for one in said if one != added]
        said.append(words)
