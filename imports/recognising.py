"""The addresses, numbers and handles of a chunk of rows: whose they are, which are used, which were used before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from contacts.models import Identity, Merged
from contacts.reaching import Chosen, addresses_in_use, use_addresses
from imports.drafts import Draft
from imports.models import ImportRun
from imports.targets import ALWAYS, NEVER, usual_rule

Kind = Identity.Kind
Key = tuple[int, str]
TARGETS = {Kind.EMAIL: "email", Kind.PHONE: "phone", Kind.EXTERNAL_ID: "external_id", Kind.HANDLE: "handle"}


def keys_of(draft: Draft) -> list[Key]:
    """The identities that a draft names, the one a new person is made by first."""
    values = (
        (Kind.EMAIL, draft.emails),
        (Kind.EXTERNAL_ID, draft.external_ids),
        (Kind.PHONE, draft.phones),
        (Kind.HANDLE, draft.handles),
    )
    return [(int(kind), value) for kind, some in values for value in some]


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
    wanted = [(d, key) for d in drafts for key in keys_of(d) if not bars or _may_add(run, d, key, is_new)]
    before = owners
    evidence = f"import: {run.file_name}"[:120]
    rows = [
        Identity(contact_id=people[d.line], kind=kind, value=value, evidence=evidence)
        for d, (kind, value) in wanted
        if (kind, value) not in before
    ]
    Identity.objects.bulk_create(rows, ignore_conflicts=True)
    after = {**before, **_holders([(row.kind, row.value) for row in rows])} if rows else before
    own: dict[int, set[Key]] = defaultdict(set)
    for draft, key in wanted:
        if after.get(key) == people[draft.line]:
            own[draft.line].add(key)
            if key not in before and draft.line not in is_new:
                changes.setdefault(draft.line, []).append(_("%(kind)s: + %(value)s") % _said(key))
        elif key in after:
            words = _("The %(kind)s %(value)s belongs to contact %(number)s: left there.")
            draft.notes.append(words % {**_said(key), "number": after[key]})
            draft.noted.add(draft.columns.get(TARGETS[Kind(key[0])], ""))
    if bars:
        _note_the_rest(drafts, people, own, is_new, after)
    _choose(run, drafts, people, own, is_new, changes)
    return own


def _may_add(run: ImportRun, draft: Draft, key: Key, is_new: set[int]) -> bool:
    return draft.line in is_new or rule_of(run, draft, TARGETS[Kind(key[0])]) != NEVER


def _said(key: Key) -> dict[str, object]:
    return {"kind": Kind(key[0]).label, "value": key[1]}


def _holders(keys: Iterable[Key]) -> dict[Key, int]:
    """Identity → who holds it today."""
    rows = Identity.objects.filter(value__in=sorted({value for _kind, value in keys}))
    found = {(kind, value): contact for kind, value, contact in rows.values_list("kind", "value", "contact_id")}
    links = dict(Merged.objects.filter(loser__in=set(found.values())).values_list("loser_id", "survivor_id"))
    return {key: links.get(contact, contact) for key, contact in found.items()}


def _note_the_rest(
    drafts: Sequence[Draft],
    people: dict[int, int],
    own: dict[int, set[Key]],
    is_new: set[int],
    held: Mapping[Key, int],
) -> None:
    """What the rule "leave as it is" kept out, and is not theirs already, is named in its row."""
    rest = [(d, key) for d in drafts if d.line not in is_new for key in keys_of(d) if key not in own[d.line]]
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
    is_new: set[int],
    changes: dict[int, list[str]],
) -> None:
    """Of each kind the first of the row is used from now on where the rule says so; the one before is former then."""
    old = [draft for draft in drafts if draft.line not in is_new]
    used = addresses_in_use([people[draft.line] for draft in old], list(TARGETS)) if old else {}
    chosen: dict[tuple[int, int], Chosen] = {}
    lines: dict[tuple[int, int], int] = {}
    for draft in old:
        person = people[draft.line]
        mine = own[draft.line]
        firsts: dict[int, list[str]] = defaultdict(list)
        for key in keys_of(draft):
            if key in mine:
                firsts[key[0]].append(key[1])
        for number, values in firsts.items():
            kind, now = Kind(number), used.get((person, number), "")
            if values[0] == now:
                continue
            target = TARGETS[kind]
            if not now or rule_of(run, draft, target) == ALWAYS:
                chosen[person, int(kind)] = Chosen(person, kind, values[0], now not in values)
                lines[person, int(kind)] = draft.line
    for person, number, before, after in use_addresses(list(chosen.values())):
        words = _("%(kind)s: %(old)s → %(new)s") % {"kind": Kind(number).label, "old": before or "–", "new": after}
        said = changes.setdefault(lines[person, number], [])
        added = _("%(kind)s: + %(value)s") % _said((number, after))
        said[:] = [one for one in said if one != added]
        said.append(words)
